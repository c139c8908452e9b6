//! The text of a pattern, checked before `croner` reads it: that crate takes six fields, names in any field, empty parts
//! and letters it then ignores.

pub(super) const EXPECTED: &str =
    "a cron pattern of five fields (minute, hour, day of month, month, day of week), such as 0 22 * * 1-5";

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// One of the five fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Field {
    Number { max: u16, min: u16 },
    DayOfMonth,
    Month,
    DayOfWeek,
}

const FIELDS: [Field; 5] = [
    Field::Number { min: 0, max: 59 },
    Field::Number { min: 0, max: 23 },
    Field::DayOfMonth,
    Field::Month,
    Field::DayOfWeek,
];

/// The pattern with names and nicknames as numbers; what was expected when it is none.
pub(super) fn normal(text: &str) -> Result<String, &'static str> {
    let trimmed = text.trim_matches([' ', '\t']);
    if trimmed.starts_with('@') {
        let lower = trimmed.to_ascii_lowercase();
        let known = NICKNAMES.iter().find(|(name, _)| *name == lower);
        return known.map(|(_, pattern)| (*pattern).to_owned()).ok_or(NICKNAME_EXPECTED);
    }
    let parts: Vec<&str> = trimmed.split([' ', '\t']).filter(|part| !part.is_empty()).collect();
    if parts.len() != FIELDS.len() {
        return Err(EXPECTED);
    }
    let fields: Option<Vec<String>> = FIELDS.iter().zip(&parts).map(|(field, part)| field.normal(part)).collect();
    fields.map(|fields| fields.join(" ")).ok_or(EXPECTED)
}

const NICKNAME_EXPECTED: &str = "one of @yearly, @monthly, @weekly, @daily, @hourly, or five fields";

impl Field {
    fn normal(self, text: &str) -> Option<String> {
        if text == "?" {
            return matches!(self, Self::DayOfMonth | Self::DayOfWeek).then(|| "*".to_owned());
        }
        let items: Option<Vec<String>> = text.split(',').map(|item| self.item(item)).collect();
        let items = items?;
        // A star among others would say that the others do not matter.
        let is_clear = items.len() == 1 || !items.iter().any(|item| item == "*");
        is_clear.then(|| items.join(","))
    }

    fn item(self, text: &str) -> Option<String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step, 1, 59)?)),
            None => (text, None),
        };
        let suffix = step.map(|step| format!("/{step}")).unwrap_or_default();
        if range == "*" {
            return Some(if step == Some(1) { "*".to_owned() } else { format!("*{suffix}") });
        }
        match range.split_once('-') {
            Some((first, last)) => self.range(first, last).map(|range| range + &suffix),
            None if step.is_some() => None,
            None => self.special(text).or_else(|| self.value(text).map(|value| value.to_string())),
        }
    }

    /// A range, upwards; Sunday ends a week as well as it begins one.
    fn range(self, first: &str, last: &str) -> Option<String> {
        let (first, mut last) = (self.value(first)?, self.value(last)?);
        if self == Self::DayOfWeek && last == 0 && first > 0 {
            last = 7;
        }
        (first <= last).then(|| format!("{first}-{last}"))
    }

    /// `L`, `LW` and `15W` for days of the month; `5#3`, `5L` and `5#L` for days of the week.
    fn special(self, text: &str) -> Option<String> {
        let upper = text.to_ascii_uppercase();
        match self {
            Self::Number { .. } | Self::Month => None,
            Self::DayOfMonth if upper == "L" || upper == "LW" => Some(upper),
            Self::DayOfMonth => number(upper.strip_suffix('W')?, 1, 31).map(|day| format!("{day}W")),
            Self::DayOfWeek => {
                let (day, which) = upper.split_once('#').or_else(|| Some((upper.strip_suffix('L')?, "L")))?;
                let is_known = which == "L" || number(which, 1, 5).is_some();
                self.value(day).filter(|_| is_known).map(|day| format!("{day}#{which}"))
            }
        }
    }

    fn value(self, text: &str) -> Option<u16> {
        let lower = text.to_ascii_lowercase();
        let named = |names: &[&str], first: u16| {
            names.iter().zip(first..).find(|(name, _)| **name == lower).map(|(_, number)| number)
        };
        match self {
            Self::Number { min, max } => number(text, min, max),
            Self::DayOfMonth => number(text, 1, 31),
            Self::Month => named(&MONTHS, 1).or_else(|| number(text, 1, 12)),
            Self::DayOfWeek => named(&DAYS, 0).or_else(|| number(text, 0, 7)),
        }
    }
}

/// A number of one or two digits within bounds.
fn number(text: &str, min: u16, max: u16) -> Option<u16> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let value: u16 = is_number.then(|| text.parse().ok())??;
    (min..=max).contains(&value).then_some(value)
}
