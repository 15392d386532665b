//! Courses.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{CourseBody, CourseListBody, CreateCourse};
use domain::ports::SaveError;
use domain::{Course, CourseId};
use http_edge::{By, Caller, Json, Problem, etag};

use crate::lists::{Asked, List};
use crate::routes::{App, Store, id_taken};

pub(crate) async fn list<S: Store>(
    State(app): State<Arc<App<S>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<CourseListBody>, Problem> {
    let list = List::new(&app, "courses", asked)?;
    let page = app.store.list_courses(&list.query).await?;
    Ok(Json(CourseListBody {
        courses: page.items.iter().map(Into::into).collect(),
        next_cursor: list.cursor(&app, page.next),
    }))
}

fn shown(course: &Course) -> impl IntoResponse + use<> {
    let tag = [(header::ETAG, etag(course.version))];
    (tag, axum::Json(CourseBody::from(course)))
}

/// What is of another shop is not there.
pub(crate) async fn show<S: Store>(
    State(app): State<Arc<App<S>>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let id = CourseId::parse(&id).map_err(|_| Problem::not_found())?;
    let course = app.store.course(&id).await?;
    let course = course.filter(|course| course.tenant == app.tenant);
    Ok(shown(&course.ok_or_else(Problem::not_found)?))
}

pub(crate) async fn create<S: Store>(
    State(app): State<Arc<App<S>>>,
    (caller, By(author)): (Caller, By),
    Json(body): Json<CreateCourse>,
) -> Result<Response, Problem> {
    app.must_run_this_shop(&caller)?;
    let (id, details) = body.parse().map_err(Problem::invalid)?;
    let id = id.unwrap_or_else(|| (app.new_id)().into());
    let course = Course::create(id, app.tenant.clone(), details, app.clock.now());
    let saved = app.store.by(&author).save_course(course).await;
    let course = saved.map_err(|error| match error {
        SaveError::Conflict(_) => id_taken(),
        SaveError::Store(error) => error.into(),
    })?;
    let location = format!("/api/v1/courses/{}", course.id);
    let place = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, place, shown(&course)).into_response())
}
