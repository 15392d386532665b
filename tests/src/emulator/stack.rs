//! Where the test instance is: `make test` starts it and says so in the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_config::SdkConfig;
use testkit::must;

/// The running test instance.
#[derive(Clone, Debug)]
pub struct Stack {
    values: BTreeMap<String, String>,
    /// For everything that is no AWS client. One per test: connections belong to a runtime.
    pub http: reqwest::Client,
    /// For AWS clients, as the account's root user.
    pub aws: SdkConfig,
}

impl Stack {
    /// Reads the environment.
    ///
    /// # Panics
    /// When it names no instance.
    pub async fn open() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "where the instance is comes from whoever started it"
        )]
        let values = std::env::vars().collect();
        // The stack's host is this machine, whatever proxy a person has set.
        let http = must(reqwest::Client::builder().no_proxy().build());
        let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        let stack = Self { values, http, aws };
        for name in ["API_URL", "AWS_ENDPOINT_URL", "PROVIDERS_URL", "PROXY_URL"] {
            stack.get(name);
        }
        stack
    }

    /// The value of a variable that `make test` sets.
    ///
    /// # Panics
    /// When it is not set.
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or_else(
            || panic!("{name} is not set: these tests need the test instance, run `make test`"),
            String::as_str,
        )
    }

    /// All variables, for a program that the test starts.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Full name of a function, such as `cartwright-payments`.
    pub fn function(&self, folder: &str) -> String {
        format!("{}-{folder}", self.get("CARTWRIGHT_STACK"))
    }

    /// A program of the workspace, built beside this test.
    pub fn program(name: &str) -> PathBuf {
        let mut folder = must(std::env::current_exe());
        // <target>/<profile>/deps/<test>
        folder.pop();
        folder.pop();
        folder.join(name)
    }
}
