//! Tokens to expressions, by precedence.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::expr::{Expr, Leaf, Name, Operator, Step};
use super::function::{Function, Span};
use super::lexer::{Kind, Token, tokens};
use super::{SqlError, SqlProblem};
use crate::Value;

/// How deep a tree of operators, parentheses and the like may grow: whatever walks it recurses.
const MAX_DEPTH: usize = 64;

/// Parses a text that is one scalar expression.
pub(crate) fn parse_expr(text: &str) -> Result<Expr<Leaf>, SqlError> {
    let mut parser = Parser::new(text)?;
    let expr = parser.expr()?;
    parser.end()?;
    Ok(expr)
}

/// Words that are grammar and so are no names of columns unless they are quoted.
const RESERVED: [&str; 46] = [
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CROSS",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "FETCH",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "IN",
    "INNER",
    "INTERSECT",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "QUALIFY",
    "RIGHT",
    "SELECT",
    "THEN",
    "UNION",
    "USING",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// A parser. What it does for one kind of expression is never inlined into what does others: in
/// WebAssembly, large functions that recurse are taken for hot ones, and compiled once more.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, SqlError> {
        Ok(Self { text, tokens: tokens(text)?, at: 0, depth: 0 })
    }

    pub(super) fn peek(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    pub(super) fn offset(&self) -> usize {
        self.tokens[self.at].offset
    }

    pub(super) fn advance(&mut self) -> Kind {
        let kind = self.tokens[self.at].kind.clone();
        // The last token is the end, which stays.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> SqlError {
        let problem = SqlProblem::Unexpected { expected, found: self.peek().describe() };
        SqlError { offset: self.offset(), problem }
    }

    /// Whether the next token is that keyword.
    pub(super) fn is_word(&self, keyword: &str) -> bool {
        matches!(self.peek(), Kind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn take_word(&mut self, keyword: &str) -> bool {
        let found = self.is_word(keyword);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect_word(&mut self, keyword: &'static str) -> Result<(), SqlError> {
        if self.take_word(keyword) { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(found) if *found == symbol)
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect_symbol(
        &mut self,
        symbol: &str,
        expected: &'static str,
    ) -> Result<(), SqlError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Refuses the next word by its name if it is one of these.
    pub(super) fn refuse(&self, words: &[&str]) -> Result<(), SqlError> {
        match words.iter().find(|word| self.is_word(word)) {
            Some(word) => Err(SqlError::unsupported(*word, self.offset())),
            None => Ok(()),
        }
    }

    pub(super) fn end(&mut self) -> Result<(), SqlError> {
        self.take_symbol(";");
        if *self.peek() == Kind::End { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    /// A name of one part: a column, a view or an alias.
    pub(super) fn identifier(&mut self, expected: &'static str) -> Result<String, SqlError> {
        match self.peek() {
            Kind::Word(word) if !is_reserved(word) => {}
            Kind::Quoted(_) => {}
            _ => return Err(self.unexpected(expected)),
        }
        match self.advance() {
            Kind::Word(name) | Kind::Quoted(name) => Ok(name),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// The view of `view.*`, if that comes next.
    pub(super) fn take_all_of(&mut self) -> Option<String> {
        let [view, dot, star] = self.tokens.get(self.at..self.at + 3)? else { return None };
        let (Kind::Word(name) | Kind::Quoted(name)) = &view.kind else { return None };
        if dot.kind != Kind::Symbol(".") || star.kind != Kind::Symbol("*") {
            return None;
        }
        let name = name.clone();
        self.at += 3;
        Some(name)
    }

    pub(super) fn number(&mut self) -> Option<String> {
        let Kind::Number(text) = self.peek() else { return None };
        let text = text.clone();
        self.advance();
        Some(text)
    }

    pub(super) fn expr(&mut self) -> Result<Expr<Leaf>, SqlError> {
        self.nested(Self::or)
    }

    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Expr<Leaf>, SqlError>,
    ) -> Result<Expr<Leaf>, SqlError> {
        self.deepen()?;
        let expr = parse(self);
        self.depth -= 1;
        expr
    }

    fn deepen(&mut self) -> Result<(), SqlError> {
        if self.depth == MAX_DEPTH {
            let problem = SqlProblem::TooDeep { limit: MAX_DEPTH };
            return Err(SqlError { offset: self.offset(), problem });
        }
        self.depth += 1;
        Ok(())
    }

    /// Operands joined by operators of one precedence, from the left; each makes the tree deeper.
    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Result<Expr<Leaf>, SqlError>,
        operator: fn(&mut Self) -> Option<Operator>,
    ) -> Result<Expr<Leaf>, SqlError> {
        let mut expr = operand(self)?;
        let depth = self.depth;
        while let Some(operator) = operator(self) {
            self.deepen()?;
            expr = Expr::Binary(operator, Box::new(expr), Box::new(operand(self)?));
        }
        self.depth = depth;
        Ok(expr)
    }

    fn or(&mut self) -> Result<Expr<Leaf>, SqlError> {
        self.chain(Self::and, |parser| parser.take_word("OR").then_some(Operator::Or))
    }

    fn and(&mut self) -> Result<Expr<Leaf>, SqlError> {
        self.chain(Self::not, |parser| parser.take_word("AND").then_some(Operator::And))
    }

    fn not(&mut self) -> Result<Expr<Leaf>, SqlError> {
        if self.take_word("NOT") {
            return Ok(Expr::Not(Box::new(self.nested(Self::not)?)));
        }
        self.comparison()
    }

    #[inline(never)]
    fn comparison(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let first = self.sum()?;
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            self.expect_word("NULL")?;
            return Ok(negate_if(negated, Expr::IsNull(Box::new(first))));
        }
        let negated = self.take_word("NOT");
        if self.take_word("IN") {
            self.expect_symbol("(", "`(`")?;
            if self.is_word("SELECT") {
                return Err(SqlError::unsupported("IN (SELECT …)", self.offset()));
            }
            let rest = self.list()?;
            return Ok(negate_if(negated, Expr::In(Box::new(first), rest)));
        }
        if self.take_word("BETWEEN") {
            let low = self.sum()?;
            self.expect_word("AND")?;
            let high = self.sum()?;
            let above = binary(Operator::GreaterOrEqual, first.clone(), low);
            let below = binary(Operator::LessOrEqual, first, high);
            return Ok(negate_if(negated, binary(Operator::And, above, below)));
        }
        if self.take_word("LIKE") {
            let pattern = self.sum()?;
            self.refuse(&["ESCAPE"])?;
            return Ok(negate_if(negated, Expr::Call(Function::Like, vec![first, pattern])));
        }
        self.refuse(&["GLOB", "ILIKE", "REGEXP", "MATCH", "SIMILAR", "COLLATE"])?;
        if negated {
            return Err(self.unexpected("IN, LIKE or BETWEEN"));
        }
        let Some(operator) = self.comparison_operator() else { return Ok(first) };
        Ok(binary(operator, first, self.sum()?))
    }

    fn comparison_operator(&mut self) -> Option<Operator> {
        let Kind::Symbol(symbol) = self.peek() else { return None };
        let operator = match *symbol {
            "=" | "==" => Operator::Equal,
            "<>" | "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            _ => return None,
        };
        self.advance();
        Some(operator)
    }

    pub(super) fn sum(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let mut expr = self.product()?;
        let depth = self.depth;
        while let Some(operator) = self.one_of(&[("+", Operator::Add), ("-", Operator::Subtract)]) {
            self.deepen()?;
            expr = if self.is_word("INTERVAL") {
                let is_sum = operator == Operator::Add;
                let span = self.span(if is_sum { Some } else { Span::negated })?;
                Expr::Call(Function::Shift(span), vec![expr])
            } else {
                binary(operator, expr, self.product()?)
            };
        }
        self.depth = depth;
        Ok(expr)
    }

    fn product(&mut self) -> Result<Expr<Leaf>, SqlError> {
        self.chain(Self::concat, |parser| {
            parser.one_of(&[
                ("*", Operator::Multiply),
                ("/", Operator::Divide),
                ("%", Operator::Remainder),
            ])
        })
    }

    fn concat(&mut self) -> Result<Expr<Leaf>, SqlError> {
        self.chain(Self::unary, |parser| parser.one_of(&[("||", Operator::Concat)]))
    }

    fn one_of(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let (symbol, operator) = *operators.iter().find(|(symbol, _)| self.is_symbol(symbol))?;
        self.take_symbol(symbol);
        Some(operator)
    }

    fn unary(&mut self) -> Result<Expr<Leaf>, SqlError> {
        if self.take_symbol("-") {
            return Ok(Expr::Negate(Box::new(self.nested(Self::unary)?)));
        }
        if self.take_symbol("+") {
            return self.nested(Self::unary);
        }
        self.primary()
    }

    #[inline(never)]
    fn primary(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let offset = self.offset();
        match self.peek().clone() {
            Kind::Number(text) => {
                self.advance();
                number(text, offset).map(Expr::Literal)
            }
            Kind::Text(text) => {
                self.advance();
                Ok(Expr::Literal(Value::text(&text)))
            }
            Kind::Symbol("(") => {
                self.advance();
                if self.is_word("SELECT") {
                    return Err(SqlError::unsupported("a subquery", self.offset()));
                }
                let expr = self.expr()?;
                self.expect_symbol(")", "`)`")?;
                Ok(expr)
            }
            Kind::Word(word) => {
                for (keyword, value) in [
                    ("NULL", Value::Null),
                    ("TRUE", Value::Bool(true)),
                    ("FALSE", Value::Bool(false)),
                ] {
                    if self.take_word(keyword) {
                        return Ok(Expr::Literal(value));
                    }
                }
                if self.take_word("CASE") {
                    return self.case();
                }
                self.refuse(&["EXISTS", "NOT", "INTERVAL"])?;
                let is_call = self.tokens[self.at + 1].kind == Kind::Symbol("(");
                let is_function = ["CAST", "LEFT", "RIGHT"].iter().any(|name| self.is_word(name));
                if is_call && (is_function || !is_reserved(&word)) {
                    self.advance();
                    self.advance();
                    return self.call(&word, offset);
                }
                self.name()
            }
            Kind::Quoted(_) => self.name(),
            Kind::Symbol(_) | Kind::End => Err(self.unexpected("a value")),
        }
    }

    #[inline(never)]
    fn name(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let offset = self.offset();
        let mut steps = vec![Step::Field(self.identifier("a value")?)];
        loop {
            if self.take_symbol(".") {
                // After a dot every word is a name, as in `data.group`.
                match self.advance() {
                    Kind::Word(field) | Kind::Quoted(field) => steps.push(Step::Field(field)),
                    _ => return Err(self.unexpected("a name")),
                }
            } else if self.take_symbol("[") {
                let index = self.number().and_then(|text| text.parse().ok());
                let Some(index) = index else { return Err(self.unexpected("an index")) };
                self.expect_symbol("]", "`]`")?;
                steps.push(Step::Element(index));
            } else {
                return Ok(Expr::Leaf(Leaf::Name(Name { steps, offset })));
            }
        }
    }

    #[inline(never)]
    fn case(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let subject = if self.is_word("WHEN") { None } else { Some(self.expr()?) };
        let mut arms = Vec::new();
        while self.take_word("WHEN") {
            let mut when = self.expr()?;
            if let Some(subject) = &subject {
                when = binary(Operator::Equal, subject.clone(), when);
            }
            self.expect_word("THEN")?;
            arms.push((when, self.expr()?));
        }
        if arms.is_empty() {
            return Err(self.unexpected("WHEN"));
        }
        let otherwise =
            if self.take_word("ELSE") { self.expr()? } else { Expr::Literal(Value::Null) };
        self.expect_word("END")?;
        Ok(Expr::Case(arms, Box::new(otherwise)))
    }

    /// Expressions up to the closing parenthesis.
    pub(super) fn list(&mut self) -> Result<Vec<Expr<Leaf>>, SqlError> {
        let mut list = vec![self.expr()?];
        while self.take_symbol(",") {
            list.push(self.expr()?);
        }
        self.expect_symbol(")", "`,` or `)`")?;
        Ok(list)
    }
}

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
}

fn binary(operator: Operator, a: Expr<Leaf>, b: Expr<Leaf>) -> Expr<Leaf> {
    Expr::Binary(operator, Box::new(a), Box::new(b))
}

fn negate_if(negated: bool, expr: Expr<Leaf>) -> Expr<Leaf> {
    if negated { Expr::Not(Box::new(expr)) } else { expr }
}

fn number(text: String, offset: usize) -> Result<Value, SqlError> {
    let value = if text.contains(['.', 'e', 'E']) {
        text.trim_end_matches('.').to_string().parse().map(Value::Decimal).ok()
    } else {
        text.parse().map(Value::Int).ok()
    };
    value.ok_or(SqlError { offset, problem: SqlProblem::Number { text } })
}
