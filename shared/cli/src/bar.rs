//! How far a run is, as a bar on one line of a terminal; nothing where nobody sits.

use std::io::{self, IsTerminal, Stderr, Write, stderr};

const WIDTH: usize = 40;

/// A bar.
#[derive(Debug)]
pub(crate) struct Bar<W> {
    sink: Option<W>,
}

impl Bar<Stderr> {
    /// On standard error, where that is a terminal.
    pub(crate) fn new() -> Self {
        let sink = stderr();
        Self {
            sink: Some(sink).filter(Stderr::is_terminal),
        }
    }
}

impl<W: Write> Bar<W> {
    /// Draws it anew.
    pub(crate) fn show(&mut self, done: usize, of: usize, what: &str) -> io::Result<()> {
        let Some(sink) = &mut self.sink else {
            return Ok(());
        };
        let full = (done * WIDTH).checked_div(of).unwrap_or(WIDTH).min(WIDTH);
        let bar = "█".repeat(full) + &"░".repeat(WIDTH - full);
        write!(sink, "\r\x1b[2K{bar} {done} of {of} {what}")?;
        sink.flush()
    }

    /// Leaves the line empty for what is said next.
    pub(crate) fn wipe(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Some(sink) => write!(sink, "\r\x1b[2K"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_the_run_is_far() {
        for (done, full) in [(0, 0), (50, 20), (100, 40), (101, 40)] {
            let mut bar = Bar {
                sink: Some(Vec::new()),
            };
            bar.show(done, 100, "sockets").unwrap();
            let text = String::from_utf8(bar.sink.unwrap()).unwrap();
            assert_eq!(text.matches('█').count(), full, "{text}");
            assert_eq!(text.matches(['█', '░']).count(), WIDTH);
        }
    }

    #[test]
    fn where_nobody_sits_nothing_is_drawn() {
        let mut bar: Bar<Vec<u8>> = Bar { sink: None };
        bar.show(1, 2, "sockets").unwrap();
        bar.wipe().unwrap();
        assert_eq!(bar.sink, None);
    }
}
