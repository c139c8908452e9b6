//! The conditions of an `AnalysisTemplate`, as far as a gate can demand the same: a small part of the expr language.

use bellwether_gate::Operator;

mod token;

use token::{Token, tokens};

/// What a condition demands of one value of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Demand {
    /// Which value: nothing for the measurement itself, `.p99` for a field of it.
    pub(super) of: String,
    pub(super) operator: Operator,
    pub(super) bound: Bound,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    Number(f64),
    Flag(bool),
}

/// A condition that was understood.
#[derive(Clone, Debug, PartialEq)]
enum Expression {
    Compare(Operand, Comparison, Operand),
    Value(Operand),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Result(String),
    Bound(Bound),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Different,
}

/// More nesting than anybody writes.
const DEPTH_MAX: usize = 16;
/// More signs and words than anybody writes; a chain of conditions is as deep as it is long.
const TOKENS_MAX: usize = 1_000;

/// The demands that all hold exactly where the condition does (`is_wanted`), or where it does not. None where it cannot be
/// said in this way: an alternative, a function, a comparison of two measured values.
pub(super) fn demands(condition: &str, is_wanted: bool) -> Option<Vec<Demand>> {
    let tokens = tokens(condition).filter(|tokens| tokens.len() <= TOKENS_MAX)?;
    let mut parser = Parser { tokens: &tokens };
    let expression = parser.alternative(0)?;
    if !parser.tokens.is_empty() {
        return None;
    }
    expression.demands(is_wanted)
}

impl Expression {
    fn demands(&self, is_wanted: bool) -> Option<Vec<Demand>> {
        match (self, is_wanted) {
            (Self::Not(inner), _) => inner.demands(!is_wanted),
            (Self::And(left, right), true) | (Self::Or(left, right), false) => {
                let mut both = left.demands(is_wanted)?;
                both.extend(right.demands(is_wanted)?);
                Some(both)
            }
            (Self::And(..), false) | (Self::Or(..), true) | (Self::Value(Operand::Bound(_)), _) => None,
            (Self::Value(Operand::Result(of)), _) => {
                Some(vec![Demand { of: of.clone(), operator: Operator::Eq, bound: Bound::Flag(is_wanted) }])
            }
            (Self::Compare(left, comparison, right), _) => {
                let comparison = if is_wanted { *comparison } else { comparison.opposite() };
                let (of, comparison, bound) = match (left, right) {
                    (Operand::Result(of), Operand::Bound(bound)) => (of, comparison, *bound),
                    (Operand::Bound(bound), Operand::Result(of)) => (of, comparison.turned(), *bound),
                    (Operand::Result(_), Operand::Result(_)) | (Operand::Bound(_), Operand::Bound(_)) => return None,
                };
                demand(of, comparison, bound).map(|demand| vec![demand])
            }
        }
    }
}

fn demand(of: &str, comparison: Comparison, bound: Bound) -> Option<Demand> {
    let (operator, bound) = match (comparison, bound) {
        (Comparison::Equal, bound) => (Operator::Eq, bound),
        (Comparison::Different, Bound::Flag(flag)) => (Operator::Eq, Bound::Flag(!flag)),
        (Comparison::Different, Bound::Number(_)) | (_, Bound::Flag(_)) => return None,
        (Comparison::Less, Bound::Number(_)) => (Operator::Lt, bound),
        (Comparison::AtMost, Bound::Number(_)) => (Operator::Le, bound),
        (Comparison::More, Bound::Number(_)) => (Operator::Gt, bound),
        (Comparison::AtLeast, Bound::Number(_)) => (Operator::Ge, bound),
    };
    Some(Demand { of: of.to_owned(), operator, bound })
}

impl Comparison {
    /// The comparison that holds exactly where this one does not. Of a number that is none neither holds; a gate takes one
    /// for missing data.
    const fn opposite(self) -> Self {
        match self {
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::More,
            Self::More => Self::AtMost,
            Self::AtLeast => Self::Less,
            Self::Equal => Self::Different,
            Self::Different => Self::Equal,
        }
    }

    /// The same comparison with its sides exchanged.
    const fn turned(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            Self::Equal | Self::Different => self,
        }
    }
}

/// Reads from the weakest binding to the strongest: or, and, not, a comparison.
struct Parser<'a> {
    tokens: &'a [Token],
}

impl Parser<'_> {
    fn take(&mut self, wanted: &Token) -> bool {
        let Some((first, rest)) = self.tokens.split_first() else { return false };
        let is_wanted = first == wanted;
        if is_wanted {
            self.tokens = rest;
        }
        is_wanted
    }

    fn alternative(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.conjunction(depth)?;
        while self.take(&Token::Or) {
            left = Expression::Or(Box::new(left), Box::new(self.conjunction(depth)?));
        }
        Some(left)
    }

    fn conjunction(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.comparison(depth)?;
        while self.take(&Token::And) {
            left = Expression::And(Box::new(left), Box::new(self.comparison(depth)?));
        }
        Some(left)
    }

    /// A whole condition in parentheses is one; a value in them is no more than the value.
    fn comparison(&mut self, depth: usize) -> Option<Expression> {
        if depth >= DEPTH_MAX {
            return None;
        }
        if self.take(&Token::Not) {
            // `!result < 1` negates the value and not the comparison: only a condition in parentheses is read.
            let is_closed = self.tokens.first() == Some(&Token::Open);
            let inner =
                if is_closed { self.comparison(depth.saturating_add(1))? } else { Expression::Value(self.operand()?) };
            let is_compared = matches!(self.tokens.first(), Some(Token::Comparison(_)));
            return (!is_compared).then(|| Expression::Not(Box::new(inner)));
        }
        if self.take(&Token::Open) {
            let inner = self.alternative(depth.saturating_add(1))?;
            if !self.take(&Token::Close) {
                return None;
            }
            let Expression::Value(left) = inner else { return Some(inner) };
            return self.compared(left);
        }
        let left = self.operand()?;
        self.compared(left)
    }

    fn compared(&mut self, left: Operand) -> Option<Expression> {
        let Some((Token::Comparison(comparison), rest)) = self.tokens.split_first() else {
            return Some(Expression::Value(left));
        };
        self.tokens = rest;
        let in_parentheses = self.take(&Token::Open);
        let right = self.operand()?;
        if in_parentheses && !self.take(&Token::Close) {
            return None;
        }
        Some(Expression::Compare(left, *comparison, right))
    }

    /// A value, or one that `asFloat` and its like make a number of.
    fn operand(&mut self) -> Option<Operand> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        match first {
            Token::Result(of) => Some(Operand::Result(of.clone())),
            Token::Number(number) => Some(Operand::Bound(Bound::Number(*number))),
            Token::Flag(flag) => Some(Operand::Bound(Bound::Flag(*flag))),
            Token::AsNumber => {
                let is_open = self.take(&Token::Open);
                let inner = self.operand().filter(|_| is_open)?;
                self.take(&Token::Close).then_some(inner)
            }
            Token::Comparison(_) | Token::And | Token::Or | Token::Not | Token::Open | Token::Close => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(condition: &str, is_wanted: bool) -> Option<String> {
        let demands = demands(condition, is_wanted)?;
        let show = |demand: &Demand| format!("{}{}{:?}", demand.of, demand.operator, demand.bound);
        Some(demands.iter().map(show).collect::<Vec<_>>().join(" & "))
    }

    #[test]
    fn a_condition_becomes_the_demands_that_say_the_same() {
        for (condition, wanted, unwanted) in [
            ("result >= 0.95", Some(">=Number(0.95)"), Some("<Number(0.95)")),
            ("result[0] < 5", Some("<Number(5.0)"), Some(">=Number(5.0)")),
            ("0.95 <= result", Some(">=Number(0.95)"), Some("<Number(0.95)")),
            ("asFloat(result[0]) <= 1e-3", Some("<=Number(0.001)"), Some(">Number(0.001)")),
            ("result == 0", Some("=Number(0.0)"), None),
            ("result != 0", None, Some("=Number(0.0)")),
            ("result > 1 && result < 9", Some(">Number(1.0) & <Number(9.0)"), None),
            ("result < 1 || result > 9", None, Some(">=Number(1.0) & <=Number(9.0)")),
            ("result < 1 or result > 9", None, Some(">=Number(1.0) & <=Number(9.0)")),
            ("!(result < 1 || result > 9)", Some(">=Number(1.0) & <=Number(9.0)"), None),
            ("not (result < 1)", Some(">=Number(1.0)"), Some("<Number(1.0)")),
            ("(result) > -1.5", Some(">Number(-1.5)"), Some("<=Number(-1.5)")),
            ("result", Some("=Flag(true)"), Some("=Flag(false)")),
            ("!result", Some("=Flag(false)"), Some("=Flag(true)")),
            ("result == true", Some("=Flag(true)"), Some("=Flag(false)")),
            ("result.ok != false and result.p99 < 300", Some(".ok=Flag(true) & .p99<Number(300.0)"), None),
        ] {
            assert_eq!(shown(condition, true).as_deref(), wanted, "{condition}");
            assert_eq!(shown(condition, false).as_deref(), unwanted, "not {condition}");
        }
    }

    #[test]
    fn what_a_gate_cannot_demand_is_not_guessed() {
        for condition in [
            "",
            "true",
            "1 < 2",
            "result == 'true'",
            "len(result) > 0",
            "all(result, {# < 0.5})",
            "isNaN(result) || result < 1 && 2",
            "default(result, 0) < 0.05",
            "result[1] < 2",
            "result[0] < result[1]",
            "result >= {{args.limit}}",
            "result < 1 result",
            "result <",
            "(result < 1",
            "result < 1)",
            "result + 1 < 2",
            "!result < 1",
            "result < 1 < 2",
            "result ~ 1",
            "result.a[0] < 1",
            "result < 5%",
            "result =< 5",
            "result < 0x10",
            "results < 1",
            "result < 1_000",
            "result < .",
            "((((((((((((((((((result))))))))))))))))))",
        ] {
            assert_eq!(demands(condition, true), None, "{condition}");
            assert_eq!(demands(condition, false), None, "not {condition}");
        }
    }

    #[test]
    fn a_chain_without_an_end_is_not_followed() {
        let chain = |length: usize, sign: &str| vec!["result > 1"; length].join(sign);
        for sign in [" && ", " || ", " and ", " or "] {
            assert_eq!(demands(&chain(100_000, sign), true), None);
            assert_eq!(demands(&chain(100_000, sign), false), None);
        }
        assert_eq!(demands(&chain(250, " && "), true).map(|demands| demands.len()), Some(250));
        assert_eq!(demands(&"!".repeat(100_000), true), None);
    }

    /// The numbers on which conditions are compared.
    fn numbers() -> impl Iterator<Item = f64> {
        (-40_i32..=40).map(|tenths| f64::from(tenths) / 10.0)
    }

    /// A condition, and of which of the numbers it holds; that is computed beside the text and not read from it.
    fn conditions() -> impl Strategy<Value = (String, Vec<bool>)> {
        let comparison = (0_usize..6, -3_i32..4, any::<bool>()).prop_map(|(operator, bound, is_turned)| {
            let limit = f64::from(bound);
            let (sign, turned, holds): (&str, &str, fn(f64, f64) -> bool) = match operator {
                0 => ("<", ">", |number, limit| number < limit),
                1 => ("<=", ">=", |number, limit| number <= limit),
                2 => (">", "<", |number, limit| number > limit),
                3 => (">=", "<=", |number, limit| number >= limit),
                4 => ("==", "==", |number, limit| number == limit),
                _ => ("!=", "!=", |number, limit| number != limit),
            };
            let text = if is_turned { format!("{bound} {turned} result") } else { format!("result {sign} {bound}") };
            (text, numbers().map(|number| holds(number, limit)).collect::<Vec<_>>())
        });
        comparison.prop_recursive(3, 8, 2, |inner| {
            (inner.clone(), inner, 0_usize..3).prop_map(|((left, one), (right, other), kind)| {
                let both = one.iter().zip(&other);
                match kind {
                    0 => (format!("({left}) && ({right})"), both.map(|(one, other)| *one && *other).collect()),
                    1 => (format!("({left}) || ({right})"), both.map(|(one, other)| *one || *other).collect()),
                    _ => (format!("!({left})"), one.iter().map(|one| !one).collect()),
                }
            })
        })
    }

    proptest! {
        #[test]
        fn demands_hold_exactly_where_the_condition_does((text, holds) in conditions(), is_wanted in any::<bool>()) {
            let Some(demands) = demands(&text, is_wanted) else { return Ok(()) };
            for (number, holds) in numbers().zip(holds) {
                let all = demands.iter().all(|demand| match demand.bound {
                    Bound::Number(bound) => demand.operator.accepts(number.partial_cmp(&bound).unwrap()),
                    Bound::Flag(_) => false,
                });
                prop_assert_eq!(all, holds == is_wanted, "{} at {}", text, number);
            }
        }

        #[test]
        fn any_text_is_understood_or_not(text in "[ -~]{0,40}|(result|[<>=!&|()\\[\\]0. ]){0,20}") {
            let _ = demands(&text, true);
        }
    }
}
