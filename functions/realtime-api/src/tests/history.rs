//! Whatever is told, read and resumed in whatever order: the history has each event once, by number,
//! and what was marked is read for good.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// An event is told, by its number; often one that was told before.
    Tell(u64),
    /// Single ones are marked.
    Mark(Vec<u64>),
    /// All up to one are marked.
    MarkUpTo(u64),
    /// Who was away comes back.
    Resume(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1..20_u64).prop_map(Step::Tell),
        1 => proptest::collection::vec(1..22_u64, 1..4).prop_map(Step::Mark),
        1 => (1..12_u64).prop_map(Step::MarkUpTo),
        2 => (1..4_u8).prop_map(Step::Resume),
    ];
    proptest::collection::vec(step, 1..40)
}

/// What must be so: events in the order in which they were first told, and what was marked.
#[derive(Default)]
struct Model {
    told: Vec<u64>,
    read: BTreeSet<u64>,
}

impl Model {
    fn last(&self) -> u64 {
        self.told.len() as u64
    }

    fn mark(&mut self, numbers: impl IntoIterator<Item = u64>) {
        let last = self.last();
        let there = numbers.into_iter().filter(|it| (1..=last).contains(it));
        self.read.extend(there);
    }
}

/// What a reader has who comes back again and again.
#[derive(Default)]
struct Device {
    after: Option<String>,
    seen: Vec<u64>,
}

impl Device {
    async fn resume(&mut self, world: &World, limit: u8) {
        let query = match &self.after {
            Some(after) => format!("limit={limit}&after={after}"),
            None => {
                let start = cursors().make(&["notifications", "main", "alice"], "0");
                format!("limit={limit}&after={start}")
            }
        };
        let page = world.get(&query).await;
        let numbers = all(&page, "number");
        self.seen.extend(numbers.iter().filter_map(Value::as_u64));
        self.after = page["resume_cursor"].as_str().map(str::to_owned);
    }
}

async fn take(world: &World, model: &mut Model, device: &mut Device, step: Step) {
    match step {
        Step::Tell(event) => {
            world.tell(a_notice(event)).await;
            if !model.told.contains(&event) {
                model.told.push(event);
            }
        }
        Step::Mark(numbers) => {
            assert_eq!(world.mark(json!({ "numbers": numbers })).await, 204);
            model.mark(numbers);
        }
        Step::MarkUpTo(number) => {
            let wanted = if number <= model.last() { 204 } else { 422 };
            assert_eq!(world.mark(json!({ "up_to": number })).await, wanted);
            if wanted == 204 {
                model.mark(1..=number);
            }
        }
        Step::Resume(limit) => device.resume(world, limit).await,
    }
}

/// The whole history, newest first, and which of it was read.
async fn history(world: &World, limit: u8) -> Vec<(u64, String, bool)> {
    let (mut found, mut more) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("limit={limit}{more}")).await;
        for it in page["notifications"].as_array().unwrap() {
            let id = it["id"].as_str().unwrap().to_owned();
            let number = it["number"].as_u64().unwrap();
            found.push((number, id, it["read"].as_bool().unwrap()));
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => return found,
        }
    }
}

async fn holds(steps: Vec<Step>, limit: u8) {
    let (world, mut model) = (World::new(), Model::default());
    let mut device = Device::default();
    for step in steps {
        take(&world, &mut model, &mut device, step).await;
    }
    let wanted = (1..).zip(&model.told).map(|(number, event)| {
        let read = model.read.contains(&number);
        (number, a_notice(*event).id, read)
    });
    let mut wanted: Vec<_> = wanted.collect();
    wanted.reverse();
    assert_eq!(history(&world, limit).await, wanted);
    while device.seen.len() < model.told.len() {
        let before = device.seen.len();
        device.resume(&world, limit).await;
        assert!(device.seen.len() > before, "nothing came");
    }
    let all: Vec<u64> = (1..=model.last()).collect();
    assert_eq!(device.seen, all, "each once, in order");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_event_is_in_the_history_once_and_what_was_read_stays_read(
        steps in steps(),
        limit in 1..5_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(holds(steps, limit));
    }
}
