//! Which step is next, by what a job is.

use domain::ports::{
    ArchiveEvents, KeepCourses, KeepFiles, KeepProducts, ListSales, ReadSales, RebuildIndex,
    RecountSales,
};
use domain::{Job, JobWork};
use event_archive::Archive;

use crate::step::{Did, StepError, Work};
use crate::{archive, export, recount, report, search};

/// What jobs are done with.
#[derive(Debug)]
pub struct Workshop<R, I, F, D, A, C> {
    /// What was sold.
    pub reports: R,
    /// The same, and more time for an answer.
    pub patient_reports: R,
    /// The index of the search.
    pub index: I,
    /// What jobs made.
    pub files: F,
    /// Old events.
    pub archive: Archive<D, A>,
    /// What is sold.
    pub catalogue: C,
}

impl<R, I, F, D, A, C> Work for Workshop<R, I, F, D, A, C>
where
    R: ReadSales + ListSales + RecountSales,
    I: RebuildIndex,
    F: KeepFiles,
    D: ArchiveEvents,
    A: KeepFiles,
    C: KeepProducts + KeepCourses,
{
    async fn step(&self, job: &Job) -> Result<Did, StepError> {
        match &job.work {
            JobWork::SalesReport { from, to } => {
                report::step(&self.reports, &self.files, job, (*from, *to)).await
            }
            JobWork::OrderExport { from, to } => {
                export::step(&self.patient_reports, &self.files, job, (*from, *to)).await
            }
            JobWork::RebuildFigures { from, to } => {
                recount::step(&self.patient_reports, &self.files, job, (*from, *to)).await
            }
            JobWork::ArchiveEvents => archive::step(&self.archive, job).await,
            JobWork::RebuildSearch => search::step(&self.catalogue, &self.index, job).await,
        }
    }
}
