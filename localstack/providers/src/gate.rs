//! Where every request meets the faults that are switched on for it.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};

use crate::answer::{Answer, cut};
use crate::app::{App, Work};
use crate::faults::{Kind, Lost};
use crate::operation::{Operation, Subject};

/// Carries the request out, spoilt by the fault that is meant for it, if any.
pub(crate) async fn pass(app: Arc<App>, subject: Subject, work: Work) -> Response {
    app.calls.count(&subject);
    let operation = subject.operation;
    loop {
        let Some((id, kind)) = app.faults.take(&subject) else {
            return app.perform(operation, &work, None).into_response();
        };
        return match kind {
            Kind::Hang => {
                // Dropped here when the caller goes away; served once the fault is removed.
                app.faults.removed(id).await;
                continue;
            }
            Kind::Decline { code } => app.perform(operation, &work, Some(&code)).into_response(),
            Kind::Slow { ms } => slowly(app, operation, work, ms).await.into_response(),
            Kind::Error500 => broken(operation, 500),
            Kind::Down => broken(operation, 503),
            Kind::Drop => cut(),
            Kind::AppliedNoAnswer { answer } => {
                app.perform(operation, &work, None);
                lost(operation, answer)
            }
            Kind::LateEffect { ms, answer } => late(&app, operation, work, (ms, answer)),
            Kind::LookupLag { .. } | Kind::Repeat { .. } | Kind::Swap => {
                app.perform(operation, &work, None).into_response()
            }
        };
    }
}

/// The key is in use from now on; the effect comes at the end, also when the caller has left.
async fn slowly(app: Arc<App>, operation: Operation, work: Work, ms: u64) -> Answer {
    let task = tokio::spawn(async move {
        let claimed = app.claim(&work);
        app.clock
            .until(app.clock.now().saturating_add_unsigned(ms))
            .await;
        claimed.unwrap_or_else(|| app.run(operation, &work, None))
    });
    task.await
        .unwrap_or_else(|error| Answer::broken(operation, 500, &error.to_string()))
}

fn late(app: &Arc<App>, operation: Operation, work: Work, fault: (u64, Lost)) -> Response {
    let (ms, answer) = fault;
    if let Work::Write(request) = work
        && let Err(error) = app.postpone(request, ms)
    {
        return Answer::broken(operation, 500, &error.to_string()).into_response();
    }
    lost(operation, answer)
}

fn lost(operation: Operation, answer: Lost) -> Response {
    match answer {
        Lost::Cut => cut(),
        Lost::Error500 => broken(operation, 500),
    }
}

fn broken(operation: Operation, status: u16) -> Response {
    Answer::broken(operation, status, "a fault that was asked for").into_response()
}
