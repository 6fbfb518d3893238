//! Text to tokens.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{SqlError, SqlProblem};

/// A piece of the text and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) offset: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A word without quotes: a keyword, a function or a column.
    Word(String),
    /// A name in double quotes: always a column.
    Quoted(String),
    Number(String),
    Text(String),
    Symbol(&'static str),
    End,
}

impl Kind {
    /// As messages show it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) | Self::Number(word) => format!("`{word}`"),
            Self::Quoted(name) => format!("\"{name}\""),
            Self::Text(text) => format!("'{text}'"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".into(),
        }
    }
}

/// The longer ones first, since `<` begins `<=`.
const SYMBOLS: [&str; 21] = [
    "<>", "!=", "<=", ">=", "||", "==", "(", ")", ",", ".", "[", "]", "+", "-", "*", "/", "%", "=",
    "<", ">", ";",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SqlError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let offset = at;
        let kind = match c {
            c if c.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            '-' if text[at..].starts_with("--") => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                continue;
            }
            '/' if text[at..].starts_with("/*") => {
                let Some(end) = text[at + 2..].find("*/") else {
                    let expected = "a closing `*/`";
                    let problem = SqlProblem::Unexpected { expected, found: "the end".into() };
                    return Err(SqlError { offset, problem });
                };
                at += 2 + end + 2;
                continue;
            }
            '\'' => Kind::Text(quoted(text, &mut at, '\'')?),
            '"' => Kind::Quoted(quoted(text, &mut at, '"')?),
            '0'..='9' => Kind::Number(number(text, &mut at)),
            c if c.is_alphabetic() || c == '_' => {
                let rest = &text[at..];
                let end =
                    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                at += end;
                Kind::Word(rest[..end].to_string())
            }
            c => {
                let Some(symbol) =
                    SYMBOLS.into_iter().find(|symbol| text[at..].starts_with(symbol))
                else {
                    let found = format!("`{}`", c.escape_debug());
                    let problem = SqlProblem::Unexpected { expected: "an SQL expression", found };
                    return Err(SqlError { offset, problem });
                };
                at += symbol.len();
                Kind::Symbol(symbol)
            }
        };
        tokens.push(Token { kind, offset });
    }
    tokens.push(Token { kind: Kind::End, offset: text.len() });
    Ok(tokens)
}

/// Reads up to the closing quote; a doubled quote stands for one.
fn quoted(text: &str, at: &mut usize, quote: char) -> Result<String, SqlError> {
    let offset = *at;
    let mut out = String::new();
    let mut rest = &text[offset + 1..];
    loop {
        let Some(end) = rest.find(quote) else {
            let expected = if quote == '"' { "a closing `\"`" } else { "a closing `'`" };
            let problem = SqlProblem::Unexpected { expected, found: "the end".into() };
            return Err(SqlError { offset, problem });
        };
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        let Some(after) = rest.strip_prefix(quote) else {
            *at = text.len() - rest.len();
            return Ok(out);
        };
        out.push(quote);
        rest = after;
    }
}

fn number(text: &str, at: &mut usize) -> String {
    let bytes = text.as_bytes();
    let start = *at;
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    *at = digits(start);
    if bytes.get(*at) == Some(&b'.') {
        *at = digits(*at + 1);
    }
    if matches!(bytes.get(*at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(*at + 1), Some(b'+' | b'-')));
        let end = digits(*at + 1 + sign);
        if end > *at + 1 + sign {
            *at = end;
        }
    }
    text[start..*at].to_string()
}
