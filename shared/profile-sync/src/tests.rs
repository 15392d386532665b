//! One service: what it is told, when, and what keeps it from being told.

use domain::ports::{KeepAccounts, KeepCopies};
use domain::{Account, CustomerId, DestinationName};
use jiff::SignedDuration;
use testkit::FakeClock;
use testkit::build::an_account;
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeCopies, FakeDestination, Mood};

use crate::{CaughtUp, Destination, Destinations, Outcome, catch_up, tell, want};

/// One service that is called `crm`.
pub(crate) struct World {
    pub(crate) accounts: FakeAccounts,
    pub(crate) copies: FakeCopies,
    pub(crate) breakers: FakeBreakers,
    pub(crate) service: FakeDestination,
    pub(crate) crm: Destination<FakeBreakers, FakeDestination>,
    pub(crate) time: FakeClock,
}

pub(crate) fn name(text: &str) -> DestinationName {
    DestinationName::parse(text).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let (breakers, service) = (FakeBreakers::default(), FakeDestination::default());
        let crm = Destination::new(name("crm"), 100, breakers.clone(), service.clone());
        Self {
            accounts: FakeAccounts::default(),
            copies: FakeCopies::default(),
            breakers,
            service,
            crm,
            time: FakeClock::default(),
        }
    }

    async fn registered(&self, id: &str) -> Account {
        self.accounts.register(an_account(id)).await.unwrap()
    }

    /// The profile changes; nobody is told yet.
    async fn changed(&self, id: &CustomerId) -> Account {
        let mut account = self.accounts.account(id).await.unwrap().unwrap();
        let mut profile = account.profile.clone();
        profile.name = format!("{}!", profile.name);
        account.update(profile, self.time.now());
        self.accounts.save_account(account).await.unwrap()
    }

    async fn wanted(&self, account: &Account) -> bool {
        let (owner, version) = (&account.id, account.sequence());
        let now = self.time.now();
        want(&self.copies, &name("crm"), owner, version, now)
            .await
            .unwrap()
    }

    async fn told(&self, owner: &CustomerId) -> Outcome {
        tell(&self.copies, &self.accounts, &self.crm, owner, &self.time)
            .await
            .unwrap()
    }

    pub(crate) async fn catch_up(&self) -> CaughtUp {
        let until = self.time.now() + SignedDuration::from_secs(45);
        catch_up(&self.copies, &self.accounts, &self.crm, &self.time, until)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn a_service_is_told_of_a_change_once() {
    let world = World::new();
    let account = world.registered("ada").await;
    assert!(world.wanted(&account).await);
    assert_eq!(world.told(&account.id).await, Outcome::Told);
    assert!(!world.wanted(&account).await, "it was told already");
    assert_eq!(world.service.took(&account.id), [account.sequence()]);
    world.time.advance(SignedDuration::from_mins(10));
    assert_eq!(world.catch_up().await, CaughtUp::default());
}

#[tokio::test]
async fn the_newest_version_goes_out_whichever_was_wanted() {
    let world = World::new();
    let account = world.registered("ada").await;
    world.wanted(&account).await;
    let newer = world.changed(&account.id).await;
    assert_eq!(world.told(&account.id).await, Outcome::Told);
    assert!(!world.wanted(&newer).await, "it has it");
    assert_eq!(world.service.took(&account.id), [newer.sequence()]);
}

#[tokio::test]
async fn a_change_that_nobody_came_to_is_caught_up_with_after_a_minute() {
    let world = World::new();
    let account = world.registered("ada").await;
    world.wanted(&account).await;
    assert_eq!(world.catch_up().await.told, 0);
    world.time.advance(SignedDuration::from_secs(61));
    assert_eq!(world.catch_up().await.told, 1);
    assert!(world.copies.all()[0].is_in_sync());
}

#[tokio::test]
async fn a_service_that_is_down_is_told_when_it_is_back() {
    let world = World::new();
    let account = world.registered("ada").await;
    world.service.feel(Mood::Down);
    world.wanted(&account).await;
    assert_eq!(world.told(&account.id).await, Outcome::Failed);
    world.service.feel(Mood::Well);
    assert_eq!(world.catch_up().await.told, 0, "not before its time");
    world.time.advance(SignedDuration::from_secs(31));
    assert_eq!(world.catch_up().await.told, 1);
}

#[tokio::test]
async fn what_was_taken_without_a_word_is_sent_again_and_changes_nothing() {
    let world = World::new();
    let account = world.registered("ada").await;
    world.service.feel(Mood::Mute);
    world.wanted(&account).await;
    assert_eq!(world.told(&account.id).await, Outcome::Failed);
    world.service.feel(Mood::Well);
    assert_eq!(world.told(&account.id).await, Outcome::Told);
    assert_eq!(world.service.took(&account.id), [account.sequence()]);
}

#[tokio::test]
async fn a_refusal_is_kept_with_its_reason_and_stops_no_other() {
    let world = World::new();
    let (ada, bob) = (world.registered("ada").await, world.registered("bob").await);
    world.service.feel(Mood::Refusing);
    world.wanted(&ada).await;
    assert_eq!(world.told(&ada.id).await, Outcome::Failed);
    let row = world.copies.copy_of(&name("crm"), &ada.id).await.unwrap();
    assert_eq!(row.refusal.as_deref(), Some("its mood"));
    world.service.feel(Mood::Well);
    world.wanted(&bob).await;
    assert_eq!(world.told(&bob.id).await, Outcome::Told);
    assert_eq!(world.breakers.row("profiles-crm").open_since(), None);
}

#[tokio::test]
async fn who_is_erased_is_told_as_such_to_all_that_have_a_copy() {
    let world = World::new();
    let account = world.registered("ada").await;
    world.wanted(&account).await;
    world.told(&account.id).await;
    let mut erased = account.clone();
    let freed = erased.erase(world.time.now()).unwrap();
    let erased = world.accounts.save_erased(erased, &freed).await.unwrap();
    assert!(world.wanted(&erased).await);
    assert_eq!(world.told(&erased.id).await, Outcome::Told);
    let both = [account.sequence(), erased.sequence()];
    assert_eq!(world.service.took(&erased.id), both);
}

#[tokio::test]
async fn a_service_in_trouble_is_not_called_and_its_rows_wait_as_they_are() {
    let world = World::new();
    world.service.feel(Mood::Down);
    let mut owners = Vec::new();
    for number in 0..20 {
        let account = world.registered(&format!("user{number}")).await;
        world.wanted(&account).await;
        owners.push(account.id);
    }
    for owner in &owners {
        world.told(owner).await;
    }
    assert_eq!(world.service.asked(), 5, "the breaker opened");
    let rows = world.copies.all();
    assert_eq!(rows.iter().filter(|row| row.failed == 0).count(), 15);
    assert_eq!(world.catch_up().await, CaughtUp::default());
}

#[tokio::test]
async fn a_store_that_is_away_loses_no_row() {
    let world = World::new();
    let account = world.registered("ada").await;
    world.wanted(&account).await;
    world.copies.fail(true);
    tell(
        &world.copies,
        &world.accounts,
        &world.crm,
        &account.id,
        &world.time,
    )
    .await
    .unwrap_err();
    world.copies.fail(false);
    world.time.advance(SignedDuration::from_secs(61));
    assert_eq!(world.catch_up().await.told, 1);
}

#[tokio::test]
async fn a_run_begins_nothing_after_its_time() {
    let world = World::new();
    for number in 0..20 {
        let account = world.registered(&format!("user{number}")).await;
        world.wanted(&account).await;
    }
    world.time.advance(SignedDuration::from_mins(5));
    let now = world.time.now();
    let run = catch_up(&world.copies, &world.accounts, &world.crm, &world.time, now).await;
    let waiting = CaughtUp {
        waiting: 20,
        ..CaughtUp::default()
    };
    assert_eq!(run.unwrap(), waiting);
}

#[test]
fn the_list_of_services_is_read_and_what_is_no_list_is_refused() {
    let crm = r#"{"name":"crm","url":"https://crm.example.org","key":"secret"}"#;
    let read = |text: &str| text.parse::<Destinations>();
    let one = read(&format!("[{crm}]")).unwrap().0;
    assert_eq!(
        (one[0].name.as_str(), one[0].per_minute.get()),
        ("crm", 600)
    );
    assert!(read("[]").unwrap().0.is_empty());
    let twice = read(&format!("[{crm},{crm}]")).unwrap_err().to_string();
    assert_eq!(twice, "two destinations are called crm");
    let told = read(&format!("[{crm},")).unwrap_err().to_string();
    assert!(!told.contains("secret"), "{told}");
    read(&format!("[{}]", crm.replace('}', r#","per_minute":0}"#))).unwrap_err();
    for text in ["", "{}", r#"[{"name":"a b","url":"u","key":"k"}]"#] {
        read(text).unwrap_err();
    }
}
