//! The patterns of `robfig/cron` v3 with five fields, as Argo CD reads them: rewritten as lists of numbers.

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The bounds of a field, and its names.
struct Field {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { min: 0, max: 59, names: &[] },
    Field { min: 0, max: 23, names: &[] },
    Field { min: 1, max: 31, names: &[] },
    Field { min: 1, max: 12, names: &MONTHS },
    Field { min: 0, max: 6, names: &DAYS },
];

/// What a field matches.
struct Values {
    bits: u64,
    /// Whether it counts as `*` when days of the month and of the week are combined.
    is_star: bool,
}

/// A pattern as lists of numbers.
pub(super) struct Normal {
    pub(super) text: String,
    /// Whether a field matches nothing, as `,` does.
    pub(super) is_never: bool,
}

/// The pattern as lists of numbers; none when the original refuses it.
pub(super) fn normal(text: &str) -> Option<Normal> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return None;
    }
    let values: Option<Vec<Values>> = FIELDS.iter().zip(&parts).map(|(field, part)| field.values(part)).collect();
    let values = values?;
    let written: Vec<String> = FIELDS.iter().zip(&values).map(|(field, values)| field.written(values)).collect();
    Some(Normal { text: written.join(" "), is_never: values.iter().any(|values| values.bits == 0) })
}

impl Field {
    /// A list; empty parts are passed over, as `strings.FieldsFunc` does.
    fn values(&self, text: &str) -> Option<Values> {
        let mut all = Values { bits: 0, is_star: false };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let values = self.range(part)?;
            all.bits |= values.bits;
            all.is_star |= values.is_star;
        }
        Some(all)
    }

    /// `*`, `?`, `a`, `a-b`, each with `/step`; `a/step` runs to the end of the field, a star with a step above 1 is none.
    fn range(&self, text: &str) -> Option<Values> {
        let mut parts = text.split('/');
        let (bounds, step) = (parts.next()?, parts.next());
        if parts.next().is_some() {
            return None;
        }
        let step = step.map(number).map_or(Some(None), |step| step.map(Some))?;
        let mut ends = bounds.split('-');
        let (low, high) = (ends.next()?, ends.next());
        let is_star = low == "*" || low == "?";
        let (first, last) = match (is_star, high) {
            (true, _) => (self.min, self.max),
            (false, None) => (self.value(low)?, if step.is_some() { self.max } else { self.value(low)? }),
            (false, Some(high)) => (self.value(low)?, ends.next().is_none().then(|| self.value(high))??),
        };
        let step = step.unwrap_or(1);
        if first < self.min || last > self.max || first > last || step == 0 {
            return None;
        }
        let bits = (first..=last).step_by(usize::try_from(step).ok()?).fold(0, |bits, value| bits | (1 << value));
        Some(Values { bits, is_star: is_star && step == 1 })
    }

    fn value(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = self.names.iter().zip(self.min..).find(|(name, _)| **name == lower);
        named.map(|(_, value)| value).or_else(|| number(text))
    }

    /// A star stays one; other fields become lists. One that matches nothing is written as a star, and said to be never.
    fn written(&self, values: &Values) -> String {
        if values.is_star || values.bits == 0 {
            return "*".to_owned();
        }
        let numbers: Vec<String> = (self.min..=self.max)
            .filter(|value| values.bits & (1 << value) != 0)
            .map(|value| value.to_string())
            .collect();
        numbers.join(",")
    }
}

/// A number as Go's `strconv.Atoi` reads it, not negative.
fn number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}
