//! Each kind of fault at the SMS gateway and at those who keep profiles: what a caller meets, and
//! what the book says of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Attempt, Desk, Outcome, Reply, read};

const NUMBER: &str = "+31612345678";

/// Who is asked, by the names of an operation that changes something.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Sms,
    Crm,
}

const BOTH: [At; 2] = [At::Sms, At::Crm];

impl At {
    fn operation(self) -> &'static str {
        match self {
            Self::Sms => "sms.send",
            Self::Crm => "destination.crm.put",
        }
    }

    /// What a fault matches.
    fn subject(self) -> &'static str {
        match self {
            Self::Sms => NUMBER,
            Self::Crm => "u-1",
        }
    }

    async fn ask(self, desk: &Desk) -> Attempt<Reply> {
        match self {
            Self::Sms => desk.text(NUMBER, "hi").await,
            Self::Crm => desk.keep("crm", 1, json!({"name": "Ann"})).await,
        }
    }

    async fn look(self, desk: &Desk) -> Attempt<Reply> {
        let request = match self {
            Self::Sms => desk.sms(Method::GET, "/Messages.json"),
            Self::Crm => desk.anonymous(Method::GET, "/destinations/crm/profiles/u-1"),
        };
        read(request).await
    }

    fn book(self) -> &'static str {
        match self {
            Self::Sms => "messages",
            Self::Crm => "profiles",
        }
    }

    async fn effects(self, desk: &Desk) -> Attempt<usize> {
        desk.rows(self.book()).await
    }

    fn is_done(self, reply: &Reply) -> bool {
        reply.status == if self == Self::Sms { 201 } else { 200 }
    }
}

fn is_hit(faults: &Value) -> bool {
    faults.pointer("/0/hits") == Some(&json!(1))
}

#[tokio::test]
async fn a_decline_is_a_no_without_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("*", json!({"kind": "decline", "times": 2}))
        .await?;
    let sms = At::Sms.ask(&desk).await?;
    assert_eq!((sms.status, &sms.json()["code"]), (400, &json!(21610)));
    let profile = At::Crm.ask(&desk).await?;
    assert_eq!(profile.status, 422);
    assert_eq!(profile.text_at("/error/code"), "profile_rejected");
    desk.fault("sms", json!({"kind": "decline", "code": "30004"}))
        .await?;
    assert_eq!(At::Sms.ask(&desk).await?.json()["code"], 30004);
    assert_eq!(At::Sms.look(&desk).await?.status, 200);
    for at in BOTH {
        assert_eq!(at.effects(&desk).await?, 0, "{at:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_party_that_is_down_stays_down_until_it_is_healed() -> Outcome {
    let desk = Desk::open(None).await?;
    for (kind, status) in [("down", 503), ("error500", 500)] {
        for at in BOTH {
            let party = at.operation().split('.').next().unwrap_or_default();
            desk.fault(party, json!({"kind": kind})).await?;
            for _ in 0..5 {
                assert_eq!(at.ask(&desk).await?.status, status);
            }
            assert_eq!(at.look(&desk).await?.status, status);
            let faults = desk.json("/faults").await?;
            assert_eq!(
                (&faults[0]["hits"], &faults[0]["times"]),
                (&json!(6), &Value::Null)
            );
            desk.heal().await?;
            assert_eq!(at.effects(&desk).await?, 0);
        }
    }
    for at in BOTH {
        assert!(at.is_done(&at.ask(&desk).await?));
        let calls = desk.json("/book/calls").await?;
        assert_eq!(calls[at.operation()], 11, "what was spoilt counts as well");
    }
    Ok(())
}

#[tokio::test]
async fn a_failure_is_told_as_the_party_tells_its_own() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("*", json!({"kind": "down"})).await?;
    let sms = At::Sms.ask(&desk).await?.json();
    assert_eq!((&sms["code"], &sms["status"]), (&json!(20503), &json!(503)));
    let profile = At::Crm.ask(&desk).await?;
    assert_eq!(profile.text_at("/error/code"), "unavailable");
    Ok(())
}

#[tokio::test]
async fn one_destination_is_down_without_the_others() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("destination.crm", json!({"kind": "down"}))
        .await?;
    assert_eq!(desk.keep("crm", 1, json!({})).await?.status, 503);
    assert_eq!(At::Crm.look(&desk).await?.status, 503);
    assert_eq!(desk.keep("newsletter", 1, json!({})).await?.status, 200);
    assert!(At::Sms.is_done(&At::Sms.ask(&desk).await?));
    desk.fault("destination", json!({"kind": "error500"}))
        .await?;
    assert_eq!(desk.keep("support", 1, json!({})).await?.status, 500);
    assert_eq!(desk.keep("crm", 1, json!({})).await?.status, 503);
    Ok(())
}

#[tokio::test]
async fn a_fault_is_matched_by_the_number_or_the_user() -> Outcome {
    let desk = Desk::open(None).await?;
    for at in BOTH {
        let other = json!({"kind": "down", "match": "somebody else"});
        desk.fault(at.operation(), other).await?;
        assert!(at.is_done(&at.ask(&desk).await?));
        let own = json!({"kind": "down", "match": at.subject(), "times": 1});
        desk.fault(at.operation(), own).await?;
        assert_eq!(at.ask(&desk).await?.status, 503);
        assert!(at.is_done(&at.ask(&desk).await?));
    }
    let path = "/faults/sms.send?match=%2B31612345678";
    let off = read(desk.request(Method::DELETE, path)).await?;
    assert_eq!(off.json(), json!({"removed": 1}));
    Ok(())
}

#[tokio::test]
async fn a_dropped_request_has_neither_answer_nor_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    for at in BOTH {
        desk.fault(at.operation(), json!({"kind": "drop", "times": 1}))
            .await?;
        assert!(at.ask(&desk).await.is_err());
        assert_eq!(at.effects(&desk).await?, 0);
        assert!(at.is_done(&at.ask(&desk).await?));
    }
    Ok(())
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_sends_again_but_keeps_a_profile_once() -> Outcome {
    let desk = Desk::open(None).await?;
    for (answer, sent) in [("cut", 2), ("error500", 4)] {
        for (at, effects) in [(At::Sms, sent), (At::Crm, 1)] {
            let lost = json!({"kind": "applied_no_answer", "answer": answer, "times": 1});
            desk.fault(at.operation(), lost).await?;
            let first = at.ask(&desk).await;
            assert!(first.map_or(answer == "cut", |it| it.status == 500));
            assert!(at.is_done(&at.ask(&desk).await?));
            assert_eq!(at.effects(&desk).await?, effects, "{at:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_request_takes_effect_when_the_caller_left() -> Outcome {
    let desk = Desk::open(None).await?;
    for at in BOTH {
        desk.fault(at.operation(), json!({"kind": "slow", "ms": 60_000}))
            .await?;
        // The caller leaves as soon as the party has the request.
        tokio::select! {
            answer = at.ask(&desk) => return Err(format!("answered too early: {answer:?}").into()),
            hit = desk.until("/faults", is_hit) => hit?,
        }
        assert_eq!(at.effects(&desk).await?, 0);
        desk.advance(60);
        let path = format!("/book/{}", at.book());
        desk.until(&path, |rows| rows.as_array().map(Vec::len) == Some(1))
            .await?;
        desk.heal().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_hanging_request_is_served_once_the_fault_is_removed() -> Outcome {
    let desk = Desk::open(None).await?;
    for at in BOTH {
        desk.fault(at.operation(), json!({"kind": "hang"})).await?;
        let healing = async {
            desk.until("/faults", is_hit).await?;
            assert_eq!(at.effects(&desk).await?, 0);
            desk.heal().await
        };
        let (answer, healed) = tokio::join!(at.ask(&desk), healing);
        healed?;
        assert!(at.is_done(&answer?));
    }
    Ok(())
}

#[tokio::test]
async fn a_late_message_comes_as_well_as_its_repeat() -> Outcome {
    let desk = Desk::open(None).await?;
    let late = json!({"kind": "late_effect", "ms": 60_000, "times": 1});
    desk.fault("sms", late).await?;
    assert!(At::Sms.ask(&desk).await.is_err());
    assert!(At::Sms.is_done(&At::Sms.ask(&desk).await?));
    assert_eq!(At::Sms.effects(&desk).await?, 1);
    desk.advance(60);
    desk.until("/book/late", |late| late == &json!([])).await?;
    assert_eq!(At::Sms.effects(&desk).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_late_copy_that_a_newer_one_overtook_has_no_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    let late = json!({"kind": "late_effect", "ms": 60_000, "times": 1, "answer": "error500"});
    desk.fault("destination.crm", late).await?;
    assert_eq!(At::Crm.ask(&desk).await?.status, 500);
    desk.keep("crm", 2, Value::Null).await?;
    desk.advance(60);
    desk.until("/book/late", |late| late == &json!([])).await?;
    let found = At::Crm.look(&desk).await?.json();
    assert_eq!(found, json!({"version": 2, "profile": null}));
    assert_eq!(At::Crm.effects(&desk).await?, 1);
    Ok(())
}

#[tokio::test]
async fn lists_show_a_message_only_after_the_lag() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("sms.list", json!({"kind": "lookup_lag", "ms": 600_000}))
        .await?;
    At::Sms.ask(&desk).await?;
    assert_eq!(At::Sms.look(&desk).await?.json()["messages"], json!([]));
    desk.advance(600);
    let found = At::Sms.look(&desk).await?.json();
    assert_eq!(found["messages"][0]["to"], NUMBER);
    Ok(())
}
