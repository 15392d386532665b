//! The book survives a restart, and a write that was cut off.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use super::{Book, BookError, Effect, Entry};
use crate::payment;

type Outcome = Result<(), Box<dyn Error>>;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("book-{name}-{}", std::process::id())))
    }

    fn write(&self, text: &str) -> Outcome {
        let path = self.0.join("book.jsonl");
        std::fs::OpenOptions::new()
            .append(true)
            .open(path)?
            .write_all(text.as_bytes())?;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

fn entry(at: i64) -> Entry {
    Entry {
        at,
        effect: Some(Effect::Payment(payment::Effect::Captured {
            intent: "pi_1".to_owned(),
            amount: 5,
        })),
        first_answer: None,
        late: None,
        arrived: None,
    }
}

#[test]
fn gives_back_what_was_written() -> Outcome {
    let folder = Folder::new("read-back");
    let (mut book, before) = Book::open(&folder.0)?;
    assert!(before.is_empty());
    book.append(&entry(1))?;
    book.append(&entry(2))?;
    drop(book);
    assert_eq!(Book::open(&folder.0)?.1, vec![entry(1), entry(2)]);
    Ok(())
}

#[test]
fn cuts_off_a_torn_last_line() -> Outcome {
    let folder = Folder::new("torn");
    let (mut book, _) = Book::open(&folder.0)?;
    book.append(&entry(1))?;
    drop(book);
    folder.write("{\"at\":2,\"eff")?;
    let (mut book, entries) = Book::open(&folder.0)?;
    assert_eq!(entries, vec![entry(1)]);
    book.append(&entry(3))?;
    drop(book);
    assert_eq!(Book::open(&folder.0)?.1, vec![entry(1), entry(3)]);
    Ok(())
}

#[test]
fn refuses_a_damaged_line_in_the_middle() -> Outcome {
    let folder = Folder::new("damaged");
    drop(Book::open(&folder.0)?);
    folder.write("nonsense\n{\"at\":2}\n")?;
    let refused = Book::open(&folder.0);
    assert!(
        matches!(refused, Err(BookError::Damaged { line: 1, .. })),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn is_written_by_one_program_at_a_time() -> Outcome {
    let folder = Folder::new("in-use");
    let first = Book::open(&folder.0)?;
    let second = Book::open(&folder.0);
    assert!(matches!(second, Err(BookError::InUse { .. })), "{second:?}");
    drop(first);
    assert!(Book::open(&folder.0).is_ok());
    Ok(())
}
