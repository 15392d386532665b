//! What is made, how often, and what is told when the shared place fails.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::ports::Cause;
use futures::future::join_all;
use testkit::build::tenant;
use testkit::fakes::FakeAnswers;

use super::*;

/// Makes answers, and counts them.
#[derive(Default)]
struct Maker(AtomicU32);

impl Maker {
    /// The how-many-th it is; it takes a while.
    async fn make(&self) -> Result<u32, StoreError> {
        sleep_until(Instant::now() + Duration::from_millis(30)).await;
        Ok(self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn made(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

fn question(what: &str, version: u64) -> Question<'static> {
    static SHOP: std::sync::LazyLock<TenantId> = std::sync::LazyLock::new(tenant);
    Question {
        tenant: &SHOP,
        what: what.to_owned(),
        version: version.to_string(),
    }
}

#[tokio::test]
async fn an_answer_is_made_once_and_anew_when_there_is_more() {
    let answers = Answers::<FakeAnswers>::new(None);
    let maker = Maker::default();
    let asked = [("a", 1), ("a", 1), ("b", 1), ("a", 2), ("a", 1)];
    let mut told = Vec::new();
    for (what, version) in asked {
        told.push(
            answers
                .of(&question(what, version), maker.make())
                .await
                .unwrap(),
        );
    }
    assert_eq!(told, [1, 1, 2, 3, 1]);
}

#[tokio::test]
async fn no_tenant_is_told_the_answer_of_another() {
    let shared = FakeAnswers::default();
    let maker = Maker::default();
    let tenants = ["a", "b", "1:b", "b:1"].map(|name| TenantId::parse(name).unwrap());
    let answers = Answers::new(Some(shared.clone()));
    for (number, tenant) in (1..).zip(&tenants) {
        let question = Question {
            tenant,
            what: "x".to_owned(),
            version: "1".to_owned(),
        };
        assert_eq!(answers.of(&question, maker.make()).await, Ok(number));
    }
}

#[tokio::test]
async fn who_asks_while_an_answer_is_made_waits_for_it() {
    let answers = Answers::<FakeAnswers>::new(None);
    let maker = Maker::default();
    let asked = (0..50).map(async |_| answers.of(&question("a", 1), maker.make()).await);
    let told = join_all(asked).await;
    assert!(told.into_iter().all(|told| told == Ok(1)));
    assert_eq!(maker.made(), 1);
}

#[tokio::test]
async fn processes_share_answers_and_the_making_of_them() {
    let shared = FakeAnswers::default();
    let maker = Maker::default();
    let processes: Vec<_> = (0..8).map(|_| Answers::new(Some(shared.clone()))).collect();
    let asked = processes
        .iter()
        .map(async |it| it.of(&question("a", 1), maker.make()).await);
    let told = join_all(asked).await;
    assert!(told.into_iter().all(|told| told == Ok(1)));
    let late = Answers::new(Some(shared));
    assert_eq!(late.of(&question("a", 1), maker.make()).await, Ok(1));
    assert_eq!(maker.made(), 1);
}

#[tokio::test]
async fn whoever_makes_it_and_dies_holds_nobody_up_for_good() {
    let shared = FakeAnswers::default();
    let name = question("a", 1).name();
    assert_eq!(shared.claim_answer(&name, MAKING).await, Ok(true));
    let maker = Maker::default();
    let answers = Answers::new(Some(shared));
    assert_eq!(answers.of(&question("a", 1), maker.make()).await, Ok(1));
}

#[tokio::test]
async fn a_place_that_fails_or_talks_nonsense_fails_nobody() {
    let shared = FakeAnswers::default();
    let maker = Maker::default();
    shared.set_away(true);
    let answers = Answers::new(Some(shared.clone()));
    assert_eq!(answers.of(&question("a", 1), maker.make()).await, Ok(1));
    assert_eq!(answers.of(&question("a", 1), maker.make()).await, Ok(1));
    shared.set_away(false);
    let name = question("b", 1).name();
    shared.keep_answer(&name, b"{nonsense", FAR).await.unwrap();
    assert_eq!(answers.of(&question("b", 1), maker.make()).await, Ok(2));
    // It was put right.
    let late = Answers::new(Some(shared));
    assert_eq!(late.of(&question("b", 1), maker.make()).await, Ok(2));
}

#[tokio::test]
async fn a_failure_is_told_and_not_kept() {
    let answers = Answers::new(Some(FakeAnswers::default()));
    let away = StoreError::Unavailable(Cause("away".to_owned()));
    let failing = async { Err::<u32, _>(away.clone()) };
    assert_eq!(answers.of(&question("a", 1), failing).await, Err(away));
    let maker = Maker::default();
    assert_eq!(answers.of(&question("a", 1), maker.make()).await, Ok(1));
}

/// Else a wrong one that all look at would never go away.
#[test]
fn an_answer_goes_away_in_time_however_often_it_is_asked_for() {
    let policy = Answers::<FakeAnswers>::new(None).near.policy();
    assert_eq!(policy.time_to_live(), Some(NEAR));
    assert_eq!(policy.time_to_idle(), None);
}
