//! `push-slices`, told what a group of all sockets is told. Its slices are worked on by some instances
//! beside each other, as its queue has it.

use contracts::sockets::SliceBody;
use domain::ports::KeepSockets;
use domain::{GroupId, TenantId, Topic};
use dynamo_store::RealtimeTable;
use futures::future::try_join_all;
use serde_json::json;
use uuid::Uuid;

use super::broadcast::{Speak, message};
use super::function::{socket, with_stage};
use super::talker::unexpected;
use crate::BenchError;
use crate::instance::Instance;
use crate::journey::{aws, queue_event};
use crate::place::{Place, Surroundings};

/// Instances that work at one time: two cores have no more to give.
const INSTANCES: usize = 4;

/// The running instances.
pub(super) struct PushSlices {
    instances: Vec<Instance>,
    table: RealtimeTable,
    group: (TenantId, GroupId),
    /// Its tables.
    _around: Surroundings,
}

impl PushSlices {
    /// With a place in the rows of one group for each of these sockets of a stage.
    pub(super) async fn start(
        place: &Place,
        (stage, ids): (&str, &[String]),
    ) -> Result<Self, BenchError> {
        let around = place.surroundings().await?;
        let table = RealtimeTable::connect(&aws(&around), "Realtime");
        let tenant = TenantId::parse("main").map_err(unexpected)?;
        let group = (tenant, GroupId(Uuid::from_u128(1)));
        for id in ids {
            if !table.join(&topic(&group), &socket(id)?).await? {
                return Err(unexpected("the group has no room"));
            }
        }
        let program = with_stage(place.function("push-slices", &around), stage);
        let mut instances = Vec::new();
        for _ in 0..INSTANCES {
            instances.push(Instance::start(&program).await?);
        }
        Ok(Self {
            instances,
            table,
            group,
            _around: around,
        })
    }

    /// How many sockets are in the rows.
    pub(super) async fn known(&self) -> Result<usize, BenchError> {
        Ok(self.table.sockets_of(&topic(&self.group)).await?.len())
    }
}

impl Speak for PushSlices {
    async fn speak(&mut self, number: u64, _sockets: usize) -> Result<(), BenchError> {
        let (tenant, group) = &self.group;
        let slices = SliceBody::all_of((tenant, *group), message(number).trim());
        let share = slices.len().div_ceil(self.instances.len());
        let work = self.instances.iter_mut().zip(slices.chunks(share));
        let work = work.map(|(instance, slices)| take(instance, slices));
        try_join_all(work).await.map(drop)
    }
}

async fn take(instance: &mut Instance, slices: &[SliceBody]) -> Result<(), BenchError> {
    for slice in slices {
        let id = Uuid::from_u128(slice.slice.into());
        let event = queue_event(&json!(slice).to_string(), &slice.group, id);
        let (answer, _) = instance.invoke(&event).await?;
        if answer["batchItemFailures"] != json!([]) {
            return Err(unexpected(format!("push-slices answered {answer}")));
        }
    }
    Ok(())
}

fn topic((tenant, group): &(TenantId, GroupId)) -> Topic {
    Topic::Group(tenant.clone(), *group)
}
