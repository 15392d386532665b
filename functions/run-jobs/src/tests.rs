//! Jobs taken up, ended, lost and cancelled, with steps that a test plays.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use domain::ports::{Cause, KeepJobs, StoreError};
use domain::{Claimed, Job, JobFailure, JobHolder, JobId, JobProgress, JobState, JobStep, JobWork};
use jiff::SignedDuration;
use job_steps::{Did, StepError, Work};
use lambda_boot::{Clock, Env};
use testkit::FakeClock;
use testkit::build::{customer, tenant};
use testkit::fakes::{FakeJobs, Fault};
use testkit::{must, must_fail, must_have};
use uuid::Uuid;

use super::*;

/// What a test lets happen in a step.
enum Play {
    /// It is done, and took so long.
    Done(SignedDuration),
    /// It fails like this.
    Fail(JobFailure),
    /// Somebody cancels the job meanwhile.
    Cancelled,
    /// It is done, and somebody else has taken the job up meanwhile.
    Late,
    /// It takes for ever.
    Hang,
}

/// Five steps of each job: the cursor counts them.
struct Played {
    jobs: FakeJobs,
    clock: FakeClock,
    plays: RefCell<VecDeque<Play>>,
    begun: RefCell<Vec<(JobId, u64)>>,
}

const STEPS: u64 = 5;

impl Work for Played {
    async fn step(&self, job: &Job) -> Result<Did, StepError> {
        let number: u64 = job.cursor.as_deref().map_or(0, |it| must(it.parse()));
        self.begun.borrow_mut().push((job.id, number));
        let play = self.plays.borrow_mut().pop_front();
        match play.unwrap_or(Play::Done(SignedDuration::ZERO)) {
            Play::Done(took) => self.clock.advance(took),
            Play::Fail(JobFailure::Unavailable) => {
                return Err(StoreError::Unavailable(Cause("away".to_owned())).into());
            }
            Play::Fail(_) => return Err(StoreError::Broken(Cause("odd".to_owned())).into()),
            Play::Cancelled => {
                let now = self.clock.now();
                self.jobs.change(job.id, |job| assert!(job.cancel(now)));
            }
            Play::Late => {
                self.clock.advance(SignedDuration::from_mins(10));
                let (now, other) = (self.clock.now(), JobHolder(Uuid::from_u128(999)));
                self.jobs.change(job.id, |job| {
                    assert_eq!(job.claim(other, now), Claimed::Held)
                });
            }
            Play::Hang => std::future::pending().await,
        }
        let progress = JobProgress {
            done: number + 1,
            total: Some(STEPS),
        };
        Ok(match number + 1 == STEPS {
            true => Did::All(progress, None),
            false => Did::Step(JobStep {
                cursor: (number + 1).to_string(),
                progress,
            }),
        })
    }
}

struct World {
    work: Played,
    clock: Clock,
    holders: Cell<u128>,
}

impl World {
    fn new(plays: impl IntoIterator<Item = Play>) -> Self {
        let time = FakeClock::default();
        let turned = time.clone();
        let work = Played {
            jobs: FakeJobs::default(),
            clock: time,
            plays: RefCell::new(plays.into_iter().collect()),
            begun: RefCell::default(),
        };
        Self {
            work,
            clock: Clock::driven(move || turned.now()),
            holders: Cell::new(0),
        }
    }

    fn jobs(&self) -> &FakeJobs {
        &self.work.jobs
    }

    async fn asked(&self, key: &str) -> JobId {
        let who = customer("dora");
        let id = JobId::asked(&tenant(), &who, key);
        let now = self.clock.now();
        let job = Job::new(id, (tenant(), who), JobWork::RebuildSearch, now);
        must(self.jobs().save_job(job).await).id
    }

    async fn look(&self) -> Result<(), StoreError> {
        let new_holder = || {
            self.holders.set(self.holders.get() + 1);
            JobHolder(Uuid::from_u128(self.holders.get()))
        };
        let round = Round {
            jobs: self.jobs(),
            work: &self.work,
            clock: &self.clock,
            new_holder,
            // What waits for nothing is done all the same.
            limit: |_| SignedDuration::ZERO,
        };
        handle(&round).await
    }

    async fn job(&self, id: JobId) -> Job {
        must_have(must(self.jobs().job(id).await))
    }

    async fn state(&self, id: JobId) -> &'static str {
        self.job(id).await.state.name()
    }

    /// Which steps were begun.
    fn begun(&self) -> Vec<u64> {
        let begun = self.work.begun.borrow();
        begun.iter().map(|(_, number)| *number).collect()
    }

    fn passes(&self, minutes: i64) {
        self.work.clock.advance(SignedDuration::from_mins(minutes));
    }
}

#[tokio::test]
async fn all_jobs_that_wait_are_done_one_after_another() {
    let world = World::new([]);
    let (one, two) = (world.asked("one").await, world.asked("two").await);
    must(world.look().await);
    for id in [one, two] {
        let job = world.job(id).await;
        assert_eq!((job.state.name(), job.progress.done), ("done", STEPS));
    }
    // The same message again finds nothing to do.
    must(world.look().await);
    assert_eq!(world.begun(), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn a_job_that_takes_longer_lets_others_pass_and_goes_on_where_it_was() {
    let long = || Play::Done(SignedDuration::from_mins(3));
    let world = World::new([long(), long()]);
    let big = world.asked("big").await;
    must(world.look().await);
    assert_eq!(world.state(big).await, "queued");
    assert_eq!(world.begun(), [0, 1]);
    let before = world.job(big).await;
    assert_eq!((before.progress.done, before.tries), (2, 0));
    must(world.look().await);
    assert_eq!(world.begun(), [0, 1, 2, 3, 4]);
    assert_eq!(world.state(big).await, "done");
}

/// It dies when it wants to say what it did: nobody knows of the step, and it is done again.
#[tokio::test]
async fn what_dies_in_the_middle_is_gone_on_with_when_its_time_is_over() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        let world = World::new([]);
        let id = world.asked("one").await;
        // The claim, and the first step.
        world.jobs().fail_write_after(2, fault);
        must_fail(world.look().await);
        assert_eq!(world.state(id).await, "running");
        assert_eq!(world.begun(), [0, 1]);
        must(world.look().await);
        assert_eq!(world.begun(), [0, 1], "somebody has it, for all we know");
        world.passes(1);
        must(world.look().await);
        assert_eq!(world.state(id).await, "done");
        let again = match fault {
            Fault::FailBefore => vec![0, 1, 1, 2, 3, 4],
            _ => vec![0, 1, 2, 3, 4],
        };
        assert_eq!(world.begun(), again);
    }
}

#[tokio::test]
async fn a_job_that_kills_whoever_does_it_is_given_up() {
    let world = World::new([]);
    let id = world.asked("one").await;
    for _ in 0..Job::MOST_TRIES {
        world.jobs().fail_write_after(1, Fault::FailBefore);
        must_fail(world.look().await);
        world.passes(1);
    }
    must(world.look().await);
    assert_eq!(world.begun(), [0; 5]);
    let why = JobFailure::Lost;
    assert!(matches!(world.job(id).await.state, JobState::Failed { why: it, .. } if it == why));
}

#[tokio::test]
async fn what_is_away_is_tried_again_later_and_not_for_ever() {
    let away = || Play::Fail(JobFailure::Unavailable);
    let world = World::new([away(), away()]);
    let id = world.asked("one").await;
    must(world.look().await);
    must(world.look().await);
    assert_eq!(world.begun(), [0], "not at once");
    for _ in 0..2 {
        world.passes(1);
        must(world.look().await);
    }
    assert_eq!(world.state(id).await, "done");

    let world = World::new((0..9).map(|_| away()));
    let id = world.asked("one").await;
    for _ in 0..9 {
        must(world.look().await);
        world.passes(5);
    }
    assert_eq!(world.begun(), [0; 5]);
    let why = JobFailure::Unavailable;
    assert!(matches!(world.job(id).await.state, JobState::Failed { why: it, .. } if it == why));
}

#[tokio::test]
async fn what_a_person_has_to_look_at_ends_the_job_and_no_other() {
    let world = World::new([Play::Fail(JobFailure::Internal)]);
    let (one, two) = (world.asked("one").await, world.asked("two").await);
    must(world.look().await);
    let mut states = [world.state(one).await, world.state(two).await];
    states.sort_unstable();
    assert_eq!(states, ["done", "failed"]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_waiting() {
    let world = World::new([]);
    let damaged = world.asked("one").await;
    world.passes(1);
    let id = world.asked("two").await;
    world.jobs().damage(damaged);
    must(world.look().await);
    assert_eq!(world.state(id).await, "done");
    must_fail(world.jobs().job(damaged).await);
}

#[tokio::test]
async fn a_step_that_takes_for_ever_is_given_up() {
    let world = World::new([Play::Hang]);
    let id = world.asked("one").await;
    must(world.look().await);
    assert_eq!(
        (world.state(id).await, world.job(id).await.tries),
        ("queued", 1)
    );
    world.passes(1);
    must(world.look().await);
    assert_eq!(world.state(id).await, "done");
}

#[tokio::test]
async fn a_cancel_takes_effect_at_the_next_step() {
    let world = World::new([Play::Done(SignedDuration::ZERO), Play::Cancelled]);
    let id = world.asked("one").await;
    must(world.look().await);
    assert_eq!(world.begun(), [0, 1]);
    let job = world.job(id).await;
    assert_eq!((job.state.name(), job.progress.done), ("cancelled", 2));
    must(world.look().await);
    assert_eq!(world.begun(), [0, 1]);
}

#[tokio::test]
async fn who_comes_late_writes_nothing() {
    let world = World::new([Play::Late]);
    let id = world.asked("one").await;
    must(world.look().await);
    let job = world.job(id).await;
    let holder = JobHolder(Uuid::from_u128(999));
    assert!(matches!(job.state, JobState::Running { holder: it, .. } if it == holder));
    assert_eq!((job.progress.done, world.begun()), (0, vec![0]));
}

#[tokio::test]
async fn of_two_who_want_a_job_one_has_it() {
    let world = World::new([]);
    let id = world.asked("one").await;
    world.jobs().fail_write_after(0, Fault::Conflict);
    must(world.look().await);
    assert!(world.begun().is_empty());
    assert_eq!(world.state(id).await, "queued");
}

#[tokio::test]
async fn while_the_store_is_away_the_message_goes_back() {
    let world = World::new([]);
    world.jobs().set_away(true);
    let error = must_fail(world.look().await);
    assert!(matches!(error, StoreError::Unavailable(_)));
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "OPERATIONS_TABLE",
        "CATALOG_TABLE",
        "DATABASE_URL",
        "DATABASE_ARCHIVER_URL",
        "JOB_FILES",
        "EVENT_ARCHIVE",
    ];
    assert_eq!(names, all);
}
