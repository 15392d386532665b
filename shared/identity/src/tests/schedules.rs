//! Two tabs of one owner and a thief on one session, in any order, with every call of the store
//! between any two of the others: 10,000 schedules with the thief, and as many without.
//!
//! The tabs share what a browser shares: the newest token, and when it was fetched. A tab fetches
//! the next when that is a minute old, and asks again at once when its request was lost; a request
//! lasts at most as long as the function may, and is lost twice in a row at most: who hears nothing
//! for longer than the grace is signed out. The thief has copied the token at some time.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use domain::ports::{MoveAccountError, RegisterError, SaveError};
use domain::{CustomerId, Email};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use testkit::build::an_account;

use super::*;

/// With a thief, and without.
const SCHEDULES: u32 = 10_000;
/// Time limit of the function, in seconds.
const LIMIT: i64 = 10;
/// Age at which a token is replaced, in seconds.
const AGE: i64 = 60;
/// How often a request is lost in a row: with the one that is not, as long as the grace.
const LOST: u32 = 2;

/// A store at whose every call others may go first.
#[derive(Clone, Debug)]
struct Yielding(FakeAccounts);

async fn others_first() {
    let mut waited = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut waited, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

impl KeepAccounts for Yielding {
    async fn register(&self, account: Account) -> Result<Account, RegisterError> {
        self.0.register(account).await
    }

    async fn account(&self, id: &CustomerId) -> Result<Option<Account>, StoreError> {
        others_first().await;
        self.0.account(id).await
    }

    async fn owner_of(
        &self,
        tenant: &TenantId,
        email: &Email,
    ) -> Result<Option<CustomerId>, StoreError> {
        self.0.owner_of(tenant, email).await
    }

    async fn save_account(&self, account: Account) -> Result<Account, SaveError<Account>> {
        self.0.save_account(account).await
    }

    async fn save_moved(
        &self,
        account: Account,
        from: &Email,
    ) -> Result<Account, MoveAccountError> {
        self.0.save_moved(account, from).await
    }

    async fn save_erased(
        &self,
        account: Account,
        freed: &Email,
    ) -> Result<Account, SaveError<Account>> {
        self.0.save_erased(account, freed).await
    }
}

impl KeepSessions for Yielding {
    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        others_first().await;
        self.0.session(id).await
    }

    async fn save_session(&self, session: Session) -> Result<Session, SaveError<Session>> {
        others_first().await;
        let saved = self.0.save_session(session).await;
        // It happened, and the answer is on its way.
        others_first().await;
        saved
    }
}

type Answer = Result<Refreshed, RefreshError>;
type Request = Pin<Box<dyn Future<Output = Answer>>>;

/// One of those who hold tokens.
#[derive(Default)]
struct Holder {
    under_way: Option<(Request, i64)>,
    /// A request was lost: ask again with the same token.
    again: Option<u32>,
    /// How many in a row.
    lost: u32,
}

struct World {
    store: Yielding,
    id: SessionId,
    now: i64,
    /// What the browser keeps: the newest token, and when it came.
    kept: (u32, i64),
    stolen: Option<u32>,
    /// Two tabs, then the thief.
    holders: [Holder; 3],
}

const THIEF: usize = 2;

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn time(second: i64) -> Timestamp {
    at(second)
}

impl World {
    fn new() -> Self {
        let store = FakeAccounts::default();
        let alice = now(store.register(an_account("alice"))).unwrap();
        let id = SessionId(Uuid::from_u128(1));
        let session = Session::begin(id, &alice, &SessionLimits::default(), time(0));
        now(store.save_session(session)).unwrap();
        Self {
            store: Yielding(store),
            id,
            now: 0,
            kept: (1, 0),
            stolen: None,
            holders: <[Holder; 3]>::default(),
        }
    }

    fn ended(&self) -> Option<SessionEnd> {
        self.store.0.sessions()[0].ended
    }

    /// While requests are under way a second at most goes by: a request that is not held up by the
    /// others is answered in time. That of a tab has an end at its limit, before anything later.
    fn wait(&mut self, seconds: i64) {
        let busy = self.holders.iter().any(|it| it.under_way.is_some());
        let tabs = self.holders.iter().take(THIEF);
        let begun = tabs.filter_map(|it| it.under_way.as_ref().map(|(_, since)| *since));
        let ends = begun.map(|since| since + LIMIT - self.now);
        let most = ends.min().unwrap_or(seconds);
        self.now += seconds.min(if busy { 1 } else { seconds }).min(most);
    }

    /// Which token a holder would ask with now.
    fn token_of(&mut self, who: usize) -> Option<u32> {
        if who == THIEF {
            return self.stolen;
        }
        let (newest, came) = self.kept;
        let lost = self.holders[who].again.take();
        // Another tab may have fetched a newer one meanwhile.
        let lost = lost.filter(|&lost| lost >= newest);
        lost.or((self.now - came >= AGE).then_some(newest))
    }

    fn ask(&mut self, who: usize) {
        let Some(token) = self.token_of(who) else {
            self.holders[who].lost = 0;
            return;
        };
        let (store, id, at) = (self.store.clone(), self.id, time(self.now));
        let request = async move {
            let limits = SessionLimits::default();
            refresh(&store, (id, Generation(token)), &limits, at).await
        };
        self.holders[who].under_way = Some((Box::pin(request), self.now));
        self.holders[who].again = Some(token);
    }

    /// Lets a request go one call further; a tab that is told off says so.
    fn step(&mut self, who: usize) -> Option<RefreshError> {
        let Some((mut request, since)) = self.holders[who].under_way.take() else {
            self.ask(who);
            return None;
        };
        if self.now - since >= LIMIT && self.holders[who].lost < LOST {
            // The function was stopped; its holder asks again with the same token.
            self.holders[who].lost += 1;
            self.ask(who);
            return None;
        }
        let polled = request
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Pending => {
                self.holders[who].under_way = Some((request, since));
                None
            }
            Poll::Ready(answer) => {
                self.holders[who].again = None;
                self.holders[who].lost = 0;
                self.take(who, answer)
            }
        }
    }

    fn take(&mut self, who: usize, answer: Answer) -> Option<RefreshError> {
        match answer {
            Ok(refreshed) if who == THIEF => {
                self.stolen = Some(refreshed.live.0);
                None
            }
            Ok(refreshed) => {
                if refreshed.live.0 > self.kept.0 {
                    self.kept = (refreshed.live.0, self.now);
                }
                None
            }
            Err(_) if who == THIEF => None,
            Err(error) => Some(error),
        }
    }

    /// Whether any token of the session yields another now.
    fn lives(&self) -> bool {
        let live = self.store.0.sessions()[0].live.0;
        (1..=live).any(|token| {
            let limits = SessionLimits::default();
            let asked = (self.id, Generation(token));
            now(refresh(&self.store.0, asked, &limits, time(self.now))).is_ok()
        })
    }
}

/// Who goes next, and how many seconds later.
fn turns(holders: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(usize, i64)>> {
    let pause = prop_oneof![6 => 0..=1_i64, 2 => 2..=9_i64, 1 => 20..=90_i64];
    prop::collection::vec((holders, pause), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(SCHEDULES))]

    #[test]
    fn two_tabs_alone_are_never_signed_out(turns in turns(0..2)) {
        let mut world = World::new();
        for (who, pause) in turns {
            world.wait(pause);
            let refused = world.step(who);
            prop_assert!(refused.is_none(), "{refused:?} at {}", world.now);
        }
        prop_assert_eq!(world.ended(), None);
    }
}

/// One schedule with a thief; whether the theft was found out.
fn with_a_thief(turns: Vec<(usize, i64)>, stolen_at: usize) -> Result<bool, TestCaseError> {
    let mut world = World::new();
    let mut end = None;
    for (turn, (who, pause)) in turns.into_iter().enumerate() {
        world.wait(pause);
        if turn == stolen_at {
            world.stolen = Some(world.kept.0);
        }
        let refused = world.step(who);
        // What has ended stays so, whatever was under way.
        end = end.or(world.ended());
        prop_assert_eq!(world.ended(), end);
        if let Some(RefreshError::Refused(why)) = refused {
            prop_assert!(world.stolen.is_some(), "{why} without a thief");
            prop_assert_eq!(end, Some(SessionEnd::Reused));
        }
    }
    if end.is_some() {
        prop_assert!(!world.lives());
        return Ok(true);
    }
    // Whoever asks next, the owner with what the browser keeps, and the thief with what they have,
    // at most one of them goes on.
    world.now += AGE;
    let limits = SessionLimits::default();
    let mut session = world.store.0.sessions().remove(0);
    let owner = session.present(Generation(world.kept.0), &limits, time(world.now));
    world.now += AGE;
    let thief = world
        .stolen
        .map(|token| session.present(Generation(token), &limits, time(world.now)));
    prop_assert!(owner.is_err() || thief.is_none_or(|thief| thief.is_err()));
    Ok(false)
}

#[test]
fn a_thief_and_the_owner_do_not_both_go_on() {
    let found_out = Cell::new(0);
    let schedules = (turns(0..3), any::<prop::sample::Index>());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(SCHEDULES));
    let ran = runner.run(&schedules, |(turns, stolen_at)| {
        let stolen_at = stolen_at.index(turns.len());
        let found = with_a_thief(turns, stolen_at)?;
        found_out.set(found_out.get() + u32::from(found));
        Ok(())
    });
    ran.unwrap();
    println!("{} thefts were found out", found_out.get());
    assert!(found_out.get() >= SCHEDULES / 20, "{}", found_out.get());
}
