use super::{aggregate::Aggregate, number};

/// A criterion such as `<=+10%`, read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Criterion {
    operator: Operator,
    bound: Bound,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operator {
    Lt,
    Le,
    Eq,
    Ge,
    Gt,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Fixed(f64),
    /// Beside what was measured before.
    Delta(f64),
    /// Percent of what was measured before.
    Percent(f64),
}

/// What is wrong with a criterion, in Keptn's words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CriterionError {
    NoOperator,
    NoNumber,
}

/// Whether a criterion is met, and by which bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Met {
    pub(super) is_met: bool,
    pub(super) target: f64,
    /// Whether it is met only because there is nothing to compare with.
    pub(super) without_history: bool,
}

impl Criterion {
    /// Reads a criterion: blanks do not count, then an operator, a sign that makes it relative, a number, and a `%` that
    /// makes it relative too.
    pub(super) fn parse(text: &str) -> Result<Self, CriterionError> {
        let text = text.replace(' ', "");
        // Keptn's pattern asks no more of the beginning than one of these signs.
        if !text.starts_with(['<', '=', '>', '|']) {
            return Err(CriterionError::NoOperator);
        }
        let operators =
            [("<=", Operator::Le), ("<", Operator::Lt), ("=", Operator::Eq), (">=", Operator::Ge), (">", Operator::Gt)];
        let found = operators.into_iter().find_map(|(sign, operator)| Some((text.strip_prefix(sign)?, operator)));
        let (rest, operator) = found.ok_or(CriterionError::NoNumber)?;
        let (rest, is_percent) = rest.strip_suffix('%').map_or((rest, false), |rest| (rest, true));
        let (sign, digits) = match (rest.strip_prefix('-'), rest.strip_prefix('+')) {
            (Some(digits), _) => (Some(-1.0), digits),
            (None, Some(digits)) => (Some(1.0), digits),
            (None, None) => (None, rest),
        };
        let number = number::parse(digits).ok_or(CriterionError::NoNumber)?;
        let bound = match (is_percent, sign) {
            (true, sign) => Bound::Percent(sign.unwrap_or(1.0) * number),
            (false, Some(sign)) => Bound::Delta(sign * number),
            (false, None) => Bound::Fixed(number),
        };
        Ok(Self { operator, bound })
    }

    /// Whether a value meets it. A relative one that has nothing to be relative to is met, which is Keptn's rule.
    pub(super) fn check(self, value: f64, before: &[f64], aggregate: Aggregate) -> Met {
        let target = match self.bound {
            Bound::Fixed(bound) => bound,
            Bound::Delta(_) | Bound::Percent(_) if before.is_empty() => {
                return Met { is_met: true, target: 0.0, without_history: true };
            }
            Bound::Delta(delta) => aggregate.of(before) + delta,
            Bound::Percent(percent) => aggregate.of(before) * (100.0 + percent) / 100.0,
        };
        Met { is_met: self.operator.holds(value, target), target, without_history: false }
    }

    /// Whether it is relative to what was measured before.
    pub(super) const fn is_relative(self) -> bool {
        !matches!(self.bound, Bound::Fixed(_))
    }
}

impl Operator {
    #[expect(clippy::float_cmp, reason = "Keptn compares floats by their bits' value")]
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Lt => value < bound,
            Self::Le => value <= bound,
            Self::Eq => value == bound,
            Self::Ge => value >= bound,
            Self::Gt => value > bound,
        }
    }
}

impl CriterionError {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::NoOperator => "invalid criteria string",
            Self::NoNumber => "could not parse criteria target value",
        }
    }
}
