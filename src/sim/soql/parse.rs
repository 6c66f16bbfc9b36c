//! Tokens become a tree. Names are not looked up here.

use super::token::{Token, Word, tokens};
use super::{SoqlError, at};

/// A parsed query.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) select: ParsedSelect,
    pub(super) object: Name,
    pub(super) condition: Option<Condition>,
    pub(super) order: Vec<(Name, Direction)>,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
}

/// What stands between SELECT and FROM.
#[derive(Debug, Clone)]
pub(super) enum ParsedSelect {
    Count,
    CountOf(Name),
    Fields(Vec<Name>),
}

/// A name and where it stood.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: usize,
}

/// Ascending with nulls first is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

/// A WHERE tree.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        path: Name,
        operator: Operator,
        value: Literal,
    },
    In {
        path: Name,
        negated: bool,
        values: Vec<Literal>,
    },
    InSelect {
        path: Name,
        negated: bool,
        query: Box<Parsed>,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Like,
}

/// A constant and where it stood.
#[derive(Debug, Clone)]
pub(super) struct Literal {
    pub(super) value: Constant,
    pub(super) at: usize,
}

/// A constant as it was written.
#[derive(Debug, Clone)]
pub(super) enum Constant {
    Text { plain: String, like: String },
    Bare(String),
}

/// How deep parentheses may nest.
const DEPTH_MAX: usize = 50;

/// Parses a whole query.
pub(super) fn parse(text: &str) -> Result<Parsed, SoqlError> {
    let mut reader = Reader {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let query = reader.query()?;
    match reader.peek() {
        Word::End => Ok(query),
        _ => Err(reader.unexpected()),
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Reader<'_> {
    fn query(&mut self) -> Result<Parsed, SoqlError> {
        self.keyword("SELECT")?;
        let select = self.select()?;
        self.keyword("FROM")?;
        let object = self.name()?;
        let condition = if self.takes("WHERE") {
            Some(self.any_of()?)
        } else {
            None
        };
        let mut order = Vec::new();
        if self.takes("ORDER") {
            self.keyword("BY")?;
            order.push(self.order()?);
            while self.takes_sign(",") {
                order.push(self.order()?);
            }
        }
        let limit = if self.takes("LIMIT") {
            Some(self.count()?)
        } else {
            None
        };
        let offset = if self.takes("OFFSET") {
            self.count()?
        } else {
            0
        };
        Ok(Parsed {
            select,
            object,
            condition,
            order,
            limit,
            offset,
        })
    }

    fn select(&mut self) -> Result<ParsedSelect, SoqlError> {
        if self.is("COUNT") && self.sign_follows("(") {
            self.next += 2;
            if self.takes_sign(")") {
                return Ok(ParsedSelect::Count);
            }
            let field = self.name()?;
            self.sign(")")?;
            // An alias may follow; the answer is called `expr0` all the same.
            if !self.is("FROM") {
                self.name()?;
            }
            return Ok(ParsedSelect::CountOf(field));
        }
        let mut fields = vec![self.name()?];
        while self.takes_sign(",") {
            fields.push(self.name()?);
        }
        Ok(ParsedSelect::Fields(fields))
    }

    fn any_of(&mut self) -> Result<Condition, SoqlError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.unexpected());
        }
        let mut parts = vec![self.all_of()?];
        while self.takes("OR") {
            parts.push(self.all_of()?);
        }
        self.depth -= 1;
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Condition::Or(parts)
        })
    }

    fn all_of(&mut self) -> Result<Condition, SoqlError> {
        let mut parts = vec![self.one()?];
        while self.takes("AND") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Condition::And(parts)
        })
    }

    fn one(&mut self) -> Result<Condition, SoqlError> {
        if self.takes("NOT") {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Err(self.unexpected());
            }
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.takes_sign("(") {
            let inner = self.any_of()?;
            self.sign(")")?;
            return Ok(inner);
        }
        let path = self.name()?;
        let negated = self.takes("NOT");
        if negated || self.is("IN") {
            self.keyword("IN")?;
            return self.within(path, negated);
        }
        let operator = self.operator()?;
        let value = self.literal()?;
        Ok(Condition::Compare {
            path,
            operator,
            value,
        })
    }

    fn within(&mut self, path: Name, negated: bool) -> Result<Condition, SoqlError> {
        self.sign("(")?;
        if self.is("SELECT") {
            let query = Box::new(self.query()?);
            self.sign(")")?;
            return Ok(Condition::InSelect {
                path,
                negated,
                query,
            });
        }
        let mut values = vec![self.literal()?];
        while self.takes_sign(",") {
            values.push(self.literal()?);
        }
        self.sign(")")?;
        Ok(Condition::In {
            path,
            negated,
            values,
        })
    }

    fn operator(&mut self) -> Result<Operator, SoqlError> {
        let operator = match self.peek() {
            Word::Sign("=") => Operator::Equal,
            Word::Sign("!=" | "<>") => Operator::Unequal,
            Word::Sign("<") => Operator::Less,
            Word::Sign(">") => Operator::Greater,
            Word::Sign("<=") => Operator::LessOrEqual,
            Word::Sign(">=") => Operator::GreaterOrEqual,
            _ if self.is("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(operator)
    }

    fn order(&mut self) -> Result<(Name, Direction), SoqlError> {
        let path = self.name()?;
        let descending = self.takes("DESC");
        let mut direction = Direction {
            descending,
            nulls_last: false,
        };
        if !descending {
            self.takes("ASC");
        }
        if self.takes("NULLS") {
            direction.nulls_last = self.takes("LAST");
            if !direction.nulls_last {
                self.keyword("FIRST")?;
            }
        }
        Ok((path, direction))
    }

    fn literal(&mut self) -> Result<Literal, SoqlError> {
        let value = match self.peek() {
            Word::Text { plain, like } => Constant::Text {
                plain: plain.clone(),
                like: like.clone(),
            },
            Word::Bare(word) => Constant::Bare(word.clone()),
            _ => return Err(self.unexpected()),
        };
        let at = self.here();
        self.next += 1;
        Ok(Literal { value, at })
    }

    fn count(&mut self) -> Result<u64, SoqlError> {
        let count = match self.peek() {
            Word::Bare(word) => word.parse().ok(),
            _ => None,
        };
        let count = count.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(count)
    }

    fn name(&mut self) -> Result<Name, SoqlError> {
        let Word::Bare(text) = self.peek().clone() else {
            return Err(self.unexpected());
        };
        let at = self.here();
        if ["FROM", "WHERE", "SELECT", "AND", "OR"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
        {
            return Err(self.unexpected());
        }
        self.next += 1;
        Ok(Name { text, at })
    }

    fn keyword(&mut self, word: &str) -> Result<(), SoqlError> {
        if self.takes(word) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn sign(&mut self, sign: &str) -> Result<(), SoqlError> {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let taken = self.is(word);
        self.next += usize::from(taken);
        taken
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let taken = matches!(self.peek(), Word::Sign(known) if *known == sign);
        self.next += usize::from(taken);
        taken
    }

    fn is(&self, word: &str) -> bool {
        matches!(self.peek(), Word::Bare(known) if known.eq_ignore_ascii_case(word))
    }

    fn sign_follows(&self, sign: &str) -> bool {
        let after = self.tokens.get(self.next + 1);
        after.is_some_and(|token| matches!(token.what, Word::Sign(known) if known == sign))
    }

    fn peek(&self) -> &Word {
        self.tokens
            .get(self.next)
            .map_or(&Word::End, |token| &token.what)
    }

    fn here(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.text.len(), |token| token.at)
    }

    fn unexpected(&self) -> SoqlError {
        let word = match self.peek() {
            Word::Bare(word) => word.clone(),
            Word::Text { plain, .. } => plain.clone(),
            Word::Sign(sign) => (*sign).to_owned(),
            Word::End => "<EOF>".to_owned(),
        };
        at(
            self.text,
            self.here(),
            "MALFORMED_QUERY",
            &format!("unexpected token: '{word}'"),
        )
    }
}
