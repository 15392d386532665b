//! Courses.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contracts::InvalidBody;
use contracts::http::{CourseBody, CourseListBody, CreateCourse};
use domain::ports::SaveError;
use domain::{Course, CourseId, TenantId};
use http_edge::{Json, Problem, etag};
use jiff::Timestamp;
use uuid::Uuid;

use crate::create::Entry;
use crate::lists::{Asked, List};
use crate::routes::{App, Claims, Store};

pub(crate) async fn list<S: Store, C: Claims>(
    State(app): State<Arc<App<S, C>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<CourseListBody>, Problem> {
    let list = List::new(&app, "courses", asked)?;
    let page = app.store.list_courses(&list.query).await?;
    Ok(Json(CourseListBody {
        courses: page.items.iter().map(Into::into).collect(),
        next_cursor: list.cursor(&app, page.next),
    }))
}

impl Entry for Course {
    type Body = CreateCourse;
    const PATH: &'static str = "/api/v1/courses";

    fn asked(
        body: CreateCourse,
        id: Uuid,
        (tenant, now): (TenantId, Timestamp),
    ) -> Result<Self, InvalidBody> {
        let (given, details) = body.parse()?;
        let id = given.unwrap_or_else(|| id.into());
        Ok(Self::create(id, tenant, details, now))
    }

    async fn save(self, store: &impl Store) -> Result<Self, SaveError<Self>> {
        store.save_course(self).await
    }

    fn was_created_as(&self, asked: &Self) -> bool {
        self.was_created_as(asked)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn shown(&self) -> Response {
        let tag = [(header::ETAG, etag(self.version))];
        (tag, axum::Json(CourseBody::from(self))).into_response()
    }
}

/// What is of another shop is not there.
pub(crate) async fn show<S: Store, C: Claims>(
    State(app): State<Arc<App<S, C>>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = CourseId::parse(&id).map_err(|_| Problem::not_found())?;
    let course = app.store.course(&id).await?;
    let course = course.filter(|course| course.tenant == app.tenant);
    Ok(course.ok_or_else(Problem::not_found)?.shown())
}
