//! What the setting may say.

use super::{QueueError, QueueNames};
use crate::failure::Failure;
use crate::settings::Settings;

fn all(text: &str) -> Result<Vec<QueueNames>, Failure> {
    QueueNames::all(&Settings::of([("DEAD_LETTER_QUEUES", text)]))
}

#[test]
fn names_each_queue_with_its_dead_letters() {
    let found =
        all("notify=https://q/dead.fifo,https://q/notify.fifo failures=http://q/f").unwrap();
    let [notify, failures] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(notify.name, "notify");
    assert_eq!(notify.dead_letters, "https://q/dead.fifo");
    assert_eq!(notify.source().unwrap(), "https://q/notify.fifo");
    assert_eq!(failures.dead_letters, "http://q/f");
    assert!(matches!(failures.source(), Err(QueueError::NoSource(_))));
}

#[test]
fn refuses_what_is_no_list_of_queues() {
    for text in [
        "notify",
        "=https://q/dead",
        "notify=dead,https://q/n",
        "notify=https://q/dead,",
        "notify=https://q/dead,n",
    ] {
        let refused = all(text);
        assert!(
            matches!(refused, Err(Failure::Queue(QueueError::Setting))),
            "{text}"
        );
    }
}

#[test]
fn says_which_queues_there_are() {
    let settings = Settings::of([("DEAD_LETTER_QUEUES", "a=http://q/a b=http://q/b")]);
    let failure = QueueNames::of(&settings, "c").unwrap_err();
    assert_eq!(failure.in_words(), "there is no queue c; there are a, b");
    assert_eq!(QueueNames::of(&settings, "b").unwrap().name, "b");
}
