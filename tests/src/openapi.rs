//! The OpenAPI document of the HTTP API (`docs/openapi.json`): every route of the functions, with
//! what its declaration in `operations` says, what follows from its policy, and the schemas of
//! the bodies in `contracts`.

mod bounds;
mod document;
mod operation;
mod operations;
mod schemas;

pub(crate) use bounds::ID;
pub use document::document;
pub use operation::{Answer, Content, Operation, Parameter};
pub use operations::operations;
pub(crate) use schemas::{finished as bodies, generator};

/// What differs between the routes of the functions and the declarations.
pub fn undeclared() -> Vec<String> {
    use std::collections::BTreeSet;
    let doors = crate::front_door::doors();
    let routes: BTreeSet<String> = doors.iter().map(|door| door.name()).collect();
    let declared: Vec<_> = operations().into_iter().map(|it| it.route).collect();
    let mut wrong: Vec<String> = routes
        .iter()
        .filter(|route| !declared.contains(&route.as_str()))
        .map(|route| format!("{route} is not declared in tests/src/openapi/operations"))
        .collect();
    for (at, route) in declared.iter().enumerate() {
        if !routes.contains(*route) {
            wrong.push(format!("{route} is declared, and no function has it"));
        }
        if declared.iter().take(at).any(|other| other == route) {
            wrong.push(format!("{route} is declared twice"));
        }
    }
    wrong
}
