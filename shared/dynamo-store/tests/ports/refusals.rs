//! Calls that DynamoDB refuses: they reach no operation, and are answered with an error by name.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

const OPERATION: &str = "x-amz-target";
const ERROR: &str = "x-amzn-errortype";
/// There is no such operation.
const NONE: &str = "DynamoDB_20120810.Nothing";

/// What becomes of the next calls of one operation, which come one after the other. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    operation: &'static str,
    error: &'static str,
    /// Whether a call is refused; all behind the last one go through.
    next: Arc<Mutex<VecDeque<bool>>>,
    /// Whether the call that is under way is.
    refused: Arc<AtomicBool>,
}

impl Refusals {
    /// Refuses calls of an operation with this error.
    pub(crate) fn of(operation: &'static str, error: &'static str) -> Self {
        Self {
            operation,
            error,
            next: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// Refuses so many calls, after so many that go through.
    pub(crate) fn refuse(&self, after: usize, times: usize) {
        let good = std::iter::repeat_n(false, after);
        let bad = std::iter::repeat_n(true, times);
        self.next.lock().unwrap().extend(good.chain(bad));
    }
}

impl Intercept for Refusals {
    fn name(&self) -> &'static str {
        "Refusals"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let target = headers.get(OPERATION).unwrap_or_default();
        let is_meant = target.rsplit('.').next() == Some(self.operation);
        if is_meant && self.next.lock().unwrap().pop_front() == Some(true) {
            headers.insert(OPERATION, NONE);
            self.refused.store(true, SeqCst);
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.refused.swap(false, SeqCst) {
            let headers = context.response_mut().headers_mut();
            headers.insert(ERROR, self.error);
        }
        Ok(())
    }
}
