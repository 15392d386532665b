//! The index, the history and the sales on a real server, whose address is in `DATABASE_URL`: `make test` starts one and sets it.
//! Each test has a schema of its own, named after it, made anew when it begins.

// The lints know helpers of tests by this attribute only.
#[cfg(test)]
mod archived;
#[cfg(test)]
mod at_once;
#[cfg(test)]
mod away;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod owners;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod selling;
#[cfg(test)]
mod slips;
#[cfg(test)]
mod taking;
#[cfg(test)]
mod wire;

mod search {
    testkit::check_search!(crate::schema::fresh("search"));
}

mod history {
    testkit::check_history!(crate::schema::fresh("history"));
}

mod sales {
    testkit::check_sales!(crate::schema::fresh("sales"));
}

mod facts {
    testkit::check_facts!(crate::schema::fresh("facts"));
}

mod metrics {
    testkit::check_metrics!(crate::schema::fresh("metrics"));
}

mod archive {
    testkit::check_archive!(crate::schema::fresh("archive"));
}
