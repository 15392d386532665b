//! Virtual time for many things at once. Every function invocation, execution, stream reader and
//! customer is a process: a future that sleeps until a moment of the virtual clock. The one that
//! is due first goes on; nothing else moves the clock, and one seed decides every choice.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use jiff::Timestamp;

use crate::asl::VirtualClock;

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// The clock, the dice and the processes that were just born.
#[derive(Clone, Debug)]
pub struct Kernel {
    clock: VirtualClock,
    random: Arc<Mutex<u64>>,
    born: Arc<Mutex<Vec<Born>>>,
}

/// A process on its way into the world.
struct Born {
    pace: Pace,
    work: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl fmt::Debug for Born {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Born").field(&self.pace).finish()
    }
}

/// Something that takes time.
pub struct Process {
    pace: Pace,
    work: Work,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Process").field(&self.pace).finish()
    }
}

impl Process {
    /// When it goes on; nothing once it was killed.
    pub fn due(&self) -> Option<Timestamp> {
        let state = self.pace.lock();
        (!state.dead).then_some(state.due)
    }

    /// Lets it go on until it sleeps. Whether it goes on living. All that it does at the same time is
    /// woken, so that each part says anew how long it sleeps; where one part sets another free, that
    /// one goes on, too.
    pub fn go_on(&mut self) -> bool {
        let sleepers = {
            let mut state = self.pace.lock();
            state.due = Timestamp::MAX;
            std::mem::take(&mut state.sleepers)
        };
        sleepers.into_iter().for_each(Waker::wake);
        let again = Arc::new(Again::default());
        let waker = Waker::from(Arc::clone(&again));
        let mut context = Context::from_waker(&waker);
        loop {
            again.0.store(false, Ordering::SeqCst);
            if self.work.as_mut().poll(&mut context).is_ready() {
                return false;
            }
            if !again.0.load(Ordering::SeqCst) {
                return !self.pace.lock().dead;
            }
        }
    }
}

/// Whether something can go on that could not when it was asked.
#[derive(Default)]
struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Kernel {
    /// Begins at a time, with a seed.
    pub fn new(begin: Timestamp, seed: u64) -> Self {
        Self {
            clock: VirtualClock::at(begin),
            random: Arc::new(Mutex::new(seed)),
            born: Arc::default(),
        }
    }

    /// The same time and the same processes, with dice of its own: whatever they are used for, those
    /// of all others fall as they would.
    #[must_use]
    pub fn with_own_dice(&self, seed: u64) -> Self {
        Self {
            random: Arc::new(Mutex::new(seed)),
            ..self.clone()
        }
    }

    /// The clock that everything goes by.
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A random number below `bound` (`SplitMix64`, public domain, by Sebastiano Vigna).
    pub fn below(&self, bound: u64) -> u64 {
        let mut random = lock(&self.random);
        *random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound.max(1)
    }

    /// A random time from `least` to `most` milliseconds.
    pub fn between(&self, least: u64, most: u64) -> Duration {
        let micros = self.below((most.saturating_sub(least)).saturating_mul(1_000));
        Duration::from_micros(least.saturating_mul(1_000).saturating_add(micros))
    }

    /// Begins a process that does what `work` makes of its pace.
    pub fn spawn<F>(&self, work: impl FnOnce(Pace) -> F) -> Pace
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let pace = self.pace();
        let born = Born {
            pace: pace.clone(),
            work: Box::pin(work(pace.clone())),
        };
        lock(&self.born).push(born);
        pace
    }

    /// A process that stays in the thread of the world, which has to be given it.
    pub fn process<F>(&self, work: impl FnOnce(Pace) -> F) -> Process
    where
        F: Future<Output = ()> + 'static,
    {
        let pace = self.pace();
        Process {
            pace: pace.clone(),
            work: Box::pin(work(pace)),
        }
    }

    fn pace(&self) -> Pace {
        Pace {
            clock: self.clock.clone(),
            state: Arc::new(Mutex::new(PaceState {
                due: self.now(),
                dead: false,
                sleepers: Vec::new(),
            })),
        }
    }

    /// The processes born since the last call.
    pub fn born(&self) -> Vec<Process> {
        let born = std::mem::take(&mut *lock(&self.born)).into_iter();
        let process = |Born { pace, work }| Process { pace, work };
        born.map(process).collect()
    }
}

/// How a process lets time pass.
#[derive(Clone, Debug)]
pub struct Pace {
    clock: VirtualClock,
    state: Arc<Mutex<PaceState>>,
}

#[derive(Debug)]
struct PaceState {
    due: Timestamp,
    dead: bool,
    /// The parts of it that wait.
    sleepers: Vec<Waker>,
}

impl Pace {
    /// Lets this much time pass.
    pub async fn sleep(&self, time: Duration) {
        self.sleep_until(after(self.clock.now(), time)).await;
    }

    /// Lets time pass until then.
    pub async fn sleep_until(&self, then: Timestamp) {
        while self.clock.now() < then {
            self.be_due(then);
            self.once_pending().await;
        }
    }

    /// Waits for an answer; nothing when it has not come by then.
    pub async fn wait<T>(&self, slot: &Slot<T>, until: Timestamp) -> Option<T> {
        slot.call_on_answer(self.clone());
        loop {
            if let Some(answer) = slot.take() {
                return Some(answer);
            }
            if self.clock.now() >= until {
                return None;
            }
            self.be_due(until);
            self.once_pending().await;
        }
    }

    /// Ends the process where it is. It never goes on.
    pub fn kill(&self) {
        self.lock().dead = true;
    }

    /// Whether it was ended.
    pub fn is_dead(&self) -> bool {
        self.lock().dead
    }

    /// Ends the process where it is, from inside.
    pub async fn die(&self) -> ! {
        self.kill();
        std::future::pending().await
    }

    /// Lets everybody else who is due go first.
    async fn once_pending(&self) {
        let mut asked = false;
        poll_fn(|context| {
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            self.lock().sleepers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn wake(&self) {
        self.be_due(self.clock.now());
    }

    fn be_due(&self, then: Timestamp) {
        let mut state = self.lock();
        state.due = state.due.min(then);
    }

    fn lock(&self) -> MutexGuard<'_, PaceState> {
        lock(&self.state)
    }
}

/// Where one process leaves an answer for another.
#[derive(Debug)]
pub struct Slot<T>(Arc<Mutex<(Option<T>, Option<Pace>)>>);

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((None, None))))
    }
}

impl<T> Slot<T> {
    /// Leaves the answer, unless there is one.
    pub fn answer(&self, answer: T) {
        let mut inner = lock(&self.0);
        inner.0.get_or_insert(answer);
        if let Some(waiting) = &inner.1 {
            waiting.wake();
        }
    }

    fn call_on_answer(&self, pace: Pace) {
        lock(&self.0).1 = Some(pace);
    }

    fn take(&self) -> Option<T> {
        lock(&self.0).0.take()
    }
}

/// A moment plus a time; past the end of time it is the end of time.
pub(crate) fn after(moment: Timestamp, time: Duration) -> Timestamp {
    moment.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// The lock, also after a test panicked while it held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
