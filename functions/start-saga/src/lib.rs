//! start-saga
