//! What is counted of an order, whatever is heard first.

use super::*;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap()).unwrap()
}

fn refund(id: &str, minor: i64) -> Counting {
    Counting::Refunded(RefundId::parse(id).unwrap(), eur(minor))
}

fn noon() -> Timestamp {
    "2026-07-20T12:34:56Z".parse().unwrap()
}

/// The tallies of a life, by figure; those that came to nothing are left out.
fn sum(lives: &[&[Counting]]) -> Vec<(Period, Figure, i64)> {
    let mut sums: Vec<(Period, Figure, i64)> = Vec::new();
    for life in lives {
        let mut order = CountedOrder::default();
        for what in *life {
            for tally in order.count(what, noon()) {
                let same =
                    |it: &&mut (Period, Figure, i64)| (it.0, it.1) == (tally.period, tally.figure);
                match sums.iter_mut().find(same) {
                    Some(known) => known.2 += tally.by,
                    None => sums.push((tally.period, tally.figure, tally.by)),
                }
            }
        }
    }
    sums.retain(|it| it.2 != 0);
    sums.sort_by_key(|it| format!("{it:?}"));
    sums
}

fn life() -> [Counting; 6] {
    [
        Counting::Placed(eur(1_200)),
        Counting::Completed(eur(1_200)),
        Counting::Shipped,
        refund("one", 200),
        Counting::Delivered,
        refund("two", 1_000),
    ]
}

#[test]
fn a_life_is_counted_where_and_when_it_happened() {
    let day = Period::Day("2026-07-20".parse().unwrap());
    let hour = Period::Hour("2026-07-20".parse().unwrap(), 12);
    let currency = eur(0).currency();
    let wanted = [
        (day, Figure::Refunds(currency), 1_200),
        (day, Figure::Revenue(currency), 1_200),
        (hour, Figure::Placed(34), 1),
        (Period::Now, Figure::Standing(Standing::Refunded), 1),
    ];
    assert_eq!(sum(&[&life()]), wanted);
}

#[test]
fn what_is_heard_in_any_order_and_again_is_counted_once() {
    let wanted = sum(&[&life()]);
    for turn in 0..life().len() {
        let mut heard = [life(), life()].concat();
        heard.rotate_left(turn);
        assert_eq!(sum(&[&heard]), wanted, "from {turn}");
        heard.reverse();
        assert_eq!(sum(&[&heard]), wanted, "backwards from {turn}");
    }
}

#[test]
fn an_order_of_which_a_part_went_back_stands_where_its_parcel_is() {
    let wanted = [Standing::Open, Standing::Shipped, Standing::Shipped];
    let mut order = CountedOrder::default();
    let told = [
        Counting::Placed(eur(1_200)),
        Counting::Shipped,
        refund("one", 200),
    ];
    for (what, standing) in told.iter().zip(wanted) {
        order.count(what, noon());
        assert_eq!(order.standing(), Some(standing));
    }
}

#[test]
fn what_fails_is_counted_by_its_reason() {
    let placed = Counting::Placed(eur(1_200));
    let short = Counting::Failed(FailureCode::OutOfStock);
    let left = [placed.clone(), Counting::Cancelled];
    let sums = sum(&[&[placed.clone(), short.clone()], &[short, placed], &left]);
    let of = |figure| sums.iter().find(|it| it.1 == figure).map(|it| it.2);
    assert_eq!(of(Figure::Failures(FailureCode::OutOfStock)), Some(2));
    assert_eq!(of(Figure::Standing(Standing::Failed)), Some(2));
    assert_eq!(of(Figure::Standing(Standing::Cancelled)), Some(1));
    assert_eq!(of(Figure::Standing(Standing::Open)), None);
    assert_eq!(of(Figure::Placed(34)), Some(3));
}

#[test]
fn the_newest_courses_are_left_in_whatever_order_they_come() {
    let course = |number: i64| NewCourse {
        id: CourseId::parse(&format!("course{number}")).unwrap(),
        title: format!("Course {number}"),
        created_at: Timestamp::from_second(number).unwrap(),
    };
    let most = i64::try_from(NewestCourses::MOST).unwrap();
    let wanted: Vec<_> = (4..4 + most).rev().map(course).collect();
    for step in [1, 5] {
        let mut newest = NewestCourses::default();
        for turn in 0..2 * (3 + most) {
            newest.take(course(1 + turn * step % (3 + most)));
        }
        assert_eq!(newest.courses, wanted);
        assert!(!newest.take(course(1)) && !newest.take(course(9)));
    }
}
