//! Three services, one of them down for a week, and ten thousand changes.

use domain::ports::KeepAccounts;
use domain::{CustomerId, Sequence};
use jiff::SignedDuration;
use proptest::prelude::*;
use testkit::FakeClock;
use testkit::build::an_account;
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeCopies, FakeDestination, Mood};

use crate::tests::name;
use crate::{Destination, catch_up, tell, want};

const CHANGES: usize = 10_000;
const PEOPLE: usize = 1_500;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

type Crm = Destination<FakeBreakers, FakeDestination>;

struct Shop {
    accounts: FakeAccounts,
    copies: FakeCopies,
    time: FakeClock,
    destinations: Vec<(Crm, FakeDestination)>,
}

impl Shop {
    fn new() -> Self {
        let breakers = FakeBreakers::default();
        let destination = |text: &&str| {
            let service = FakeDestination::default();
            let destination = Destination::new(name(text), 600, breakers.clone(), service.clone());
            (destination, service)
        };
        Self {
            accounts: FakeAccounts::default(),
            copies: FakeCopies::default(),
            time: FakeClock::default(),
            destinations: ["crm", "newsletter", "support"]
                .iter()
                .map(destination)
                .collect(),
        }
    }

    /// What the consumer does with the event of a change, which may come late, and twice.
    async fn hear(&self, owner: &CustomerId, version: Sequence) {
        for (destination, _) in &self.destinations {
            let now = self.time.now();
            let behind = want(&self.copies, destination.name(), owner, version, now).await;
            if behind.unwrap() {
                let told = tell(&self.copies, &self.accounts, destination, owner, &self.time);
                told.await.unwrap();
            }
        }
    }

    async fn change(&self, owner: &CustomerId) -> Sequence {
        let mut account = self.accounts.account(owner).await.unwrap().unwrap();
        let mut profile = account.profile.clone();
        profile.name = format!("{owner} {}", account.sequence());
        account.update(profile, self.time.now());
        self.accounts
            .save_account(account)
            .await
            .unwrap()
            .sequence()
    }

    /// What happens every minute.
    async fn minute(&self) {
        self.time.advance(SignedDuration::from_mins(1));
        for (destination, _) in &self.destinations {
            let until = self.time.now() + SignedDuration::from_secs(45);
            let run = catch_up(&self.copies, &self.accounts, destination, &self.time, until);
            run.await.unwrap();
        }
    }

    async fn newest(&self, owner: &CustomerId) -> Sequence {
        let account = self.accounts.account(owner).await.unwrap();
        account.unwrap().sequence()
    }
}

/// Changes over a week: whose, how long after the one before, whether its event is told twice, and
/// whether it comes only after the next one.
fn changes() -> impl Strategy<Value = Vec<(usize, bool, bool)>> {
    prop::collection::vec((0..PEOPLE, any::<bool>(), any::<bool>()), CHANGES)
}

async fn a_week(shop: &Shop, people: &[CustomerId], changes: &[(usize, bool, bool)]) {
    let minutes = usize::try_from(WEEK.as_secs() / 60).unwrap();
    let per_minute = CHANGES.div_ceil(minutes);
    let mut late = None;
    let mut changes = changes.iter();
    for _ in 0..minutes {
        for (whose, twice, waits) in changes.by_ref().take(per_minute) {
            let owner = &people[*whose];
            let version = shop.change(owner).await;
            let before = late.take();
            match waits {
                true => late = Some((owner.clone(), version)),
                false => shop.hear(owner, version).await,
            }
            if let Some((owner, version)) = before {
                shop.hear(&owner, version).await;
            }
            if *twice {
                shop.hear(owner, version).await;
            }
        }
        shop.minute().await;
    }
    if let Some((owner, version)) = late {
        shop.hear(&owner, version).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_service_that_was_down_for_a_week_ends_with_the_newest_of_every_profile(
        changes in changes(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let shop = Shop::new();
            let mut people = Vec::new();
            for number in 0..PEOPLE {
                let account = an_account(&format!("user{number}"));
                people.push(shop.accounts.register(account).await.unwrap().id);
            }
            let crm = &shop.destinations[0].1;
            crm.feel(Mood::Down);
            a_week(&shop, &people, &changes).await;
            let asked = crm.asked();
            crm.feel(Mood::Well);
            // A pause of ten minutes, two probes, and then 600 a minute.
            for _ in 0..20 {
                shop.minute().await;
            }
            // I13.
            assert!(asked <= 1_100, "{asked} calls in a week that it was down");
            for owner in &people {
                let newest = shop.newest(owner).await;
                for (destination, service) in &shop.destinations {
                    let took = service.took(owner);
                    let changed = newest > Sequence(1);
                    let name = destination.name();
                    assert_eq!(took.last().copied(), changed.then_some(newest), "{name}");
                    assert!(took.is_sorted(), "{name} went back");
                }
            }
            assert!(shop.copies.all().iter().all(domain::ProfileCopy::is_in_sync));
        });
    }
}
