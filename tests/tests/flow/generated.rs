//! Generated over the plan and over every place where a run can go wrong: first a run without
//! faults tells which calls each step makes, then each of them fails in each way, once.

use std::time::Duration;

use domain::saga::{PLAN, Phase};
use tests::world::{Fault, Site, Strike, Which, World, basket, strike};

/// What a run that ends by itself may look like.
const ENDS: [&str; 2] = ["confirmed", "failed: internal"];

fn faults() -> Vec<Fault> {
    vec![
        Fault::FailBefore,
        Fault::LostBefore,
        Fault::AppliedButTimeout,
        Fault::DelayThenApply(Duration::from_secs(20)),
        Fault::DelayThenApply(Duration::from_hours(20)),
        Fault::KillBefore,
        Fault::KillAfter,
        Fault::Freeze(Duration::from_secs(40)),
    ]
}

/// The calls that the states of a run make, with these faults in place.
fn sites(strikes: &[Strike]) -> Vec<Site> {
    let mut world = World::new(1);
    for strike in strikes {
        world.strike(strike.clone());
    }
    world.place(&basket("k"));
    world.settle();
    world.shop.faults.sites().into_iter().collect()
}

/// One order under these faults: it ends, and the world is as it must be.
fn ends_clean(strikes: &[Strike]) -> String {
    let mut world = World::new(1);
    for strike in strikes {
        world.strike(strike.clone());
    }
    let order = world.place(&basket("k"));
    world.settle();
    world.outcome(order)
}

fn refused_by(state: &str) -> Strike {
    Strike {
        state: state.to_owned(),
        visits: 1..=1,
        port: Which::Every,
        fault: Fault::Answer("OutOfStock"),
    }
}

fn compensable() -> impl Iterator<Item = &'static str> {
    let steps = PLAN.iter().filter(|step| step.phase == Phase::Compensable);
    steps.map(|step| step.state)
}

#[test]
fn ends_clean_whichever_call_of_a_good_run_fails_in_whichever_way() {
    let sites = sites(&[]);
    assert!(sites.len() >= 15, "{sites:?}");
    for site in sites {
        for fault in faults() {
            let outcome = ends_clean(&[strike(&site.state, site.nth, fault.clone())]);
            assert!(
                ENDS.contains(&outcome.as_str()),
                "{site:?} {fault:?}: {outcome}"
            );
        }
    }
}

#[test]
fn ends_clean_whichever_call_of_an_undone_run_fails_in_whichever_way() {
    let refused = refused_by("CreateShipment");
    for site in sites(std::slice::from_ref(&refused)) {
        for fault in faults() {
            let strikes = [
                refused.clone(),
                strike(&site.state, site.nth, fault.clone()),
            ];
            let outcome = ends_clean(&strikes);
            assert!(outcome != "pending", "{site:?} {fault:?}: {outcome}");
        }
    }
}

#[test]
fn each_step_twice_is_as_good_as_once() {
    for step in &PLAN {
        for later in [
            Duration::ZERO,
            Duration::from_millis(300),
            Duration::from_secs(90),
        ] {
            let twice = Strike {
                state: step.state.to_owned(),
                visits: 1..=1,
                port: Which::Every,
                fault: Fault::Duplicate(later),
            };
            assert_eq!(
                ends_clean(&[twice]),
                "confirmed",
                "{} {later:?}",
                step.state
            );
        }
    }
}

#[test]
fn takes_everything_back_when_a_step_before_the_decision_fails_for_good() {
    for state in compensable() {
        assert_eq!(
            ends_clean(&[refused_by(state)]),
            "failed: out_of_stock",
            "{state}"
        );
    }
}

#[test]
fn each_undo_twice_is_as_good_as_once() {
    for undo in PLAN.iter().filter_map(|step| step.undo) {
        for later in [Duration::ZERO, Duration::from_secs(90)] {
            let twice = Strike {
                state: undo.0.to_owned(),
                visits: 1..=1,
                port: Which::Every,
                fault: Fault::Duplicate(later),
            };
            let outcome = ends_clean(&[refused_by("CreateShipment"), twice]);
            assert_eq!(outcome, "failed: out_of_stock", "{} {later:?}", undo.0);
        }
    }
}

/// The step is given up before its first, or its second, call and comes back long after its undo.
#[test]
fn a_step_that_comes_after_its_undo_changes_nothing() {
    for state in compensable() {
        for call in 0..3 {
            let strikes = [
                strike(state, call, Fault::Freeze(Duration::from_mins(20))),
                refused_by("CreateShipment"),
            ];
            let outcome = ends_clean(&strikes);
            assert!(outcome != "pending", "{state} {call}: {outcome}");
        }
    }
}

#[test]
fn an_execution_that_is_aborted_anywhere_is_finished_by_the_sweeper() {
    for step in &PLAN {
        let abort = Strike {
            state: step.state.to_owned(),
            visits: 1..=1,
            port: Which::Every,
            fault: Fault::Abort,
        };
        assert_eq!(ends_clean(&[abort]), "confirmed", "{}", step.state);
    }
}
