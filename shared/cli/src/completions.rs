//! `cartwright completions`: what a shell needs to complete our commands.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Arguments;
use crate::failure::Ending;
use crate::output::Output;

/// Print a completion script, to be sourced by the shell.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// For which shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, output: &mut Output<impl Write>) -> io::Result<Ending> {
        let mut script = Vec::new();
        let mut command = Arguments::command();
        clap_complete::generate(self.shell, &mut command, "cartwright", &mut script);
        output.raw(&script)?;
        Ok(Ending::Done)
    }
}
