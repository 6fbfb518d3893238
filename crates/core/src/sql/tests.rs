use alloc::format;
use alloc::string::{String, ToString as _};

use super::{EvaluateError, Expr, Leaf, Scope, parse_expr, parse_select};
use crate::cell::{Cell, Dictionary};

/// What an expression comes to, with `n` as 5, `t` as 'Text' and every other name NULL.
fn eval(text: &str) -> String {
    let expr = match parse_expr(text) {
        Ok(expr) => expr,
        Err(error) => return error.to_string(),
    };
    let mut names = Names(Dictionary::default());
    match expr.evaluate(&mut names) {
        Ok(cell) => names.0.value(cell).to_string(),
        Err(error) => error.to_string(),
    }
}

struct Names(Dictionary);

impl Scope<Leaf> for Names {
    fn leaf(&mut self, leaf: &Leaf) -> Result<Cell, EvaluateError> {
        Ok(match leaf {
            Leaf::Name(name) if name.to_string() == "n" => self.0.integer(5),
            Leaf::Name(name) if name.to_string() == "t" => self.0.text("Text"),
            _ => Cell::NULL,
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        &mut self.0
    }
}

#[test]
fn operators_bind_as_in_sql() {
    for (text, value) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3"),
        ("7 / 2.0", "3.5"),
        ("-7 % 4", "-3"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("NOT 1 = 2 AND 2 < 3 OR FALSE", "true"),
        ("n BETWEEN 1 AND 5", "true"),
        ("n NOT IN (1, 2)", "true"),
        ("'a' || 1 || 'b'", "a1b"),
        ("'it''s' <> \"t\"", "true"),
        ("- - 2 -- a comment", "2"),
    ] {
        assert_eq!(eval(text), value, "{text}");
    }
}

#[test]
fn null_is_unknown() {
    for (text, value) in [
        ("x + 1", "NULL"),
        ("x = x", "NULL"),
        ("x IS NULL", "true"),
        ("n IS NOT NULL", "true"),
        ("x AND FALSE", "false"),
        ("x OR TRUE", "true"),
        ("x AND TRUE", "NULL"),
        ("n IN (1, NULL)", "NULL"),
        ("n IN (5, NULL)", "true"),
        ("COALESCE(x, NULL, n)", "5"),
        ("CASE WHEN x THEN 1 WHEN n = 5 THEN 2 END", "2"),
        ("CASE n WHEN 4 THEN 'four' ELSE 'other' END", "other"),
        ("data.group.\"odd name\"[0]", "NULL"),
    ] {
        assert_eq!(eval(text), value, "{text}");
    }
}

#[test]
fn functions_do_what_sqlites_do() {
    for (text, value) in [
        ("substr('abcdef', 2, 3)", "bcd"),
        ("substr('abcdef', -2)", "ef"),
        ("substr('abcdef', 0, 3)", "ab"),
        ("substr('abcdef', 4, -2)", "bc"),
        ("substr('abcdef', -8, 4)", "ab"),
        ("length('äöü')", "3"),
        ("upper(t) || lower(t)", "TEXTtext"),
        ("abs(-3) + abs(-0.5)", "3.5"),
        ("round(2.345, 2)", "2.35"),
        ("nullif(n, 5)", "NULL"),
    ] {
        assert_eq!(eval(text), value, "{text}");
    }
}

#[test]
fn what_has_no_value_says_why() {
    for (text, message) in [
        ("n / 0", "`/` by zero"),
        ("n % 0.0", "`%` by zero"),
        ("9223372036854775807 + 1", "`+` overflows"),
        ("t * 2", "`*` expected a number, found text"),
        ("t AND TRUE", "`AND` expected a condition, found text"),
        ("length(n)", "`length` expected a text, found integer"),
    ] {
        assert_eq!(eval(text), message, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_refused_by_name_and_place() {
    for (text, message) in [
        ("", "expected a value, found the end at byte 0"),
        ("1 +", "expected a value, found the end at byte 3"),
        ("(1", "expected `)`, found the end at byte 2"),
        ("1 2", "expected the end, found `2` at byte 2"),
        ("'abc", "expected a closing `'`, found the end at byte 0"),
        ("n LIKE 'a%'", "`LIKE` is not supported at byte 2"),
        ("hash(n)", "the function `hash` is not supported at byte 0"),
        ("substr(t)", "substr takes 2 or 3 arguments, found 1 at byte 0"),
        ("COUNT(DISTINCT n)", "COUNT(DISTINCT …) is not supported at byte 0"),
        ("(SELECT 1)", "a subquery is not supported at byte 1"),
        ("CAST(n AS TEXT)", "CAST is not supported at byte 0"),
        ("n ? 1", "expected an SQL expression, found `?` at byte 2"),
        (
            "9223372036854775808",
            "the number 9223372036854775808 is beyond 64 bits or 38 digits at byte 0",
        ),
        ("n + group", "expected a value, found `group` at byte 4"),
    ] {
        assert_eq!(eval(text), message, "{text}");
    }
}

#[test]
fn a_hostile_expression_does_not_reach_the_end_of_the_stack() {
    for text in [
        "(".repeat(100_000),
        "NOT ".repeat(100_000),
        "-".repeat(99_999) + "1",
        format!("1{}", " + 1".repeat(100_000)),
        "CASE ".repeat(100_000),
    ] {
        assert!(eval(&text).contains("nested deeper") || eval(&text).contains("found the end"));
    }
}

#[test]
fn a_select_has_its_parts() {
    let select = parse_select(
        "SELECT region, SUM(total) AS revenue, COUNT(*) FROM orders o WHERE o.status <> 'x' \
         GROUP BY region ORDER BY revenue DESC, region LIMIT 3;",
    )
    .unwrap();
    assert_eq!((select.from.as_str(), select.qualifier.as_str()), ("orders", "o"));
    assert_eq!((select.items.len(), select.group.len(), select.limit), (3, 1, Some(3)));
    assert!(matches!(select.filter, Some(Expr::Binary(..))));
    assert_eq!(
        select.order.iter().map(|(_, down)| *down).collect::<alloc::vec::Vec<_>>(),
        [true, false]
    );
}

#[test]
fn a_select_outside_the_subset_is_refused_by_name_and_place() {
    for (text, message) in [
        ("SELECT DISTINCT a FROM v", "DISTINCT is not supported at byte 7"),
        ("SELECT a FROM v JOIN w ON a = b", "JOIN is not supported at byte 16"),
        ("SELECT a FROM v LEFT JOIN w ON a = b", "LEFT is not supported at byte 16"),
        ("SELECT a FROM v, w", "a list of views in FROM is not supported at byte 15"),
        ("SELECT a FROM (SELECT 1)", "a subquery is not supported at byte 14"),
        ("SELECT a FROM v GROUP BY a HAVING a > 1", "HAVING is not supported at byte 27"),
        ("SELECT a FROM v UNION SELECT a FROM w", "UNION is not supported at byte 16"),
        ("SELECT a FROM v LIMIT 1 OFFSET 2", "OFFSET is not supported at byte 24"),
        ("SELECT a FROM v ORDER BY 1", "a constant in ORDER BY is not supported at byte 25"),
        ("SELECT MAX(a) FROM v", "the function `MAX` is not supported at byte 7"),
        ("SELECT SUM(a) OVER () FROM v", "`OVER` is not supported at byte 7"),
        ("WITH x AS (SELECT 1) SELECT 1", "WITH is not supported at byte 0"),
        ("SELECT a FROM v LIMIT x", "expected a whole number, found `x` at byte 22"),
        ("INSERT INTO v", "expected SELECT, found `INSERT` at byte 0"),
    ] {
        assert_eq!(parse_select(text).unwrap_err().to_string(), message, "{text}");
    }
}
