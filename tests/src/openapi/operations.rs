//! The declarations. A new route is a new entry in one of these lists.

mod accounts;
mod audit;
mod catalogue;
mod dashboard;
mod groups;
mod jobs;
mod notifications;
mod orders;
mod privacy;
mod reports;
mod system;

use super::Operation;

/// Every route of the API.
pub fn operations() -> Vec<Operation> {
    let lists = [
        orders::placed(),
        orders::followed(),
        orders::in_the_office(),
        catalogue::entries(),
        catalogue::search(),
        catalogue::stock(),
        catalogue::movements(),
        accounts::sign_in(),
        accounts::links(),
        accounts::published(),
        accounts::users(),
        accounts::credentials(),
        accounts::phones(),
        privacy::kept(),
        accounts::destinations(),
        accounts::api_keys(),
        orders::webhooks(),
        notifications::list(),
        notifications::preferences(),
        notifications::courses(),
        notifications::sockets(),
        groups::groups(),
        groups::members(),
        groups::messages(),
        audit::trail(),
        dashboard::page(),
        reports::sold(),
        reports::metrics(),
        jobs::heavy(),
        system::itself(),
    ];
    lists.into_iter().flatten().collect()
}
