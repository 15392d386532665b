//! A new course, for those who want to hear of new ones.

use contracts::events::{CourseState, Envelope, EventType};
use domain::{CustomerId, Notice, NotificationKind, SaleStatus, TenantId};

use crate::{Told, WordingError};

/// What to tell one of those who want to hear of new courses; nothing because of anything else, or of
/// a course that is not on sale. The notice is theirs: another subscriber is told another.
///
/// # Errors
/// [`WordingError`].
pub fn told_to_subscriber(
    event: &Envelope,
    reader: &CustomerId,
) -> Result<Option<Told>, WordingError> {
    if event.event_type != EventType::CourseCreated.as_str() {
        return Ok(None);
    }
    let course: CourseState = event.data()?;
    if course.status != SaleStatus::Active.name() {
        return Ok(None);
    }
    let tenant = event.tenant.as_deref().ok_or(WordingError::Nowhere)?;
    let message = match course.description.as_str() {
        "" => format!("The course \"{}\" can be booked now.", course.title),
        said => format!("The course \"{}\" can be booked now: {said}", course.title),
    };
    Ok(Some(Told {
        tenant: TenantId::parse(tenant)?,
        reader: reader.clone(),
        notice: Notice {
            id: format!("{}@{reader}", event.id),
            kind: NotificationKind::CourseCreated,
            title: "There is a new course".to_owned(),
            message,
            data: [("course_id".to_owned(), course.course_id)].into(),
            at: event.time,
        },
    }))
}
