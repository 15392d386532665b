//! `cartwright admin`: the first account that may run the shop. All others are made through the API,
//! and given their roles by this one.

use std::fmt;
use std::io::{self, BufRead, Write};

use clap::{Args, Subcommand};
use contracts::InvalidBody;
use contracts::http::{RegisterUser, Secret};
use domain::ports::{KeepAccounts, RegisterError};
use domain::{InvalidId, Role, TenantId};
use dynamo_store::AccountsTable;
use identity::{Argon2Passwords, HashPasswords, PasswordParams, PasswordParamsError, register};
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Set up those who run the shop.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    Create(Create),
}

/// Make an account that may do everything. Its password is the first line of standard input.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What they sign in with.
    #[arg(long)]
    email: String,
    /// Their name.
    #[arg(long)]
    name: String,
}

/// Why there is no account.
#[derive(Debug, Error)]
pub(crate) enum AdminError {
    #[error(transparent)]
    Tenant(#[from] InvalidId),
    #[error("not accepted")]
    Invalid(#[from] InvalidBody),
    #[error(transparent)]
    Params(#[from] PasswordParamsError),
    #[error(transparent)]
    Register(#[from] RegisterError),
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Created {
    user_id: String,
    roles: Vec<&'static str>,
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.user_id, self.roles.join(", "))
    }
}

impl Admin {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Create(create) = self;
        let table = settings.one("ACCOUNTS_TABLE")?;
        let aws = sdk_config(settings).await;
        let accounts = AccountsTable::connect(&aws, table);
        let passwords = Argon2Passwords::new(PasswordParams::default());
        let passwords = passwords.map_err(AdminError::from)?;
        let password = first_line(io::stdin().lock())?;
        // Whose shop: where customers register.
        let tenant = settings.optional("HOME_TENANT").unwrap_or("main");
        let whom = (tenant, password);
        let created = create.create(&accounts, &passwords, whom, crate::now());
        output.say(&created.await?)?;
        Ok(Ending::Done)
    }
}

fn new_id() -> Uuid {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line is an edge: randomness enters here"
    )]
    Uuid::new_v4()
}

/// Not an argument: those are seen by every process of the machine, and kept by the shell.
fn first_line(mut input: impl BufRead) -> io::Result<Secret> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    Ok(Secret(password.to_owned()))
}

impl Create {
    async fn create(
        &self,
        accounts: &impl KeepAccounts,
        passwords: &impl HashPasswords,
        (tenant, password): (&str, Secret),
        now: Timestamp,
    ) -> Result<Created, AdminError> {
        let asked = RegisterUser {
            email: self.email.clone(),
            password,
            name: self.name.clone(),
        };
        let roles = vec![Role::Customer, Role::Admin];
        let whom = (TenantId::parse(tenant)?, asked.parse()?, roles);
        let account = register(accounts, passwords, whom, new_id, now).await?;
        Ok(Created {
            user_id: account.id.to_string(),
            roles: account.roles.iter().map(|role| role.name()).collect(),
        })
    }
}
