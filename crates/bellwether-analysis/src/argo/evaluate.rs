//! What a condition says of a result.

use alloc::{format, string::String};
use core::{cmp::Ordering, str::FromStr};

use super::expression::{Binary, Expression, Function, Unary};
use super::result::Measured;

type Answer = Result<Measured, String>;

impl Expression {
    /// The value for a result, and for the one value of it that is looked at.
    pub(super) fn value(&self, result: &Measured, each: Option<&Measured>) -> Answer {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Result => Ok(result.clone()),
            Self::Each => each.cloned().ok_or_else(|| "# stands for nothing here".into()),
            Self::Unary { sign, of } => unary(*sign, &of.value(result, each)?),
            Self::Binary { sign, sides } => {
                let [left, right] = sides.as_ref();
                binary(*sign, left.value(result, each)?, || right.value(result, each))
            }
            Self::Choice(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let chosen = if flag(&condition.value(result, each)?)? { then } else { otherwise };
                chosen.value(result, each)
            }
            Self::Index(parts) => {
                let [of, index] = parts.as_ref();
                indexed(&of.value(result, each)?, &index.value(result, each)?)
            }
            Self::Call { function, arguments } => call(*function, arguments, (result, each)),
        }
    }
}

fn unary(sign: Unary, value: &Measured) -> Answer {
    Ok(match sign {
        Unary::Not => Measured::Flag(!flag(value)?),
        Unary::Minus => Measured::Number(-number(value)?),
        Unary::Plus => Measured::Number(number(value)?),
    })
}

/// The right side is only looked at where the left one leaves the answer open.
fn binary(sign: Binary, left: Measured, right: impl FnOnce() -> Answer) -> Answer {
    let arithmetic: fn(f64, f64) -> f64 = match sign {
        Binary::Plus if matches!(left, Measured::Text(_)) => return joined(&left, &right()?),
        Binary::And => return Ok(Measured::Flag(flag(&left)? && flag(&right()?)?)),
        Binary::Or => return Ok(Measured::Flag(flag(&left)? || flag(&right()?)?)),
        Binary::OrElse => return if left == Measured::Nil { right() } else { Ok(left) },
        Binary::Equal => return Ok(Measured::Flag(left == right()?)),
        Binary::Different => return Ok(Measured::Flag(left != right()?)),
        Binary::In => return is_in(&left, &right()?),
        Binary::Below => return compared(Ordering::is_lt, &left, &right()?),
        Binary::AtMost => return compared(Ordering::is_le, &left, &right()?),
        Binary::Above => return compared(Ordering::is_gt, &left, &right()?),
        Binary::AtLeast => return compared(Ordering::is_ge, &left, &right()?),
        Binary::Plus => |a, b| a + b,
        Binary::Minus => |a, b| a - b,
        Binary::Times => |a, b| a * b,
        Binary::Over => |a, b| a / b,
        Binary::Power => libm::pow,
    };
    Ok(Measured::Number(arithmetic(number(&left)?, number(&right()?)?)))
}

fn joined(left: &Measured, right: &Measured) -> Answer {
    match (left, right) {
        (Measured::Text(left), Measured::Text(right)) => Ok(Measured::Text(format!("{left}{right}"))),
        (_, right) => Err(format!("expected a text behind a text and `+`, found {}", right.kind())),
    }
}

/// What is not a number is on no side of anything.
fn compared(holds: fn(Ordering) -> bool, left: &Measured, right: &Measured) -> Answer {
    let order = match (left, right) {
        (Measured::Text(a), Measured::Text(b)) => Some(a.cmp(b)),
        (left, right) => number(left)?.partial_cmp(&number(right)?),
    };
    Ok(Measured::Flag(order.is_some_and(holds)))
}

fn is_in(value: &Measured, container: &Measured) -> Answer {
    match (container, value) {
        (Measured::List(values), _) => Ok(Measured::Flag(values.contains(value))),
        (Measured::Map(values), Measured::Text(name)) => Ok(Measured::Flag(values.contains_key(name))),
        _ => Err(format!("expected a list or a map behind `in`, found {}", container.kind())),
    }
}

fn indexed(of: &Measured, index: &Measured) -> Answer {
    match (of, index) {
        (Measured::List(values), Measured::Number(place)) => {
            // From the end, where it is below zero.
            let from = if *place < 0.0 { values.len() as f64 } else { 0.0 };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "what is no place is in no list"
            )]
            let found = values.get((from + place) as usize).filter(|_| from + place >= 0.0);
            found.cloned().ok_or_else(|| format!("index out of range: {place} of {} values", values.len()))
        }
        (Measured::Map(values), Measured::Text(name)) => Ok(values.get(name).cloned().unwrap_or(Measured::Nil)),
        (Measured::Nil, _) => Err("cannot fetch from nil".into()),
        _ => Err(format!("expected a list or a map with a place in it, found {} in {}", index.kind(), of.kind())),
    }
}

fn call(function: Function, arguments: &[Expression], (result, each): (&Measured, Option<&Measured>)) -> Answer {
    let [first, rest @ ..] = arguments else { return Err("expected a value, found none".into()) };
    let value = first.value(result, each)?;
    match function {
        Function::Length => length(&value),
        Function::IsNan => Ok(Measured::Flag(number(&value)?.is_nan())),
        Function::IsInfinite => Ok(Measured::Flag(number(&value)?.is_infinite())),
        // Whatever they are asked about, Argo Rollouts answers these two about the whole result.
        Function::IsNil => Ok(Measured::Flag(*result == Measured::Nil)),
        Function::Default => match (result, rest) {
            (Measured::Nil, [otherwise]) => otherwise.value(result, each),
            (result, _) => Ok(result.clone()),
        },
        Function::AsFloat | Function::AsInteger => converted(function, &value),
        Function::Absolute => Ok(Measured::Number(number(&value)?.abs())),
        Function::Largest => extreme(&value, f64::max),
        Function::Smallest => extreme(&value, f64::min),
        Function::All => held(rest, (&value, result), Some(false)).map(|held| Measured::Flag(held.is_some())),
        Function::Any => held(rest, (&value, result), Some(true)).map(|held| Measured::Flag(held.is_none())),
        Function::None => held(rest, (&value, result), Some(true)).map(|held| Measured::Flag(held.is_some())),
        Function::One => held(rest, (&value, result), None).map(|held| Measured::Flag(held == Some(1))),
        Function::Count => {
            held(rest, (&value, result), None).map(|held| Measured::Number(held.unwrap_or_default() as f64))
        }
    }
}

/// How many values a question holds for; nothing if one of them ended it, after which no other is asked about.
fn held(
    arguments: &[Expression],
    (value, result): (&Measured, &Measured),
    end: Option<bool>,
) -> Result<Option<usize>, String> {
    let [predicate] = arguments else { return Err("expected a question about each value".into()) };
    let Measured::List(values) = value else {
        return Err(format!("expected a list, found {}", value.kind()));
    };
    let mut count = 0;
    for value in values {
        let holds = flag(&predicate.value(result, Some(value))?)?;
        if Some(holds) == end {
            return Ok(None);
        }
        count += usize::from(holds);
    }
    Ok(Some(count))
}

fn converted(function: Function, value: &Measured) -> Answer {
    Ok(Measured::Number(match (function, value) {
        (Function::AsInteger, Measured::Text(text)) => parsed::<i64>(text, "a whole number")? as f64,
        (Function::AsInteger, value) => libm::trunc(number(value)?),
        (_, Measured::Text(text)) => parsed(text, "a number")?,
        (_, value) => number(value)?,
    }))
}

fn length(value: &Measured) -> Answer {
    let length = match value {
        Measured::List(values) => values.len(),
        Measured::Map(values) => values.len(),
        Measured::Text(text) => text.chars().count(),
        Measured::Nil | Measured::Flag(_) | Measured::Number(_) | Measured::Error(_) => {
            return Err(format!("expected something with a length, found {}", value.kind()));
        }
    };
    Ok(Measured::Number(length as f64))
}

fn extreme(value: &Measured, pick: fn(f64, f64) -> f64) -> Answer {
    let Measured::List(values) = value else { return Ok(Measured::Number(number(value)?)) };
    let mut best = None;
    for value in values {
        let number = number(value)?;
        best = Some(best.map_or(number, |best| pick(best, number)));
    }
    best.map(Measured::Number).ok_or_else(|| "expected at least one value, found none".into())
}

fn parsed<T: FromStr>(text: &str, expected: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("expected {expected}, found the text {text:?}"))
}

fn number(value: &Measured) -> Result<f64, String> {
    let Measured::Number(number) = value else {
        return Err(format!("expected a number, found {}", value.kind()));
    };
    Ok(*number)
}

fn flag(value: &Measured) -> Result<bool, String> {
    let Measured::Flag(flag) = value else {
        return Err(format!("expected true or false, found {}", value.kind()));
    };
    Ok(*flag)
}

impl Measured {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nothing",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Error(_) => "an error",
        }
    }
}
