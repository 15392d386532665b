//! A good token that is shown in a way that counts for nothing.

use super::Forge;

/// What a request shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What is wrong with it.
    pub what: String,
    /// Headers, repeated ones among them.
    pub headers: Vec<(&'static str, String)>,
    /// Behind the path: empty, or from the `?` on.
    pub query: String,
}

impl Shown {
    /// A token as it should be shown.
    pub fn bearer(what: String, token: &str) -> Self {
        Self::headers(what, vec![("authorization", format!("Bearer {token}"))])
    }

    fn headers(what: impl Into<String>, headers: Vec<(&'static str, String)>) -> Self {
        Self {
            what: what.into(),
            headers,
            query: String::new(),
        }
    }
}

pub(super) fn all(forge: &Forge) -> Vec<Shown> {
    let good = &forge.good();
    let mut all = vec![Shown::headers("nothing", Vec::new())];
    all.extend(written_otherwise(good));
    all.extend(with_something_else(good));
    all.extend(elsewhere(good));
    all.extend(no_keys());
    all
}

/// In other words than `Bearer` and the token.
fn written_otherwise(good: &str) -> Vec<Shown> {
    let values = [
        good.to_owned(),
        format!(" {good}"),
        format!("Bearer{good}"),
        format!("Bearer\t{good}"),
        format!("Bearer:{good}"),
        format!("Bearer={good}"),
        format!("Bearer Bearer {good}"),
        format!("Bearer token={good}"),
        format!("Bearer \"{good}\""),
        format!("Bearer <{good}>"),
        format!("Bearer {good} {good}"),
        format!("Bearer {good},{good}"),
        format!("Bearer {good}, Bearer {good}"),
        format!("Bearer {good}; x=1"),
        format!("Basic {good}"),
        format!("Digest {good}"),
        format!("DPoP {good}"),
        format!("JWT {good}"),
        format!("Token {good}"),
        format!("Negotiate {good}"),
        format!("AWS4-HMAC-SHA256 {good}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        String::new(),
    ];
    let shown = |(number, value): (usize, String)| {
        let what = format!("header {number}: {value:.20}");
        Shown::headers(what, vec![("authorization", value)])
    };
    values.into_iter().enumerate().map(shown).collect()
}

/// Beside something else: who shows two things shows nothing.
fn with_something_else(good: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    let bearer = || ("authorization", format!("Bearer {good}"));
    let second = [
        ("another good one", bearer()),
        ("a bad one", ("authorization", "Bearer x".to_owned())),
        ("an empty one", ("authorization", String::new())),
        ("a key that is none", ("x-api-key", "cwk_x".to_owned())),
        ("an empty key", ("x-api-key", String::new())),
        ("itself as a key", ("x-api-key", good.to_owned())),
    ];
    for (what, other) in second {
        let before = vec![other.clone(), bearer()];
        all.push(Shown::headers(format!("{what}, and a good one"), before));
        all.push(Shown::headers(
            format!("a good one, and {what}"),
            vec![bearer(), other],
        ));
    }
    all
}

/// Where no token is looked for.
fn elsewhere(good: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    let names = [
        "x-api-key",
        "x-authorization",
        "x-access-token",
        "x-auth-token",
        "proxy-authorization",
        "x-forwarded-authorization",
        "x-amzn-remapped-authorization",
        "x-original-authorization",
        "authentication",
        "token",
    ];
    for name in names {
        all.push(Shown::headers(
            format!("a good one as {name}"),
            vec![(name, good.to_owned())],
        ));
    }
    for cookie in ["token", "access_token", "session", "Authorization"] {
        let header = ("cookie", format!("{cookie}={good}"));
        all.push(Shown::headers(
            format!("in a cookie {cookie}"),
            vec![header],
        ));
    }
    for name in ["access_token", "token", "jwt", "authorization", "api_key"] {
        all.push(Shown {
            query: format!("?{name}={good}"),
            ..Shown::headers(format!("in the query as {name}"), Vec::new())
        });
    }
    all
}

/// What begins like an API key and can be none.
fn no_keys() -> Vec<Shown> {
    let mut all = Vec::new();
    for key in [
        "cwk_",
        "cwk_00",
        &format!("cwk_{}", "0".repeat(104)),
        &format!("cwk_{}", "g".repeat(104)),
    ] {
        let what = format!("what can be no key: {key:.12}");
        all.push(Shown::bearer(what.clone(), key));
        all.push(Shown::headers(what, vec![("x-api-key", key.to_owned())]));
    }
    all
}
