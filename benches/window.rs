//! Costs of asking a calendar of ten rules; the figures to reach stand beside each.

use std::hint::black_box;

use bellwether_core::{Duration, Time};
use bellwether_window::Calendar;
use criterion::{Criterion, criterion_group, criterion_main};

/// Ten rules of every kind.
const CALENDAR: &str = r#"{
    "schema": 1, "name": "bench", "zone": "Europe/Berlin", "otherwise": "discouraged",
    "holidays": [{ "name": "days", "from": "2026-01-01", "until": "2028-01-01", "days": [
        { "date": "2026-04-06", "name": "Easter Monday" }, { "date": "2026-12-25", "name": "Christmas" },
        { "date": "2027-01-01", "name": "New Year" }
    ] }],
    "rules": [
        { "id": "best", "effect": "open", "reason": "the best time",
          "when": { "weekly": [{ "days": ["tue", "wed", "thu"], "from": "10:00", "until": "14:00" }] } },
        { "id": "acceptable", "effect": "open", "reason": "an acceptable time",
          "when": { "weekly": [{ "days": ["mon"], "from": "11:00", "until": "14:00" }] } },
        { "id": "evening", "effect": "closed", "reason": "the team leaves",
          "when": { "weekly": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "16:00", "until": "24:00" }] } },
        { "id": "friday", "effect": "closed", "reason": "the weekend",
          "when": { "weekly": [{ "days": ["fri"], "from": "12:00", "until": "24:00" }] } },
        { "id": "backup", "effect": "closed", "reason": "backups run",
          "when": { "cron": { "start": "0 22 * * *", "duration": "8h" } } },
        { "id": "batch", "effect": "discouraged", "reason": "reports are made",
          "when": { "cron": { "start": "*/30 6-8 * * 1-5", "duration": "10m" } } },
        { "id": "patch-day", "effect": "closed", "reason": "hosts are patched", "zone": "America/New_York",
          "when": { "cron": { "start": "0 2 * * 2#2", "duration": "6h" } } },
        { "id": "month-end", "effect": "closed", "reason": "the books are closed",
          "when": { "cron": { "start": "0 12 L * *", "duration": "1d" } } },
        { "id": "freeze", "effect": "closed", "reason": "the year ends",
          "when": { "dates": [{ "from": "2026-12-18T12:00", "until": "2027-01-04" }] } },
        { "id": "holidays", "effect": "closed", "reason": "nobody is there",
          "when": { "holidays": { "list": "days", "lead_days": 1, "lead": "working_days" } } }
    ]
}"#;

fn asked(criterion: &mut Criterion) {
    let (Ok(calendar), Ok(quiet), Ok(night), Ok(freeze)) = (
        serde_json::from_str::<Calendar>(CALENDAR),
        "2026-03-03T11:00:00+01:00".parse::<Time>(),
        "2026-03-03T23:00:00+01:00".parse::<Time>(),
        "2026-12-18T23:00:00+01:00".parse::<Time>(),
    ) else {
        return;
    };
    let year = Duration::from_hours(400 * 24);
    let mut group = criterion.benchmark_group("a calendar of ten rules");
    for (name, now) in [("open", quiet), ("closed by two", night), ("closed by three, for weeks", freeze)] {
        // at most 2 us
        group.bench_function(format!("state, {name}"), |bencher| bencher.iter(|| calendar.state(black_box(now))));
        // at most 50 us
        group.bench_function(format!("state and next transition, {name}"), |bencher| {
            bencher.iter(|| (calendar.state(black_box(now)), calendar.next_transition(black_box(now), year)));
        });
        group.bench_function(format!("next open, {name}"), |bencher| {
            bencher.iter(|| calendar.next_open(black_box(now), year));
        });
    }
    group.bench_function("compile", |bencher| bencher.iter(|| serde_json::from_str::<Calendar>(black_box(CALENDAR))));
}

criterion_group!(benches, asked);
criterion_main!(benches);
