//! What is shown of what was counted.

use super::*;

fn tally(period: Period, figure: Figure, by: i64) -> Tally {
    Tally { period, figure, by }
}

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

#[test]
fn minutes_go_back_an_hour_over_midnight_and_what_is_older_is_left_out() {
    let now: Timestamp = "2026-07-21T00:10:30Z".parse().unwrap();
    let (before, after) = (Period::hour_of(earlier(now, 60)), Period::hour_of(now));
    let tallies = [
        tally(before, Figure::Placed(10), 7),
        tally(before, Figure::Placed(11), 2),
        tally(before, Figure::Placed(59), 3),
        tally(after, Figure::Placed(0), 4),
        tally(after, Figure::Placed(10), 5),
    ];
    let body = DashboardBody::of(&tallies, &NewestCourses::default(), now);
    let placed: Vec<i64> = body.placed_per_minute.iter().map(|it| it.placed).collect();
    assert_eq!(placed.len(), 60);
    assert_eq!(
        [placed[0], placed[48], placed[49], placed[59]],
        [2, 3, 4, 5]
    );
    assert_eq!(placed.iter().sum::<i64>(), 14);
    let minutes = [0, 59].map(|at| body.placed_per_minute[at].minute.to_string());
    assert_eq!(minutes, ["2026-07-20T23:11:00Z", "2026-07-21T00:10:00Z"]);
    assert_eq!(body.today, "2026-07-21");
}

#[test]
fn sums_are_of_today_and_standings_of_ever() {
    let now: Timestamp = "2026-07-21T12:59:59Z".parse().unwrap();
    let (day, yesterday) = (Period::day_of(now), Period::day_of(earlier(now, 24 * 60)));
    let tallies = [
        tally(day, Figure::Revenue(eur()), 1_200),
        tally(yesterday, Figure::Revenue(eur()), 9_900),
        tally(day, Figure::Refunds(eur()), 200),
        tally(day, Figure::Failures(domain::FailureCode::OutOfStock), 3),
        tally(Period::Now, Figure::Standing(Standing::Confirmed), 8),
    ];
    let body = DashboardBody::of(&tallies, &NewestCourses::default(), now);
    let amount = |minor| AmountBody {
        minor,
        currency: "EUR".to_owned(),
    };
    assert_eq!(body.revenue_today, [amount(1_200)]);
    assert_eq!(body.refunds_today, [amount(200)]);
    assert_eq!(body.failures_today[0].reason, "out_of_stock");
    assert_eq!(body.failures_today[0].orders, 3);
    let standing = |at: usize| {
        (
            body.orders_by_status[at].status.as_str(),
            body.orders_by_status[at].orders,
        )
    };
    assert_eq!([standing(0), standing(1)], [("open", 0), ("confirmed", 8)]);
}

#[test]
fn the_periods_that_are_shown_are_each_named_once() {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let [begin, end] = ["2026-07-21T12:00:00Z", "2026-07-21T12:59:59Z"].map(at);
    assert_eq!(DashboardBody::periods(begin).len(), 4);
    assert_eq!(DashboardBody::periods(end).len(), 3);
}
