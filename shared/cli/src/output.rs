//! What a command says: a line for people, or the same as a JSON object for programs.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

impl Format {
    pub(crate) const fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// Where to.
#[derive(Debug)]
pub(crate) struct Output<W> {
    format: Format,
    sink: W,
}

impl<W: Write> Output<W> {
    pub(crate) const fn new(format: Format, sink: W) -> Self {
        Self { format, sink }
    }

    /// For whom.
    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Says one thing, at once: whoever follows an order wants to see each step as it comes.
    pub(crate) fn say(&mut self, thing: &(impl Display + Serialize)) -> io::Result<()> {
        match self.format {
            Format::Text => writeln!(self.sink, "{thing}")?,
            Format::Json => {
                serde_json::to_writer(&mut self.sink, thing)?;
                writeln!(self.sink)?;
            }
        }
        self.sink.flush()
    }

    /// Writes bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write_all(bytes)?;
        self.sink.flush()
    }

    #[cfg(test)]
    pub(crate) fn into_sink(self) -> W {
        self.sink
    }
}
