//! Form parameters as Stripe and Twilio take them: unknown ones are refused, `metadata[name]` is a map.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;

use crate::answer::Answer;

#[derive(Debug)]
pub(crate) struct Params(BTreeMap<String, String>);

/// A request that is malformed. Its key, if any, is not spent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadParam {
    code: &'static str,
    name: String,
}

impl Params {
    pub(crate) fn parse(form: &[u8]) -> Result<Self, BadParam> {
        let mut params = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(form) {
            let name = name.into_owned();
            if params.insert(name.clone(), value.into_owned()).is_some() {
                return Err(BadParam::new("parameter_repeated", &name));
            }
        }
        Ok(Self(params))
    }

    /// The same text for the same parameters, in whatever order they were sent.
    pub(crate) fn fingerprint(&self, path: &str) -> String {
        let sorted = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish();
        format!("{path}?{sorted}")
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn need(&mut self, name: &str) -> Result<String, BadParam> {
        self.take(name)
            .ok_or_else(|| BadParam::new("parameter_missing", name))
    }

    /// The parameter must be there and say exactly this: what else Stripe offers is not played.
    pub(crate) fn need_exactly(&mut self, name: &str, value: &str) -> Result<(), BadParam> {
        if self.need(name)? == value {
            return Ok(());
        }
        Err(BadParam::new("parameter_invalid", name))
    }

    /// A positive amount in minor units, at most twelve digits.
    pub(crate) fn amount(&mut self, name: &str) -> Result<Option<i64>, BadParam> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(amount @ 1..=999_999_999_999) => Ok(Some(amount)),
            _ => Err(BadParam::new("parameter_invalid_integer", name)),
        }
    }

    pub(crate) fn metadata(&mut self) -> BTreeMap<String, String> {
        let mut metadata = BTreeMap::new();
        self.0.retain(|name, value| {
            let inner = name
                .strip_prefix("metadata[")
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(inner) = inner {
                metadata.insert(inner.to_owned(), std::mem::take(value));
            }
            inner.is_none()
        });
        metadata
    }

    /// Refuses what nobody took.
    pub(crate) fn end(self) -> Result<(), BadParam> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(BadParam::new("parameter_unknown", &name)),
        }
    }
}

impl BadParam {
    pub(crate) fn new(code: &'static str, name: &str) -> Self {
        Self {
            code,
            name: name.to_owned(),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        Answer::new(
            400,
            &json!({"error": {
                "type": "invalid_request_error",
                "code": self.code,
                "param": self.name,
                "message": self.to_string(),
            }}),
        )
    }
}

impl fmt::Display for BadParam {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadParam, Params};

    #[test]
    fn has_one_fingerprint_for_any_order_of_parameters() -> Result<(), BadParam> {
        let one = Params::parse(b"amount=5&metadata[order_id]=a%20b")?;
        let other = Params::parse(b"metadata%5Border_id%5D=a+b&amount=5")?;
        assert_eq!(one.fingerprint("/x"), other.fingerprint("/x"));
        assert_ne!(one.fingerprint("/x"), other.fingerprint("/y"));
        Ok(())
    }

    #[test]
    fn refuses_amounts_that_are_not_positive_integers() -> Result<(), BadParam> {
        for text in ["0", "-1", "1.5", "1e3", "9999999999999", "x"] {
            let mut params = Params::parse(format!("amount={text}").as_bytes())?;
            assert!(params.amount("amount").is_err(), "{text}");
        }
        Ok(())
    }

    #[test]
    fn refuses_unknown_and_repeated_parameters() -> Result<(), BadParam> {
        assert!(Params::parse(b"a=1&a=2").is_err());
        assert!(Params::parse(b"a=1")?.end().is_err());
        Ok(())
    }

    #[test]
    fn takes_metadata_out_of_the_parameters() -> Result<(), BadParam> {
        let mut params = Params::parse(b"metadata[order_id]=o-1&metadata[attempt]=2")?;
        let metadata = params.metadata();
        assert_eq!(metadata.get("order_id").map(String::as_str), Some("o-1"));
        assert_eq!(metadata.get("attempt").map(String::as_str), Some("2"));
        params.end()
    }
}
