//! The sockets of who does not belong to a group any more.

use domain::ports::KeepSockets;
use domain::{GroupId, Topic};

use crate::{App, PushError};

/// Takes them out of the rows of those groups. They stay open: their reader is told other things.
pub(crate) async fn leave<S: KeepSockets, P, Q>(
    app: &App<S, P, Q>,
    person: &Topic,
    groups: &[GroupId],
) -> Result<(), PushError> {
    let Topic::Person(tenant, _) = person else {
        return Ok(());
    };
    let sockets = app.sockets.sockets_of(person).await?;
    for group in groups {
        let topic = Topic::Group(tenant.clone(), *group);
        app.sockets.leave(&topic, &sockets).await?;
    }
    Ok(())
}
