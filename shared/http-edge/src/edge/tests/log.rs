//! The line in the log, one per request.

use std::io;
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// A log kept in memory.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Kept {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// While there is only one log, whether a line is wanted is asked on the thread that comes by it
/// first, and remembered for all. So a thread without a log of its own needs one too.
fn listen_everywhere() {
    static ONCE: Once = Once::new();
    let all = || tracing::subscriber::set_global_default(tracing_subscriber::registry());
    ONCE.call_once(|| all().unwrap());
}

/// What is logged of one request: fields of the event and of its span.
async fn logged(router: Router, request: Request) -> (Value, Value) {
    listen_everywhere();
    let kept = Kept::default();
    let log = tracing_subscriber::fmt()
        .json()
        .with_writer(kept.clone())
        .finish();
    let guard = tracing::subscriber::set_default(log);
    ask(router, request).await;
    drop(guard);
    let bytes = kept
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: Value = serde_json::from_str(&text).unwrap();
    (line["fields"].clone(), line["span"].clone())
}

#[tokio::test]
async fn a_request_is_one_line_with_route_status_and_order() {
    let noted = async || {
        crate::note_order("o-1");
        "fine"
    };
    let router = Router::new().route("/noted/{id}", get(noted));
    let request = get_request("/noted/5", &[("x-request-id", "r-1")]);
    let (event, span) = logged(edge(router, Options::public(new_id)), request).await;
    assert_eq!(
        (&event["outcome"], &event["status"]),
        (&json!("ok"), &json!(200))
    );
    assert!(event["duration_ms"].is_u64());
    assert_eq!(span["http.route"], "/noted/{id}");
    assert_eq!(span["http.request_id"], "r-1");
    assert_eq!(span["order.id"], "o-1");
}

#[tokio::test]
async fn a_refused_token_is_logged_by_its_reason_and_never_itself() {
    let mut over = claims();
    over.exp = 0;
    let token = signing_key().mint(&over).unwrap();
    let value = format!("Bearer {token}");
    let request = get_request("/whoami", &[("authorization", &value)]);
    let (event, span) = logged(protected(), request).await;
    assert_eq!(event["outcome"], "unauthorised");
    assert_eq!(event["error"], "expired");
    assert!(!format!("{event}{span}").contains(&token));
}
