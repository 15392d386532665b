//! The same trace under both kinds of saga and both processors.

use serde::Serialize;

use crate::bill::{Architecture, Bill, BillError, Options, Totals};
use crate::rates::Rates;
use crate::trace::{Kind, Trace};

/// What there is to choose between.
const CHOICES: [(Kind, Architecture); 4] = [
    (Kind::Express, Architecture::Arm64),
    (Kind::Express, Architecture::X86_64),
    (Kind::Standard, Architecture::Arm64),
    (Kind::Standard, Architecture::X86_64),
];

/// A bill, and what it would be otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub combinations: Vec<Combination>,
    pub bill: Bill,
}

/// The totals of one choice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Combination {
    pub saga: Kind,
    pub architecture: Architecture,
    pub totals: Totals,
}

impl Comparison {
    /// Bills a trace with these options, and its totals with each choice.
    ///
    /// # Errors
    /// As for [`Bill::new`].
    pub fn new(trace: &Trace, options: Options, rates: &Rates) -> Result<Self, BillError> {
        let combination = |(saga, architecture)| {
            let options = Options {
                saga: Some(saga),
                architecture,
                ..options
            };
            let totals = Bill::new(trace, options, rates)?.totals;
            Ok(Combination {
                saga,
                architecture,
                totals,
            })
        };
        Ok(Self {
            combinations: CHOICES
                .into_iter()
                .map(combination)
                .collect::<Result<_, BillError>>()?,
            bill: Bill::new(trace, options, rates)?,
        })
    }
}
