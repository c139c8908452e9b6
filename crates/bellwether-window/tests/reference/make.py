#!/usr/bin/env python3
"""Writes years.json: what calendars say of every minute of a year, by Python's own zones and croniter.

    python3 -m venv venv && venv/bin/pip install croniter==6.0.0 tzdata==2025.2 && venv/bin/python make.py

tzdata 2025.2 is the IANA release 2025b, as in chrono-tz 0.10.4. Nothing here is taken from the crate: every minute is
turned into local time, and every cron start into an instant, one by one. `runs` is a text of runs of minutes, each a
letter (o open, d discouraged, c closed) and how many minutes it lasts.
"""
import itertools
import json
import os
import zoneinfo
from datetime import datetime, timedelta, timezone

zoneinfo.reset_tzpath(to=[])  # the zones of the tzdata package, not those of the machine
from croniter import croniter  # noqa: E402

YEARS = [
    ("Australia/Lord_Howe", 2026),  # half an hour
    ("Asia/Kathmandu", 1986),  # from 5:30 to 5:45 at the new year
    ("Africa/Casablanca", 2026),  # back in February, forward in March
    ("Pacific/Apia", 2011),  # no 30 December
    ("Europe/Berlin", 2026),
    ("America/New_York", 2026),
    ("America/Sao_Paulo", 2018),  # at midnight
    ("Antarctica/Troll", 2026),  # two hours
    ("Asia/Tehran", 2022),  # at midnight, for the last time
    ("America/St_Johns", 2010),  # a minute after midnight
]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
RANK = {"open": 1, "discouraged": 2, "closed": 3}
MINUTE = timedelta(minutes=1)
UTC = timezone.utc


def calendar(zone, year):
    def rule(name, effect, when):
        return {"id": name, "effect": effect, "reason": "a reason", "when": when}

    holidays = [f"{year}-01-01", f"{year}-03-30", f"{year}-04-06", f"{year}-10-26", f"{year}-12-25", f"{year}-12-30"]
    return {
        "schema": 1, "name": "reference", "zone": zone, "otherwise": "discouraged",
        "holidays": [{"name": "days", "from": f"{year - 1}-01-01", "until": f"{year + 2}-01-01",
                      "days": [{"date": day, "name": "a day"} for day in holidays]}],
        "rules": [
            rule("days", "open", {"weekly": [
                {"days": ["mon", "tue", "wed", "thu"], "from": "09:30", "until": "16:00"},
                {"days": ["sat", "sun"], "from": "01:00", "until": "03:15"},
                {"days": ["sun"], "from": "22:30", "until": "00:45"}]}),
            rule("lunch", "closed", {"weekly": [{"days": ["tue", "thu"], "from": "12:00", "until": "13:00"}]}),
            rule("night", "closed", {"cron": {"start": "0 22 * * mon-fri", "duration": "8h"}}),
            rule("early", "open", {"cron": {"start": "30 2 * * *", "duration": "45m"}}),
            rule("midnight", "closed", {"cron": {"start": "15 0,2 * * 0", "duration": "40m"}}),
            rule("forced", "open", {"cron": {"start": "40 2 * * sun", "duration": "5h", "skipped": "first_valid"}}),
            rule("thirteenth", "discouraged", {"cron": {"start": "0 10 13 * 5", "duration": "2h"}}),
            rule("third-tuesday", "closed", {"cron": {"start": "0 14 * * 2#3", "duration": "30m"}}),
            rule("month-end", "closed", {"cron": {"start": "45 23 L * *", "duration": "12h"}}),
            rule("weekend", "discouraged", {"cron": {"start": "0 20 * * 5", "duration": "31h"}}),
            rule("saturday-steps", "closed", {"cron": {"start": "*/20 1-3 * * 6", "duration": "10m"}}),
            rule("freeze", "closed", {"dates": [
                {"from": f"{year}-03-28T18:00", "until": f"{year}-03-29T02:30"},
                {"from": f"{year}-10-20", "until": f"{year}-10-25T02:15"},
                {"from": f"{year}-12-29", "until": f"{year}-12-30T12:00"}]}),
            rule("holidays", "closed", {"holidays": {"list": "days", "lead_days": 1}}),
            rule("before-holidays", "discouraged", {"holidays": {"list": "days", "lead_days": 2, "lead": "working_days"}}),
        ],
    }


def local(instant, zone):
    return instant.astimezone(zone).replace(tzinfo=None)


def minutes(text):
    return int(text[:2]) * 60 + int(text[3:])


def duration(text):
    return timedelta(hours=int(text[:-1])) if text.endswith("h") else timedelta(minutes=int(text[:-1]))


def first_instant(naive, zone, skips):
    """The first instant of a local time; of one that does not exist the first instant after it, or None."""
    instant = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if local(instant, zone) == naive:
        return instant
    if skips:
        return None
    instant -= timedelta(hours=30)
    while local(instant, zone) < naive:
        instant += MINUTE
    return instant


class Minutes:
    """The minutes of a year, and which of them a rule takes."""

    def __init__(self, zone, year):
        self.zone = zone
        self.start = datetime(year, 1, 1, tzinfo=UTC)
        count = int((datetime(year + 1, 1, 1, tzinfo=UTC) - self.start) / MINUTE)
        self.locals = [local(self.start + MINUTE * index, zone) for index in range(count)]

    def weekly(self, ranges):
        taken = [False] * len(self.locals)
        for index, now in enumerate(self.locals):
            today, yesterday, at = DAYS[now.weekday()], DAYS[now.weekday() - 1], now.hour * 60 + now.minute
            for part in ranges:
                begin, end = minutes(part["from"]), minutes(part["until"])
                over = end <= begin
                if today in part["days"] and begin <= at and (over or at < end):
                    taken[index] = True
                if over and yesterday in part["days"] and at < end:
                    taken[index] = True
        return taken

    def spans(self, spans):
        taken = [False] * len(self.locals)
        for begin, end in spans:
            first = max(0, int((begin - self.start) / MINUTE))
            for index in range(first, min(len(taken), int((end - self.start) / MINUTE))):
                taken[index] = True
        return taken

    def cron(self, window, effect):
        skips = window.get("skipped", "first_valid" if effect == "closed" else "skip") == "skip"
        length = duration(window["duration"])
        begin = self.locals[0] - timedelta(days=4)
        found, starts = croniter(window["start"], begin - MINUTE), []
        while True:
            naive = found.get_next(datetime)
            if naive > self.locals[-1] + timedelta(days=1):
                break
            instant = first_instant(naive, self.zone, skips)
            if instant is not None:
                starts.append((instant, instant + length))
        return self.spans(starts)

    def dates(self, ranges):
        def instant(text):
            return first_instant(datetime.fromisoformat(text), self.zone, False)

        return self.spans((instant(part["from"]), instant(part["until"])) for part in ranges)

    def holidays(self, rule, days):
        closed = set()
        for day in (datetime.fromisoformat(day["date"]) for day in days):
            closed.add(day)
            left = rule["lead_days"]
            while left > 0:
                day -= timedelta(days=1)
                closed.add(day)
                is_working = day.weekday() < 5 and day.strftime("%Y-%m-%d") not in {it["date"] for it in days}
                if rule.get("lead", "days") == "days" or is_working:
                    left -= 1
        return [now.replace(hour=0, minute=0) in closed for now in self.locals]


def states(draft, year):
    year_minutes = Minutes(zoneinfo.ZoneInfo(draft["zone"]), year)
    best = [0] * len(year_minutes.locals)
    for rule in draft["rules"]:
        (kind, when), = rule["when"].items()
        if kind == "cron":
            taken = year_minutes.cron(when, rule["effect"])
        elif kind == "holidays":
            taken = year_minutes.holidays(when, draft["holidays"][0]["days"])
        else:
            taken = getattr(year_minutes, kind)(when)
        best = [max(rank, RANK[rule["effect"]]) if is_taken else rank for rank, is_taken in zip(best, taken)]
    names = {0: draft["otherwise"][0], 1: "o", 2: "d", 3: "c"}
    return "".join(names[rank] for rank in best)


def main():
    cases = []
    for zone, year in YEARS:
        draft = calendar(zone, year)
        runs = "".join(f"{name}{len(list(run))}" for name, run in itertools.groupby(states(draft, year)))
        cases.append({"calendar": draft, "from": f"{year}-01-01T00:00:00Z", "runs": runs})
        print(zone, year, len(runs))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "years.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
