//! Whatever is told, read and resumed in whatever order, and whatever leaves the list meanwhile: the
//! history has each event once, by number, and what was marked is read for good. The stream may lag, and
//! the database be away: then a page says what it lacks, and has all else.

use std::collections::BTreeSet;

use domain::Notification;
use domain::ports::KeepHistory;
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
    /// One leaves the list, as after its time.
    Leave(u64),
    /// The stream brings so many of what it has, one of them twice, not in order.
    Bring(usize),
    /// The database goes away, or comes back.
    Away(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1..20_u64).prop_map(Step::Tell),
        2 => proptest::collection::vec(1..22_u64, 1..4).prop_map(Step::Mark),
        1 => (1..12_u64).prop_map(Step::MarkUpTo),
        4 => (1..4_u8).prop_map(Step::Resume),
        3 => (1..12_u64).prop_map(Step::Leave),
        2 => (0..20_usize).prop_map(Step::Bring),
        2 => any::<bool>().prop_map(Step::Away),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What must be so: events in the order in which they were first told, and what was marked.
#[derive(Default)]
struct Model {
    told: Vec<u64>,
    read: BTreeSet<u64>,
    /// What is in the list no more.
    left: BTreeSet<u64>,
    /// What the stream has not brought yet: notifications as they were after each change.
    stream: Vec<Notification>,
    away: bool,
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

    /// What was marked before it left the list, by a mark that the stream has still to bring.
    fn on_its_way(&self) -> BTreeSet<u64> {
        let marked = self.stream.iter().filter(|it| it.read);
        let marked: BTreeSet<u64> = marked.map(|it| it.number).collect();
        marked.intersection(&self.left).copied().collect()
    }

    /// Whether all of these can be marked now: those that are read with all up to a later one need
    /// nothing.
    fn can_mark(&self, numbers: &[u64], read_up_to: u64) -> bool {
        let in_history = |it: &&u64| self.left.contains(it) && **it > read_up_to;
        !self.away || !numbers.iter().any(|it| in_history(&it))
    }
}

/// What a reader has who comes back again and again. Who is told that something is missing just now
/// asks again from where they were.
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
        if page.get("missing").is_none() {
            let numbers = all(&page, "number");
            self.seen.extend(numbers.iter().filter_map(Value::as_u64));
            self.after = page["resume_cursor"].as_str().map(str::to_owned);
        }
    }
}

/// Alice's world with a history, and what it must be.
struct Trial {
    world: World,
    history: FakeHistory,
    model: Model,
    device: Device,
}

impl Trial {
    fn new() -> Self {
        let history = FakeHistory::default();
        Self {
            world: World::beside(Some(history.clone()), 0),
            history,
            model: Model::default(),
            device: Device::default(),
        }
    }

    /// What the list has of these, as the stream carries it.
    fn changed(&mut self, numbers: &[u64]) {
        let (tenant, alice) = &self.world.alice;
        let now = self.world.lists.told_to(tenant, alice).into_iter();
        let changed = now.filter(|it| numbers.contains(&it.number));
        self.model.stream.extend(changed);
    }

    async fn bring(&mut self, count: usize) {
        if self.model.away {
            return;
        }
        let (tenant, alice) = &self.world.alice;
        for round in 0..count {
            let Some(place) = (round * 7).checked_rem(self.model.stream.len()) else {
                return;
            };
            let told = match round {
                0 => self.model.stream[place].clone(),
                _ => self.model.stream.swap_remove(place),
            };
            let kept = self.history.remember((tenant, alice), &told).await;
            kept.unwrap();
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Tell(event) => {
                self.world.tell(a_notice(event)).await;
                if !self.model.told.contains(&event) {
                    self.model.told.push(event);
                    self.changed(&[self.model.last()]);
                }
            }
            Step::Mark(numbers) => self.mark(numbers).await,
            Step::MarkUpTo(number) => {
                let wanted = if number <= self.model.last() {
                    204
                } else {
                    422
                };
                let marked = self.world.mark(json!({ "up_to": number })).await;
                assert_eq!(marked, wanted);
                if wanted == 204 {
                    self.model.mark(1..=number);
                }
            }
            Step::Resume(limit) => self.device.resume(&self.world, limit).await,
            Step::Leave(number) => {
                let (tenant, alice) = &self.world.alice;
                self.world.lists.expire((tenant, alice), number);
                let told = (1..=self.model.last()).contains(&number);
                self.model.left.extend(told.then_some(number));
            }
            Step::Bring(count) => self.bring(count).await,
            Step::Away(away) => {
                self.history.set_away(away);
                self.model.away = away;
            }
        }
        self.shows_what_is_there(100).await;
    }

    /// Refused only where a mark can be kept nowhere; what the list has is marked all the same.
    async fn mark(&mut self, numbers: Vec<u64>) {
        let page = self.world.get("").await;
        let read_up_to = page["read_up_to"].as_u64().unwrap();
        let possible = self.model.can_mark(&numbers, read_up_to);
        let marked = self.world.mark(json!({ "numbers": numbers })).await;
        assert_eq!(marked, if possible { 204 } else { 503 });
        self.changed(&numbers);
        let mut kept = numbers;
        kept.retain(|it| possible || !self.model.left.contains(it));
        self.model.mark(kept);
    }

    /// All that is anywhere to be had now, by number, newest first, with what of it was read; and a page
    /// says when there is more.
    async fn shows_what_is_there(&self, limit: u8) {
        let (tenant, alice) = &self.world.alice;
        let kept = match self.model.away {
            true => Vec::new(),
            false => self.history.numbers_of((tenant, alice)),
        };
        let is_there = |it: &u64| !self.model.left.contains(it) || kept.contains(it);
        let numbers = (1..=self.model.last()).rev();
        let mut wanted: Vec<_> = numbers
            .filter(is_there)
            .map(|number| {
                let event = self.model.told[usize::try_from(number).unwrap() - 1];
                let read = self.model.read.contains(&number);
                (number, a_notice(event).id, read)
            })
            .collect();
        let (mut shown, missing) = history(&self.world, limit).await;
        let on_its_way = self.model.on_its_way();
        for (number, _, read) in shown.iter_mut().chain(&mut wanted) {
            *read &= !on_its_way.contains(number);
        }
        assert_eq!(shown, wanted);
        let lacking = wanted.len() < self.model.told.len();
        let reason = match self.model.away {
            true => "unavailable",
            false => "gone",
        };
        let reason = lacking.then(|| reason.to_owned());
        assert_eq!(missing, Vec::from_iter(reason));
    }
}

/// The whole history, newest first, and which of it was read; and why some of it is missing.
async fn history(world: &World, limit: u8) -> (Vec<(u64, String, bool)>, Vec<String>) {
    let (mut found, mut missing, mut more) = (Vec::new(), BTreeSet::new(), String::new());
    loop {
        let page = world.get(&format!("limit={limit}{more}")).await;
        for it in page["notifications"].as_array().unwrap() {
            let id = it["id"].as_str().unwrap().to_owned();
            let number = it["number"].as_u64().unwrap();
            found.push((number, id, it["read"].as_bool().unwrap()));
        }
        missing.extend(page["missing"].as_str().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => return (found, missing.into_iter().collect()),
        }
    }
}

async fn holds(steps: Vec<Step>, limit: u8) {
    let mut trial = Trial::new();
    for step in steps {
        trial.take(step).await;
    }
    // In the end the database is back, and the stream has brought everything.
    trial.take(Step::Away(false)).await;
    trial.bring(usize::MAX).await;
    assert!(trial.model.stream.is_empty());
    trial.shows_what_is_there(limit).await;
    let last = trial.model.last();
    while trial.device.seen.len() < trial.model.told.len() {
        let before = trial.device.seen.len();
        trial.device.resume(&trial.world, limit).await;
        assert!(trial.device.seen.len() > before, "nothing came");
    }
    let all: Vec<u64> = (1..=last).collect();
    assert_eq!(trial.device.seen, all, "each once, in order");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_event_is_in_the_history_once_and_what_was_read_stays_read(
        steps in steps(),
        limit in 1..5_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(holds(steps, limit));
    }
}
