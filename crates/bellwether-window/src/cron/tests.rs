use bellwether_core::Time;
use chrono::DateTime;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> i64 {
    text.parse::<Time>().unwrap().unix_millis()
}

fn next(pattern: &str, after: &str) -> String {
    let cron = Cron::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let start = cron.earliest(at(after) + 1, at(after) + 12 * 366 * DAY).unwrap();
    Time::from_unix_millis(start).to_string()
}

/// Dates by hand from a calendar on the wall.
#[test]
fn understands_what_people_write() {
    for (pattern, after, expected) in [
        ("0 22 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T22:00:00.000Z"),
        ("0 22 * * 0", "2026-03-02T00:00:00Z", "2026-03-08T22:00:00.000Z"),
        ("0 22 * * sun", "2026-03-02T00:00:00Z", "2026-03-08T22:00:00.000Z"),
        ("0 22 * * FRI-SUN", "2026-03-07T23:00:00Z", "2026-03-08T22:00:00.000Z"),
        ("0 22 * * sun-sun", "2026-03-02T00:00:00Z", "2026-03-08T22:00:00.000Z"),
        ("0 22 * JAN,mar *", "2026-01-31T23:00:00Z", "2026-03-01T22:00:00.000Z"),
        ("*/20 * * * *", "2026-03-02T10:40:00Z", "2026-03-02T11:00:00.000Z"),
        ("10-50/20 8-18/5 * * *", "2026-03-02T08:50:00Z", "2026-03-02T13:10:00.000Z"),
        ("0 0 29 2 *", "2026-03-02T00:00:00Z", "2028-02-29T00:00:00.000Z"),
        ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00.000Z"),
        ("0 0 13 * 5", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00.000Z"),
        ("0 0 13 * *", "2026-03-13T00:00:00Z", "2026-04-13T00:00:00.000Z"),
        ("0 0 ? * 5", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00.000Z"),
        ("0 0 */1 * 5", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00.000Z"),
        ("0 0 L * *", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00.000Z"),
        ("0 0 LW * *", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00.000Z"),
        ("0 0 15W * *", "2026-08-01T00:00:00Z", "2026-08-14T00:00:00.000Z"),
        ("0 0 1w * *", "2026-07-31T00:00:00Z", "2026-08-03T00:00:00.000Z"),
        ("0 0 * * 5L", "2026-03-01T00:00:00Z", "2026-03-27T00:00:00.000Z"),
        ("0 0 * * fri#L", "2026-03-01T00:00:00Z", "2026-03-27T00:00:00.000Z"),
        ("0 0 * * 2#2", "2026-03-01T00:00:00Z", "2026-03-10T00:00:00.000Z"),
        ("0 0 * * 7#5", "2026-03-01T00:00:00Z", "2026-03-29T00:00:00.000Z"),
        ("@daily", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00.000Z"),
        ("@Midnight", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00.000Z"),
        ("@weekly", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00.000Z"),
        ("@monthly", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00.000Z"),
        ("@yearly", "2026-03-02T00:00:00Z", "2027-01-01T00:00:00.000Z"),
        ("@hourly", "2026-03-02T00:00:00Z", "2026-03-02T01:00:00.000Z"),
        ("  0\t22 * *  *  ", "2026-03-02T00:00:00Z", "2026-03-02T22:00:00.000Z"),
    ] {
        assert_eq!(next(pattern, after), expected, "{pattern:?}");
    }
}

#[test]
fn refuses_what_is_no_pattern_or_matches_no_day() {
    for pattern in [
        "",
        " ",
        "0 22 * *",
        "0 0 22 * * *",
        "0 0 22 * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * -1",
        "*/0 * * * *",
        "5/20 * * * *",
        "1,,2 * * * *",
        ", * * * *",
        "20-10 * * * *",
        "* * * * fri-mon",
        "* * * * monday",
        "* MON * * *",
        "JAN * * * *",
        "1MON * * * *",
        "* * 15W5 * *",
        "* * W * *",
        "* * 32W * *",
        "* * L-3 * *",
        "* * * L *",
        "L * * * *",
        "* * * * 1#6",
        "* * * * 1#0",
        "* * * * #2",
        "* * * * L5",
        "? * * * *",
        "* * *,5 * *",
        "* * * * +5",
        "@reboot",
        "@daily 5",
        "@every 1h",
        "0 0 30 2 *",
        "0 0 31 4,6,9,11 *",
        "CRON_TZ=UTC 0 0 * * *",
        "0 0 * * 1-5\u{a0}",
        "0.5 * * * *",
        "* * * * 1/2",
        "001 * * * *",
        "0\n22 * * *",
        "１ * * * *",
    ] {
        assert!(Cron::parse(pattern).is_err(), "{pattern:?} was taken");
    }
}

/// From `TestGetRange`, `TestParseSchedule` and `TestNext` of `robfig/cron`, and what its parser says of the rest.
#[test]
fn reads_robfig_patterns_as_the_original_does() {
    let starts = |pattern: &str, from: &str, until: &str| {
        let cron = Cron::robfig(pattern).unwrap_or_else(|| panic!("{pattern:?} was refused"));
        let mut found = Vec::new();
        let mut next = cron.earliest(at(from), at(until));
        while let Some(start) = next {
            found.push(Time::from_unix_millis(start).to_string()[5..16].to_owned());
            next = cron.earliest(start + 1, at(until));
        }
        found
    };
    let hour = |pattern: &str| starts(pattern, "2026-06-10T10:00:00Z", "2026-06-10T10:59:00Z");
    assert_eq!(hour("5/20 10 * * *"), ["06-10T10:05", "06-10T10:25", "06-10T10:45"]);
    assert_eq!(hour("5-9/2 * * * *"), ["06-10T10:05", "06-10T10:07", "06-10T10:09"]);
    assert_eq!(hour("*/30 ? ? ? ?"), ["06-10T10:00", "06-10T10:30"]);
    assert_eq!(hour("+7,,08 * * * *"), ["06-10T10:07", "06-10T10:08"]);
    assert_eq!(hour("1 * * * WED"), ["06-10T10:01"]);
    assert_eq!(hour("1 * * jun *"), ["06-10T10:01"]);
    assert_eq!(hour(", * * * *"), Vec::<String>::new());
    let june = |pattern: &str| starts(pattern, "2026-06-01T00:00:00Z", "2026-06-30T23:59:00Z");
    assert_eq!(june("0 0 13 * 5"), ["06-05T00:00", "06-12T00:00", "06-13T00:00", "06-19T00:00", "06-26T00:00"]);
    assert_eq!(june("0 0 1,15 * */1"), ["06-01T00:00", "06-15T00:00"]);
    assert_eq!(june("0 0 1,15 * ?"), ["06-01T00:00", "06-15T00:00"]);
    assert_eq!(
        june("0 0 */10 * 0"),
        ["06-01T00:00", "06-07T00:00", "06-11T00:00", "06-14T00:00", "06-21T00:00", "06-28T00:00"]
    );
    assert_eq!(june("0 0 1-31 * 0").len(), 30, "either suffices, and every day is one of the month");
    assert_eq!(june("0 0 *,5 * 0").len(), 4, "a star among others is a star");
    assert_eq!(june("0 0 30 2 *"), Vec::<String>::new());
    for pattern in [
        "",
        "* * * *",
        "* * * * * *",
        "* 10 * * 7",
        "* * * * 0-7",
        "* * * * sat-sun",
        "@daily",
        "0 10 L * *",
        "0 10 15W * *",
        "0 10 * * 1#2",
        "*/0 * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * 0 *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "5-* * * * *",
        "- * * * *",
        "/5 * * * *",
        "*/x * * * *",
        "* * * * sunday",
        "mon * * * *",
        "9-5 * * * *",
        "99999999999 * * * *",
        "CRON_TZ=UTC 0 0 * * *",
    ] {
        assert!(Cron::robfig(pattern).is_none(), "{pattern:?} was taken");
    }
}

fn field(max: u16, min: u16) -> impl Strategy<Value = String> {
    prop_oneof![
        Just("*".to_owned()),
        (2..=max).prop_map(|step| format!("*/{step}")),
        (min..=max).prop_map(|value| value.to_string()),
        (min..=max, min..=max).prop_map(|(one, other)| format!("{}-{}", one.min(other), one.max(other))),
        prop::collection::btree_set(min..=max, 1..4)
            .prop_map(|values| { values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",") }),
    ]
}

fn day_of_month() -> impl Strategy<Value = String> {
    prop_oneof![4 => field(28, 1), 1 => Just("L".to_owned()), 1 => Just("LW".to_owned()), 1 => (1..=31).prop_map(|day| format!("{day}W"))]
}

fn day_of_week() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => field(7, 0),
        1 => (0..=7).prop_map(|day| format!("{day}L")),
        1 => (0..=7, 1..=4).prop_map(|(day, which)| format!("{day}#{which}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// croner's own search knows nothing of this walk; in UTC both must agree.
    #[test]
    fn the_walk_finds_what_croner_finds(
        minute in field(59, 0), hour in field(23, 0), day in day_of_month(), month in field(12, 1), weekday in day_of_week(),
        start in 0_i64..3_000_000_000,
    ) {
        let text = format!("{minute} {hour} {day} {month} {weekday}");
        let cron = Cron::parse(&text).unwrap();
        let theirs: croner::Cron = text.parse().unwrap();
        let now = DateTime::from_timestamp(start, 0).unwrap();
        let limit = 9 * 366 * DAY;
        let millis = start * 1_000;
        let reach = |found: Option<i64>| found.filter(|found| (found - millis).abs() <= limit);
        let next = theirs.find_next_occurrence(&now, true).ok().map(|found| found.timestamp_millis());
        prop_assert_eq!(cron.earliest(millis, millis + limit), reach(next), "next of {}", text);
        let previous = theirs.find_previous_occurrence(&now, true).ok().map(|found| found.timestamp_millis());
        prop_assert_eq!(cron.latest(millis - limit, millis), reach(previous), "previous of {}", text);
    }

    #[test]
    fn any_text_is_a_pattern_or_refused(text in "[ -~\\t]{0,24}|[0-9*,/LW#?-]{1,4}( [0-9*,/LW#?-]{1,4}){4}") {
        let _ = Cron::parse(&text);
        let _ = Cron::robfig(&text);
    }
}

#[test]
fn the_longest_pause_is_known_for_patterns_of_every_day() {
    for (pattern, minutes) in [
        ("* * * * *", Some(1)),
        ("*/25 * * * *", Some(25)),
        ("0 22 * * *", Some(1_440)),
        ("0 9,17 * * *", Some(960)),
        ("0 9 * * 1", None),
        ("0 9 1-30 * *", None),
        ("0 9 * 1-6 *", None),
        ("0 9 1-31 * *", Some(1_440)),
        ("0 9 * * 0-6", Some(1_440)),
        ("0 9 13 * 0-6", Some(1_440)),
    ] {
        assert_eq!(Cron::parse(pattern).unwrap().longest_pause(), minutes.map(|it: i64| it * MINUTE), "{pattern}");
    }
}
