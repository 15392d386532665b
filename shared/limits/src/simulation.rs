//! Random schedules over up to 64 processes: their clocks differ, answers are late or lost, some
//! start anew, and traffic moves. In no window does more pass than the limit. `LIMITS_SEED` runs
//! one schedule, `LIMITS_SCHEDULES` another number of them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// Schedules of each kind, unless the environment says otherwise.
const SCHEDULES: u64 = 100_000;
/// Processes at most.
const PROCESSES: usize = 64;
/// Write units per admission, for a caller at a tenth of the limit or more.
const WRITES_PER_ADMISSION: f64 = 0.05;
/// Part of the limit that may stay unused while a caller asks for more: for half as much again through
/// eight processes, twice as much through 16, four times through 64. Why not for less: a process that
/// lets pass without a call had something in hand, and what is in hand is unused (ADR 0022).
const UNUSED: f64 = 0.05;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// What a schedule is made of.
#[derive(Debug)]
struct Plan {
    limit: Limit,
    processes: usize,
    /// Requests a minute, as a multiple of the limit.
    pace: f64,
    requests: usize,
    /// Whether some processes get more than others.
    uneven: bool,
    /// Requests come all at once, then none do for a while.
    bursts: bool,
    /// One in so many calls loses its answer, before or after its effect; 0 for none.
    losses: u64,
    /// One in so many requests finds a process started anew; 0 for none.
    restarts: u64,
    /// Half way through, other processes get the traffic.
    moves: bool,
    /// Milliseconds that a call takes at most.
    latency: u64,
}

impl Plan {
    /// As production: the limits of the issue, a steady caller, and nothing that fails.
    fn steady(random: &mut Random) -> Self {
        let processes = 1 << random.below(7);
        // Whoever asks for more than the limit, through many processes: see `UNUSED`.
        let most = random.one_of(match processes {
            ..=8 => &[1.5, 3.0, 10.0],
            16 => &[2.0, 3.0, 10.0],
            _ => &[4.0, 6.0, 10.0],
        });
        Self {
            limit: Limit::new(random.one_of(&[1_000, 1_000, 1_000, 10_000])),
            processes,
            pace: random.one_of(&[0.1, 0.15, 0.25, 0.5, 0.9, most, most, most]),
            requests: 0,
            uneven: random.one_in(3),
            bursts: false,
            losses: 0,
            restarts: 0,
            moves: false,
            latency: 20,
        }
    }

    /// Everything that can go wrong.
    fn wild(random: &mut Random) -> Self {
        let limit = random.one_of(&[1, 5, 20, 99, 100, 100, 150, 150, 300, 1_000]);
        Self {
            limit: Limit::new(limit),
            processes: 1 + random.below(PROCESSES as u64) as usize,
            pace: 0.1 + random.part() * 3.0,
            requests: 50 + random.below(u64::from(limit) * 3) as usize,
            uneven: random.one_in(2),
            bursts: random.one_in(2),
            losses: random.one_of(&[0, 2, 10]),
            restarts: random.one_of(&[0, 30, 200]),
            moves: random.one_in(2),
            latency: random.one_of(&[0, 20, 2_000, 70_000]),
        }
    }
}

/// A call of the row that is on its way.
struct Call {
    process: usize,
    update: Option<Update>,
    lost: Loss,
    row: Option<Row>,
    tries: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Loss {
    None,
    Before,
    After,
}

struct Run {
    plan: Plan,
    random: Random,
    row: Row,
    leases: Vec<Lease>,
    /// Milliseconds by which the clock of each is ahead, plus `SKEW_MS`.
    clocks: Vec<u64>,
    calls: BinaryHeap<Reverse<(u64, usize, bool)>>,
    open: Vec<Option<Call>>,
    busy: Vec<bool>,
    /// True times of what passed in the last window.
    window: VecDeque<u64>,
    passed: u64,
    refused: u64,
    writes: u64,
    /// What passed after the start, and since when that is.
    counted: u64,
    counted_from: u64,
}

const START: u64 = 1_790_000_000_000;

impl Run {
    fn new(plan: Plan, mut random: Random) -> Self {
        let half = SKEW_MS / 2;
        let clock = |random: &mut Random| half + random.below(SKEW_MS + 1) - half;
        let clocks = (0..PROCESSES).map(|_| clock(&mut random)).collect();
        Self {
            row: Row::default(),
            leases: vec![Lease::default(); PROCESSES],
            clocks,
            calls: BinaryHeap::new(),
            open: Vec::new(),
            busy: vec![false; PROCESSES],
            window: VecDeque::new(),
            passed: 0,
            refused: 0,
            writes: 0,
            counted: 0,
            counted_from: u64::MAX,
            plan,
            random,
        }
    }

    /// The clock of a process at a true time.
    fn clock(&self, process: usize, at: u64) -> Time {
        Time(at + self.clocks[process] - SKEW_MS / 2)
    }

    fn pass(&mut self, at: u64) {
        while self
            .window
            .front()
            .is_some_and(|first| first + WINDOW_MS <= at)
        {
            self.window.pop_front();
        }
        self.window.push_back(at);
        self.passed += 1;
        self.counted += u64::from(at >= self.counted_from);
        let limit = self.plan.limit.get() as usize;
        assert!(self.window.len() <= limit, "{} passed", self.window.len());
    }

    /// Somebody wants to pass; who waits for a call is told of its outcome only.
    fn ask(&mut self, process: usize, at: u64, tries: u32) {
        let now = self.clock(process, at);
        let update = match self.leases[process].next(self.plan.limit, now) {
            Step::Passed => return self.pass(at),
            Step::Refused(until) => {
                assert!(until > now, "come again before now");
                self.refused += 1;
                return;
            }
            Step::Look => None,
            Step::Take(update) => Some(update),
        };
        self.busy[process] = true;
        let lost = match (self.plan.losses, self.random.next() % 2) {
            (losses, _) if losses == 0 || !self.random.one_in(losses) => Loss::None,
            (_, 0) => Loss::Before,
            _ => Loss::After,
        };
        self.open.push(Some(Call {
            process,
            update,
            lost,
            row: None,
            tries,
        }));
        self.send(self.open.len() - 1, at, false);
    }

    fn send(&mut self, call: usize, at: u64, answers: bool) {
        let takes = self.random.below(self.plan.latency + 1);
        self.calls.push(Reverse((at + takes, call, answers)));
    }

    /// A call arrives at the row, or its answer at the process.
    fn arrives(&mut self, at: u64, call: usize, answers: bool) {
        if answers {
            return self.answered(at, call);
        }
        let row = &mut self.row;
        let call_now = self.open[call].as_mut().expect("on its way");
        if call_now.lost != Loss::Before {
            self.writes += u64::from(call_now.update.is_some());
            // Looked at, or refused: nothing was made.
            call_now.update = call_now.update.take().filter(|update| row.make(update));
            call_now.row = Some(row.clone());
        }
        let held: u32 = self.row.ends.values().sum();
        assert_eq!(held, self.row.held);
        assert!(held <= self.plan.limit.get(), "{held} held");
        self.send(call, at, true);
    }

    fn answered(&mut self, at: u64, call: usize) {
        let call = self.open[call].take().expect("on its way");
        let (process, limit) = (call.process, self.plan.limit);
        self.busy[process] = false;
        let now = self.clock(process, at);
        let lease = &mut self.leases[process];
        match (call.row, call.update) {
            (Some(row), Some(update)) if call.lost == Loss::None => {
                if lease.took(&update, row, limit, now) {
                    return self.pass(at);
                }
            }
            (Some(row), None) if call.lost == Loss::None => lease.saw(row, now),
            _ => return,
        }
        if call.tries < 4 {
            self.ask(process, at, call.tries + 1);
        }
    }

    /// Which process gets the next request.
    fn choose(&mut self, half: bool) -> usize {
        let all = self.plan.processes as u64;
        let place = match self.plan.uneven {
            true => {
                let (one, other) = (self.random.below(all), self.random.below(all));
                one.min(other)
            }
            false => self.random.below(all),
        };
        let moved = if half && self.plan.moves { 32 } else { 0 };
        (place as usize + moved) % PROCESSES
    }

    /// Answers when the last request came.
    fn run(&mut self) -> u64 {
        let between = 60_000.0 / (f64::from(self.plan.limit.get()) * self.plan.pace);
        let mut at = START as f64;
        for number in 0..self.plan.requests {
            at += self.pause(between, number);
            self.until(at as u64);
            let process = self.choose(number > self.plan.requests / 2);
            let restarts = self.plan.restarts > 0 && self.random.one_in(self.plan.restarts);
            if restarts && !self.busy[process] {
                self.leases[process] = Lease::default();
            }
            if !self.busy[process] {
                self.ask(process, at as u64, 0);
            }
        }
        self.until(u64::MAX);
        at as u64
    }

    fn until(&mut self, at: u64) {
        while let Some(Reverse((time, call, answers))) = self.calls.peek().copied() {
            if time > at {
                return;
            }
            self.calls.pop();
            self.arrives(time, call, answers);
        }
    }

    fn pause(&mut self, between: f64, number: usize) -> f64 {
        if !self.plan.bursts {
            // Exponential: a caller that does not know of itself.
            return -between * (1.0 - self.random.part()).ln();
        }
        match number % 50 {
            0 => between * 100.0 * self.random.part(),
            _ => 0.0,
        }
    }
}

fn number_of(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "a seed to replay")]
    let value = std::env::var(name).ok()?;
    value.parse().ok()
}

/// The seeds of a test, on as many threads as there are processors.
fn each_seed(run: impl Fn(u64) + Sync) {
    if let Some(seed) = number_of("LIMITS_SEED") {
        return run(seed);
    }
    let schedules = number_of("LIMITS_SCHEDULES").unwrap_or(SCHEDULES);
    let threads = std::thread::available_parallelism().map_or(1, |it| it.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let run = &run;
            scope.spawn(move || {
                for seed in (thread..schedules).step_by(threads as usize) {
                    let tried =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(seed)));
                    if let Err(panicked) = tried {
                        eprintln!("LIMITS_SEED={seed} replays it");
                        std::panic::resume_unwind(panicked);
                    }
                }
            });
        }
    });
}

#[test]
fn i12_in_no_window_does_more_pass_than_the_limit_whatever_goes_wrong() {
    let (passed, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    each_seed(|seed| {
        let mut random = Random(seed);
        let mut run = Run::new(Plan::wild(&mut random), random);
        run.run();
        passed.fetch_add(run.passed, Ordering::Relaxed);
        refused.fetch_add(run.refused, Ordering::Relaxed);
    });
    println!("{passed:?} passed, {refused:?} refused");
}

/// How many requests a steady schedule has: each process sees enough to pay for its start, and who
/// asks for too much does so for some minutes.
fn enough(plan: &Plan) -> usize {
    let minutes = if plan.pace > 1.0 { 5.0 } else { 3.0 };
    let asked = minutes * plan.pace * f64::from(plan.limit.get());
    (100 * plan.processes).max(asked as usize)
}

/// After two windows all is handed out.
const HANDED_OUT_MS: u64 = 120_000;

#[test]
fn an_admission_costs_a_twentieth_of_a_write_and_a_full_window_is_used() {
    let worst = std::sync::Mutex::new((0.0_f64, 0.0_f64));
    each_seed(|seed| {
        let mut random = Random(seed);
        let mut plan = Plan::steady(&mut random);
        plan.requests = enough(&plan);
        let described = format!("{plan:?}");
        let (limit, pace) = (f64::from(plan.limit.get()), plan.pace);
        let mut run = Run::new(plan, random);
        run.counted_from = START + HANDED_OUT_MS;
        let lasted = run.run() - START;
        let cost = run.writes as f64 / run.passed as f64;
        assert!(cost <= WRITES_PER_ADMISSION, "{cost} writes: {described}");
        let mut unused = 0.0;
        if pace > 1.0 {
            let could = limit * (lasted - HANDED_OUT_MS) as f64 / WINDOW_MS as f64;
            unused = 1.0 - run.counted as f64 / could;
            assert!(unused <= UNUSED, "{unused} unused: {described}");
        }
        let mut worst = worst.lock().expect("nobody panicked");
        *worst = (worst.0.max(cost), worst.1.max(unused));
    });
    let (writes, unused) = worst.into_inner().expect("nobody panicked");
    println!("at most {writes:.4} writes per admission, {unused:.4} of the limit unused");
}
