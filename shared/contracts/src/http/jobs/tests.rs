//! What may be asked for.

use super::*;

fn asked(kind: &str, from: Option<&str>, to: Option<&str>) -> Result<JobWork, String> {
    let body = NewJob {
        kind: kind.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    body.parse().map_err(|error| error.pointer)
}

#[test]
fn a_report_is_of_days_and_nothing_else_is() {
    let work = JobWork::SalesReport {
        from: date(2000, 1, 1),
        to: date(2026, 11, 23),
    };
    let report = |from, to| asked("sales_report", Some(from), Some(to));
    assert_eq!(report("2000-01-01", "2026-11-23"), Ok(work));
    let wrong = |pointer: &str| Err(pointer.to_owned());
    assert_eq!(report("1999-12-31", "2026-11-23"), wrong("/from"));
    assert_eq!(report("2026-11-24", "2026-11-23"), wrong("/from"));
    assert_eq!(report("2026-11-23", "2026-02-30"), wrong("/to"));
    assert_eq!(report("2026-11-23", "20261123"), wrong("/to"));
    assert_eq!(
        report("2000-01-01", "2030-02-11"),
        Ok(JobWork::SalesReport {
            from: date(2000, 1, 1),
            to: date(2030, 2, 11),
        })
    );
    assert_eq!(report("2000-01-01", "2030-02-12"), wrong("/to"));
    assert_eq!(
        asked("sales_report", None, Some("2026-11-23")),
        wrong("/from")
    );
    assert_eq!(
        asked("sales_report", Some("2026-11-23"), None),
        wrong("/to")
    );
    assert_eq!(
        asked("archive_events", None, None),
        Ok(JobWork::ArchiveEvents)
    );
    assert_eq!(
        asked("rebuild_search", None, None),
        Ok(JobWork::RebuildSearch)
    );
    let of_days = ("2026-07-20", "2026-07-21");
    let (from, to) = (date(2026, 7, 20), date(2026, 7, 21));
    assert_eq!(
        asked("order_export", Some(of_days.0), Some(of_days.1)),
        Ok(JobWork::OrderExport { from, to })
    );
    assert_eq!(
        asked("rebuild_figures", Some(of_days.0), Some(of_days.1)),
        Ok(JobWork::RebuildFigures { from, to })
    );
    // A leap year and a day.
    let long = |kind| asked(kind, Some("2024-01-01"), Some("2025-01-01"));
    assert_eq!(long("order_export"), wrong("/to"));
    assert!(long("rebuild_figures").is_ok());
    let day = Some("2026-11-23");
    assert_eq!(asked("archive_events", day, None), wrong("/from"));
    assert_eq!(asked("rebuild_search", None, day), wrong("/to"));
    for kind in ["", "SALES_REPORT", "drop_tables"] {
        assert_eq!(asked(kind, None, None), wrong("/kind"));
    }
}
