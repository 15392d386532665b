//! What a job may become, step by step and in any order.

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn holder(number: u128) -> JobHolder {
    JobHolder(Uuid::from_u128(number))
}

fn a_job() -> Job {
    let tenant = TenantId::parse("main").unwrap();
    let who = CustomerId::parse("dora").unwrap();
    let id = JobId::asked(&tenant, &who, "key-1");
    Job::new(id, (tenant, who), JobWork::RebuildSearch, at(0))
}

fn step(number: u64) -> JobStep {
    JobStep {
        cursor: format!("{number}"),
        progress: JobProgress {
            done: number,
            total: None,
        },
    }
}

fn finished() -> (JobProgress, Option<JobFile>) {
    (JobProgress::default(), None)
}

#[test]
fn a_job_is_the_same_under_the_same_key_only() {
    let (tenant, who) = (a_job().tenant, a_job().asked_by);
    let id = a_job().id;
    assert_eq!(JobId::asked(&tenant, &who, "key-1"), id);
    assert_ne!(JobId::asked(&tenant, &who, "key-2"), id);
    let other = TenantId::parse("other").unwrap();
    assert_ne!(JobId::asked(&other, &who, "key-1"), id);
    assert_eq!(JobId::parse(&id.to_string()), Some(id));
    assert_eq!(JobId::parse(&id.to_string().to_uppercase()), None);
}

#[test]
fn one_of_two_has_it_until_its_time_is_over() {
    let mut job = a_job();
    assert_eq!(job.claim(holder(1), at(0)), Claimed::Held);
    let due = job.due().unwrap();
    assert_eq!(due, at(30));
    assert_eq!(job.claim(holder(2), at(29)), Claimed::NotDue);
    assert_eq!(job.claim(holder(2), at(30)), Claimed::Held);
    // Who comes back late has it no more.
    let before = job.clone();
    for has_time in [true, false] {
        let late = job.advance(holder(1), step(1), (at(31), has_time));
        assert_eq!(late, Err(NotHeld));
    }
    assert_eq!(job.finish(holder(1), finished(), at(31)), Err(NotHeld));
    let failed = job.fail(holder(1), JobFailure::Internal, at(31));
    assert_eq!(failed, Err(NotHeld));
    assert_eq!(job, before);
    assert_eq!(job.advance(holder(2), step(1), (at(40), true)), Ok(true));
    assert_eq!(job.due(), Some(at(70)), "each step has its own time");
}

#[test]
fn who_dies_at_the_same_step_time_and_again_ends_it() {
    let mut job = a_job();
    let mut now = 0;
    for number in 1..=u128::from(Job::MOST_TRIES) {
        assert_eq!(job.claim(holder(number), at(now)), Claimed::Held);
        now += 100;
    }
    assert_eq!(job.claim(holder(9), at(now)), Claimed::Ended);
    let why = JobFailure::Lost;
    assert_eq!(job.state, JobState::Failed { at: at(now), why });
}

#[test]
fn a_job_that_goes_on_may_be_taken_up_as_often_as_it_takes() {
    let mut job = a_job();
    for number in 1..100_u32 {
        let (who, now) = (holder(number.into()), at(100 * i64::from(number)));
        assert_eq!(job.claim(who, now), Claimed::Held);
        let has_time = number % 2 == 0;
        let went = job.advance(who, step(number.into()), (now, has_time));
        assert_eq!(went, Ok(has_time));
        assert_eq!(
            job.state.name(),
            if has_time { "running" } else { "queued" }
        );
    }
    assert_eq!(job.progress.done, 99);
    assert_eq!(job.state.ended_at(), None);
}

#[test]
fn what_passes_is_tried_again_later_each_time_and_what_does_not_ends_it() {
    let mut job = a_job();
    let mut now = at(0);
    let mut pauses = Vec::new();
    for _ in 0..Job::MOST_TRIES {
        assert_eq!(job.claim(holder(1), now), Claimed::Held);
        job.fail(holder(1), JobFailure::Unavailable, now).unwrap();
        let due = job.due().unwrap_or(now);
        pauses.push(due.duration_since(now).as_secs());
        now = due;
    }
    assert_eq!(pauses, [15, 30, 60, 120, 0]);
    let why = JobFailure::Unavailable;
    assert_eq!(job.state, JobState::Failed { at: now, why });

    let mut job = a_job();
    job.claim(holder(1), at(0));
    job.fail(holder(1), JobFailure::Internal, at(1)).unwrap();
    let why = JobFailure::Internal;
    assert_eq!(job.state, JobState::Failed { at: at(1), why });
}

#[test]
fn one_that_waits_is_cancelled_at_once_and_one_that_runs_at_its_next_step() {
    let mut waits = a_job();
    assert!(waits.cancel(at(1)));
    assert_eq!(waits.state, JobState::Cancelled { at: at(1) });
    assert!(!waits.cancel(at(2)));
    assert_eq!(waits.claim(holder(1), at(3)), Claimed::NotDue);

    let running = || {
        let mut job = a_job();
        job.claim(holder(1), at(0));
        assert!(job.cancel(at(1)));
        assert!(!job.cancel(at(2)), "once is enough");
        assert_eq!(job.state.name(), "running");
        job
    };
    let cancelled = JobState::Cancelled { at: at(40) };
    for has_time in [true, false] {
        let mut job = running();
        let went = job.advance(holder(1), step(1), (at(40), has_time));
        assert_eq!(went, Ok(false));
        assert_eq!((job.state, job.progress.done), (cancelled.clone(), 1));
    }
    let mut job = running();
    job.fail(holder(1), JobFailure::Unavailable, at(40))
        .unwrap();
    assert_eq!(job.state, cancelled);
    // Whoever had it did not come back.
    let mut job = running();
    assert_eq!(job.claim(holder(2), at(40)), Claimed::Ended);
    assert_eq!(job.state, cancelled);
    // It was done before anybody could stop it.
    let mut job = running();
    job.finish(holder(1), finished(), at(40)).unwrap();
    assert_eq!(job.state.name(), "done");
}

#[test]
fn what_a_job_made_can_be_had_for_a_week_and_the_job_for_a_month() {
    let mut job = a_job();
    job.claim(holder(1), at(0));
    assert_eq!(job.file(at(1)), None);
    let file = JobFile {
        path: "jobs/1.csv".to_owned(),
        name: "sales.csv".to_owned(),
        bytes: 7,
    };
    let done = (JobProgress::default(), Some(file.clone()));
    job.finish(holder(1), done, at(0)).unwrap();
    let week = 7 * 24 * 3_600;
    assert_eq!(job.file(at(week - 1)), Some((&file, at(week))));
    assert_eq!(job.file(at(week)), None);
    assert_eq!(job.kept_until(), at(30 * 24 * 3_600));
}

/// What may be done to a job, by whom, and how much later.
#[derive(Clone, Debug)]
enum Act {
    Claim,
    /// With time for the next step or not.
    Advance(bool),
    Finish,
    Fail(JobFailure),
    Cancel,
}

fn an_act() -> impl Strategy<Value = (Act, u128, i64)> {
    let act = prop_oneof![
        4 => Just(Act::Claim),
        5 => any::<bool>().prop_map(Act::Advance),
        1 => Just(Act::Finish),
        2 => prop::sample::select(&JobFailure::ALL[..]).prop_map(Act::Fail),
        1 => Just(Act::Cancel),
    ];
    (act, 1..4_u128, 0..60_i64)
}

proptest! {
    /// A job that has ended never changes, only its holder writes, nobody takes it from a holder in time,
    /// no step is begun too often, and after a wish to cancel no step is begun.
    #[test]
    fn keeps_its_rules_in_any_order(acts in prop::collection::vec(an_act(), 1..80)) {
        let mut job = a_job();
        let mut seconds = 0;
        let mut steps = 0;
        let mut begun = 0;
        for (act, who, pause) in acts {
            seconds += pause;
            let (now, who) = (at(seconds), holder(who));
            let before = job.clone();
            let held = matches!(&before.state, JobState::Running { holder, .. } if *holder == who);
            let was_held = match act {
                Act::Claim => {
                    let claimed = job.claim(who, now);
                    let is_due = before.due().is_some_and(|due| due <= now);
                    prop_assert_eq!(claimed != Claimed::NotDue, is_due);
                    if claimed == Claimed::Held {
                        begun += 1;
                        prop_assert!(before.cancel_asked_at.is_none());
                    }
                    None
                }
                Act::Advance(has_time) => {
                    steps += 1;
                    let went = job.advance(who, step(steps), (now, has_time));
                    if went == Ok(true) {
                        prop_assert!(has_time && before.cancel_asked_at.is_none());
                    }
                    if let Ok(goes_on) = went {
                        begun = u32::from(goes_on);
                    }
                    Some(went.is_ok())
                }
                Act::Finish => Some(job.finish(who, finished(), now).is_ok()),
                Act::Fail(why) => Some(job.fail(who, why, now).is_ok()),
                Act::Cancel => {
                    job.cancel(now);
                    None
                }
            };
            if let Some(was_held) = was_held {
                prop_assert_eq!(was_held, held);
            }
            if was_held == Some(false) || before.state.ended_at().is_some() {
                prop_assert_eq!(&job, &before);
            }
            prop_assert!(begun <= Job::MOST_TRIES);
            prop_assert_eq!(job.due().is_none(), job.state.ended_at().is_some());
        }
    }
}
