//! Rows in the binary form of `COPY`, read.

use std::collections::{BTreeMap, HashMap};

use domain::ports::StoreError;
use domain::{EventsByTenant, MetricEvent, MetricType, Plan, ProcessingTime, TenantId};
use jiff::Timestamp;

use crate::answer::broken;
use crate::events::{END, EPOCH, HEADER, JSONB, NULL, TenantNumber};

/// A tenant, and what it paid for.
#[derive(Clone, Debug)]
pub(super) struct TenantPlan {
    pub(super) tenant: TenantId,
    pub(super) plan: Plan,
}

/// Rows that were copied out.
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    plans: &'a HashMap<TenantNumber, TenantPlan>,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(bytes: &'a [u8], plans: &'a HashMap<TenantNumber, TenantPlan>) -> Self {
        Self { bytes, plans }
    }

    /// All of them.
    pub(super) fn collect(mut self) -> Result<BTreeMap<Plan, EventsByTenant>, StoreError> {
        if self.take(HEADER.len())? != HEADER {
            return Err(broken("rows in a form that is not known"));
        }
        let mut of_tenants: HashMap<TenantNumber, Vec<MetricEvent>> = HashMap::new();
        while i16::from_be_bytes(self.fixed()?) != END {
            let at = i64::from_be_bytes(self.number()?) + EPOCH;
            let micros = i64::from_be_bytes(self.number()?);
            let tenant = i32::from_be_bytes(self.number()?);
            let event_type = self.text()?.ok_or_else(|| broken("an event of no type"))?;
            let payload = self.payload()?;
            of_tenants.entry(tenant).or_default().push(MetricEvent {
                event_type: MetricType::parse(event_type).map_err(broken)?,
                at: Timestamp::from_microsecond(at).map_err(broken)?,
                took: ProcessingTime::from_micros(micros).map_err(broken)?,
                payload,
            });
        }
        let mut all: BTreeMap<Plan, EventsByTenant> = BTreeMap::new();
        for (number, events) in of_tenants {
            let known = self.plans.get(&number);
            let TenantPlan { tenant, plan } =
                known.ok_or_else(|| broken("rows of a tenant that nobody knows"))?;
            all.entry(*plan).or_default().insert(tenant.clone(), events);
        }
        Ok(all)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], StoreError> {
        let cut = self.bytes.split_at_checked(length);
        let (taken, rest) = cut.ok_or_else(|| broken("rows that end too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn fixed<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], StoreError> {
        self.take(LENGTH)?.try_into().map_err(broken)
    }

    /// A value behind its length; nothing where it is null.
    fn value(&mut self) -> Result<Option<&'a [u8]>, StoreError> {
        match i32::from_be_bytes(self.fixed()?) {
            NULL => Ok(None),
            length => self
                .take(usize::try_from(length).map_err(broken)?)
                .map(Some),
        }
    }

    fn number<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], StoreError> {
        let value = self.value()?.ok_or_else(|| broken("a number is missing"))?;
        value.try_into().map_err(broken)
    }

    fn text(&mut self) -> Result<Option<&'a str>, StoreError> {
        let text = self.value()?.map(str::from_utf8);
        text.transpose().map_err(broken)
    }

    fn payload(&mut self) -> Result<Option<String>, StoreError> {
        let Some(value) = self.value()? else {
            return Ok(None);
        };
        match value.split_first() {
            Some((&JSONB, text)) => String::from_utf8(text.to_vec()).map(Some).map_err(broken),
            _ => Err(broken("a payload in a form that is not known")),
        }
    }
}
