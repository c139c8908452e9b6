//! From the words of a condition to what it means, by the precedence of the expression language.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::expression::{Binary, ConditionError, Expression, Function, Unary};
use super::result::Measured;
use super::token::{Kind, Token, tokens};

/// A condition may have this many words and signs, and be nested this deep.
const TOKENS_MAX: usize = 1_000;
const DEPTH_MAX: usize = 64;

type Signs = &'static [(&'static str, Binary)];

/// Signs between two values, the weakest first; those with a rule of their own come after them.
const WEAKEST: [Signs; 2] = [&[("||", Binary::Or), ("or", Binary::Or)], &[("&&", Binary::And), ("and", Binary::And)]];
const COMPARISONS: Signs = &[
    ("==", Binary::Equal),
    ("!=", Binary::Different),
    ("<=", Binary::AtMost),
    (">=", Binary::AtLeast),
    ("<", Binary::Below),
    (">", Binary::Above),
    ("in", Binary::In),
];
const STRONGEST: [Signs; 2] =
    [&[("+", Binary::Plus), ("-", Binary::Minus)], &[("*", Binary::Times), ("/", Binary::Over)]];

pub(super) fn parse(text: &str) -> Result<Expression, ConditionError> {
    let tokens = tokens(text)?;
    if tokens.len() > TOKENS_MAX {
        return Err(ConditionError::new(0, "at most 1000 words and signs", "more"));
    }
    let mut parser = Parser { rest: &tokens, end: text.chars().count(), depth: 0, has_each: false };
    let expression = parser.choice()?;
    match parser.rest.first() {
        None => Ok(expression),
        Some(token) => Err(parser.unexpected("the end or a sign between two values", Some(token))),
    }
}

struct Parser<'a> {
    rest: &'a [Token],
    end: usize,
    depth: usize,
    /// Whether there is a value that `#` stands for.
    has_each: bool,
}

impl Parser<'_> {
    fn choice(&mut self) -> Result<Expression, ConditionError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.unexpected("at most 64 levels of brackets", self.rest.first()));
        }
        let condition = self.either(&WEAKEST)?;
        let expression = if self.takes("?") {
            let then = self.choice()?;
            self.expects(":")?;
            Expression::Choice(Box::new([condition, then, self.choice()?]))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn either(&mut self, levels: &[Signs]) -> Result<Expression, ConditionError> {
        let Some((signs, stronger)) = levels.split_first() else { return self.compared() };
        let mut left = self.either(stronger)?;
        while let Some(sign) = self.takes_one_of(signs) {
            left = sign.between(left, self.either(stronger)?);
        }
        Ok(left)
    }

    /// Comparisons that follow each other must all hold: `0 < result < 5`.
    fn compared(&mut self) -> Result<Expression, ConditionError> {
        let mut left = self.computed(&STRONGEST)?;
        let mut all = None;
        while let Some(sign) = self.takes_one_of(COMPARISONS) {
            let right = self.computed(&STRONGEST)?;
            let holds = sign.between(left, right.clone());
            all = Some(match all {
                None => holds,
                Some(before) => Binary::And.between(before, holds),
            });
            left = right;
        }
        Ok(all.unwrap_or(left))
    }

    fn computed(&mut self, levels: &[Signs]) -> Result<Expression, ConditionError> {
        let Some((signs, stronger)) = levels.split_first() else { return self.unary() };
        let mut left = self.computed(stronger)?;
        while let Some(sign) = self.takes_one_of(signs) {
            left = sign.between(left, self.computed(stronger)?);
        }
        Ok(left)
    }

    /// A power is stronger than a sign before it: `-2 ** 2` is -4.
    fn unary(&mut self) -> Result<Expression, ConditionError> {
        let signs = [("!", Unary::Not), ("not", Unary::Not), ("-", Unary::Minus), ("+", Unary::Plus)];
        let Some((_, sign)) = signs.into_iter().find(|(text, _)| self.takes(text)) else { return self.power() };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.unexpected("at most 64 signs before a value", self.rest.first()));
        }
        let of = Box::new(self.unary()?);
        self.depth -= 1;
        Ok(Expression::Unary { sign, of })
    }

    /// From right to left: `2 ** 3 ** 2` is 512.
    fn power(&mut self) -> Result<Expression, ConditionError> {
        let base = self.coalesced()?;
        if !self.takes("**") {
            return Ok(base);
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.unexpected("at most 64 powers of powers", self.rest.first()));
        }
        let power = Binary::Power.between(base, self.unary()?);
        self.depth -= 1;
        Ok(power)
    }

    /// The strongest sign of all, which the language does not let stand beside another one without brackets.
    fn coalesced(&mut self) -> Result<Expression, ConditionError> {
        let mut value = self.indexed()?;
        if !self.takes("??") {
            return Ok(value);
        }
        value = Binary::OrElse.between(value, self.indexed()?);
        while self.takes("??") {
            value = Binary::OrElse.between(value, self.indexed()?);
        }
        let signs = WEAKEST.iter().chain([&COMPARISONS]).chain(&STRONGEST).flat_map(|signs| signs.iter());
        match self.rest.first().filter(|next| next.is_sign("**") || signs.clone().any(|(sign, _)| next.is_sign(sign))) {
            None => Ok(value),
            Some(next) => Err(self.unexpected("brackets around `??` and its values", Some(next))),
        }
    }

    fn indexed(&mut self) -> Result<Expression, ConditionError> {
        let mut value = self.value()?;
        loop {
            let index = if self.takes("[") {
                let index = self.choice()?;
                self.expects("]")?;
                index
            } else if self.takes(".") {
                Expression::Value(Measured::Text(self.name()?))
            } else {
                return Ok(value);
            };
            value = Expression::Index(Box::new([value, index]));
        }
    }

    fn value(&mut self) -> Result<Expression, ConditionError> {
        let Some((token, rest)) = self.rest.split_first() else {
            return Err(self.unexpected("a value", None));
        };
        self.rest = rest;
        match &token.kind {
            Kind::Number(number) => Ok(Expression::Value(Measured::Number(*number))),
            Kind::Text(text) => Ok(Expression::Value(Measured::Text(text.clone()))),
            Kind::Sign("(") => {
                let inner = self.choice()?;
                self.expects(")")?;
                Ok(inner)
            }
            Kind::Sign("#") if self.has_each => Ok(Expression::Each),
            Kind::Name(name) => self.named(name, token),
            Kind::Sign(_) => Err(self.unexpected("a value", Some(token))),
        }
    }

    fn named(&mut self, name: &str, token: &Token) -> Result<Expression, ConditionError> {
        match name {
            "result" => return Ok(Expression::Result),
            "true" => return Ok(Expression::Value(Measured::Flag(true))),
            "false" => return Ok(Expression::Value(Measured::Flag(false))),
            "nil" => return Ok(Expression::Value(Measured::Nil)),
            _ => {}
        }
        let known = Function::named(name).filter(|_| self.takes("("));
        let Some((function, count)) = known else {
            return Err(self.unexpected("`result`, a value or a function that is known here", Some(token)));
        };
        let mut arguments = Vec::from([self.choice()?]);
        while self.takes(",") {
            arguments.push(if function.looks_at_each() { self.each()? } else { self.choice()? });
        }
        self.expects(")")?;
        if arguments.len() == count {
            return Ok(Expression::Call { function, arguments });
        }
        Err(self.unexpected("a function with its number of values", Some(token)))
    }

    /// What is asked of each value, with or without braces.
    fn each(&mut self) -> Result<Expression, ConditionError> {
        let had_each = core::mem::replace(&mut self.has_each, true);
        let is_braced = self.takes("{");
        let each = self.choice()?;
        if is_braced {
            self.expects("}")?;
        }
        self.has_each = had_each;
        Ok(each)
    }

    fn name(&mut self) -> Result<String, ConditionError> {
        match self.rest.split_first() {
            Some((Token { kind: Kind::Name(name), .. }, rest)) => {
                self.rest = rest;
                Ok(name.clone())
            }
            found => Err(self.unexpected("a name", found.map(|(token, _)| token))),
        }
    }

    /// Takes a sign, or a word that stands for one.
    fn takes(&mut self, sign: &str) -> bool {
        let is_it = self.rest.first().is_some_and(|token| token.is_sign(sign));
        if is_it {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        is_it
    }

    fn takes_one_of(&mut self, signs: Signs) -> Option<Binary> {
        signs.iter().find(|(text, _)| self.takes(text)).map(|(_, sign)| *sign)
    }

    fn expects(&mut self, sign: &'static str) -> Result<(), ConditionError> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected(sign, self.rest.first())) }
    }

    fn unexpected(&self, expected: &'static str, found: Option<&Token>) -> ConditionError {
        match found {
            None => ConditionError::new(self.end, expected, "the end"),
            Some(Token { kind, at }) => match kind {
                Kind::Number(number) => ConditionError::new(*at, expected, &alloc::format!("{number}")),
                Kind::Text(text) | Kind::Name(text) => ConditionError::new(*at, expected, text),
                Kind::Sign(sign) => ConditionError::new(*at, expected, sign),
            },
        }
    }
}

impl Binary {
    fn between(self, left: Expression, right: Expression) -> Expression {
        Expression::Binary { sign: self, sides: Box::new([left, right]) }
    }
}

impl Token {
    /// Whether it is this sign, or this word that stands for one.
    fn is_sign(&self, sign: &str) -> bool {
        match &self.kind {
            Kind::Sign(found) => *found == sign,
            Kind::Name(name) => name == sign,
            Kind::Number(_) | Kind::Text(_) => false,
        }
    }
}

impl Function {
    /// The function of that name, and how many values it takes.
    fn named(name: &str) -> Option<(Self, usize)> {
        Some(match name {
            "len" => (Self::Length, 1),
            "isNaN" => (Self::IsNan, 1),
            "isInf" => (Self::IsInfinite, 1),
            "isNil" => (Self::IsNil, 1),
            "default" => (Self::Default, 2),
            "asFloat" | "float" => (Self::AsFloat, 1),
            "asInt" | "int" => (Self::AsInteger, 1),
            "abs" => (Self::Absolute, 1),
            "max" => (Self::Largest, 1),
            "min" => (Self::Smallest, 1),
            "all" => (Self::All, 2),
            "any" => (Self::Any, 2),
            "none" => (Self::None, 2),
            "one" => (Self::One, 2),
            "count" => (Self::Count, 2),
            _ => return None,
        })
    }

    const fn looks_at_each(self) -> bool {
        matches!(self, Self::All | Self::Any | Self::None | Self::One | Self::Count)
    }
}
