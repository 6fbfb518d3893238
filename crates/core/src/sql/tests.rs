use alloc::format;
use alloc::string::{String, ToString as _};

use super::{EvaluateError, Leaf, Scope, parse_expr, parse_select};
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
        ("6 /* divided\nby */ / 2 /**/", "3"),
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
        ("ceil(1.2) || floor(-1.2) || ceiling(-1.2) || floor(3)", "2-2-13"),
        ("sign(-0.5) + sign(7) * 10", "9"),
        ("mod(-7, 4)", "-3"),
        ("mod(7.5, 2)", "1.5"),
        ("max(1, n, 2.5) - least(3, n)", "2"),
        ("min(1, NULL)", "NULL"),
        (
            "trim('  a b ') || '|' || ltrim('xxaxx', 'x') || '|' || rtrim('xxaxx', 'x')",
            "a b|axx|xxa",
        ),
        ("replace('banana', 'an', 'AN')", "bANANa"),
        ("replace('banana', '', 'x')", "banana"),
        ("instr('banana', 'nan') + position('x' IN 'banana')", "3"),
        ("left('äbc', 2) || right('äbc', 1)", "äbc"),
        ("right('abc', 5) || right('abc', 0) || left('abc', -1)", "abc"),
        ("iif(n > 3, 'more', 'less')", "more"),
        ("ifnull(x, 'none')", "none"),
        ("CAST(-2.9 AS INTEGER)", "-2"),
        ("CAST('12' AS INTEGER) + CAST('0.5' AS DECIMAL)", "12.5"),
        ("CAST(1 AS TEXT) || CAST(TRUE AS TEXT)", "1true"),
        ("CAST(0 AS BOOLEAN) OR CAST('true' AS BOOLEAN)", "true"),
    ] {
        assert_eq!(eval(text), value, "{text}");
    }
}

#[test]
fn like_matches_as_sqlites_does_in_bounded_time() {
    for (text, pattern, matches) in [
        ("Banana", "b%NA", true),
        ("banana", "b_n%a", true),
        ("banana", "b_n", false),
        ("", "%", true),
        ("", "_", false),
        ("äx", "_X", true),
        ("Äx", "äx", false),
        ("abcabd", "%ab%d", true),
        ("abc", "%%%c%", true),
    ] {
        let expected = matches.to_string();
        assert_eq!(eval(&format!("'{text}' LIKE '{pattern}'")), expected, "{text} {pattern}");
        let expected = (!matches).to_string();
        assert_eq!(eval(&format!("'{text}' NOT LIKE '{pattern}'")), expected, "{text} {pattern}");
    }
    let hostile = format!("'{}' LIKE '{}b'", "a".repeat(5_000), "%a".repeat(2_000));
    assert_eq!(eval(&hostile), "false");
}

#[test]
fn dates_are_read_in_utc_and_counted_exactly() {
    for (text, value) in [
        ("date('2011-10-12T01:45:40+02:00')", "2011-10-11"),
        ("time('2011-10-11 13:45:40.276')", "13:45:40"),
        ("datetime('2011-10-11T13:45Z')", "2011-10-11 13:45:00"),
        ("unixepoch('1969-12-31T23:59:59.5Z')", "-1"),
        (
            "strftime('%Y/%m/%d %H-%M-%f %j %w %s%%', '2024-02-29T23:59:59.999Z')",
            "2024/02/29 23-59-59.999 060 4 1709251199%",
        ),
        ("extract(YEAR FROM '2024-02-29') + month('2024-02-29')", "2026"),
        ("date_part('quarter', '2024-05-01') || extract(dow FROM '2024-05-05')", "20"),
        ("date_trunc('hour', '2024-02-29T23:59:59.999Z')", "2024-02-29T23:00:00.000Z"),
        ("date_trunc('week', '2024-03-03')", "2024-02-26T00:00:00.000Z"),
        ("date_trunc('quarter', '2024-03-03')", "2024-01-01T00:00:00.000Z"),
        ("date_trunc('month', '1969-12-31')", "1969-12-01T00:00:00.000Z"),
        ("tumble('2024-02-29T23:59:59Z', INTERVAL '15 minutes')", "2024-02-29T23:45:00.000Z"),
        ("'2024-02-28T23:00:00Z' + INTERVAL '1 day 2 hours'", "2024-03-01T01:00:00.000Z"),
        ("'2024-03-01' - INTERVAL '1 millisecond'", "2024-02-29T23:59:59.999Z"),
        ("date(x)", "NULL"),
    ] {
        assert_eq!(eval(text), value, "{text}");
    }
}

#[test]
fn a_text_that_grows_by_itself_meets_a_limit() {
    let mut text = "'xxxxxxxx'".to_string();
    for _ in 0..18 {
        text = format!("replace({text}, 'x', 'xx')");
    }
    assert_eq!(eval(&text), "`replace` makes a text of more than 1048576 bytes");
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
        ("CAST('12a' AS INTEGER)", "`CAST` expected an integer, found '12a'"),
        ("CAST(1e30 AS INTEGER)", "`CAST` overflows"),
        ("year('today')", "`extract` expected a time such as 2026-11-22T10:00:00Z, found 'today'"),
        ("hour(n)", "`extract` expected a time, found integer"),
        ("'9999-12-31' + INTERVAL '1 day'", "`INTERVAL` overflows"),
        (
            "strftime('%Q', '2026-01-01')",
            "`strftime` expected %Y %m %d %H %M %S %f %j %w %s %F %T or %%, found '%Q'",
        ),
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
        ("n LIKE 'a%' ESCAPE '!'", "ESCAPE is not supported at byte 12"),
        ("n GLOB 'a*'", "GLOB is not supported at byte 2"),
        ("hash(n)", "the function `hash` is not supported at byte 0"),
        ("substr(t)", "substr takes 2 or 3 arguments, found 1 at byte 0"),
        ("SUM(DISTINCT n)", "SUM(DISTINCT …) is not supported at byte 0"),
        ("date_trunc('century', t)", "the part `century` of a date is not supported at byte 11"),
        ("extract(week FROM t)", "the part `week` of a date is not supported at byte 8"),
        (
            "tumble(t, '0 hours')",
            "expected a length of time such as '5 minutes' or '1 hour 30 seconds', found '0 hours' at byte 10",
        ),
        (
            "hop(t, '2 minutes', '5 minutes')",
            "hop with a size that is not 1 to 1000 times its step is not supported at byte 0",
        ),
        ("(SELECT 1)", "a subquery is not supported at byte 1"),
        ("CAST(n AS REAL)", "CAST AS REAL is not supported at byte 10"),
        ("CAST(n AS DECIMAL(9, 2))", "CAST AS DECIMAL(…) is not supported at byte 10"),
        ("n ? 1", "expected an SQL expression, found `?` at byte 2"),
        (
            "9223372036854775808",
            "the number 9223372036854775808 is beyond 64 bits or 38 digits, 18 of them after the point at byte 0",
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
    let statement = parse_select(
        "SELECT DISTINCT region, SUM(total) AS revenue, c.* FROM orders o LEFT JOIN customers AS c \
         ON o.customer = c.id WHERE o.status <> 'x' GROUP BY region HAVING revenue > 1 QUALIFY \
         ROW_NUMBER() OVER (PARTITION BY region ORDER BY revenue DESC) < 3 UNION ALL \
         SELECT a, b, c FROM more ORDER BY revenue DESC, region LIMIT 3;",
    )
    .unwrap();
    let [select, more] = statement.selects.as_slice() else { panic!("two SELECTs") };
    assert_eq!((select.from.view.as_str(), select.from.qualifier.as_str()), ("orders", "o"));
    assert_eq!((select.items.len(), select.group.len(), statement.limit), (3, 1, Some(3)));
    assert!(select.is_distinct && select.filter.is_some() && select.having.is_some());
    assert!(select.joins[0].is_left && select.joins[0].source.view == "customers");
    assert_eq!(select.qualify.as_ref().map(|qualify| qualify.limit), Some(2));
    assert_eq!(more.from.view, "more");
    let downwards: alloc::vec::Vec<_> =
        statement.order.iter().map(|term| term.is_downwards).collect();
    assert_eq!(downwards, [true, false]);
}

#[test]
fn a_select_outside_the_subset_is_refused_by_name_and_place() {
    for (text, message) in [
        ("SELECT a FROM v RIGHT JOIN w ON a = b", "RIGHT is not supported at byte 16"),
        ("SELECT a FROM v CROSS JOIN w", "CROSS is not supported at byte 16"),
        ("SELECT a FROM v JOIN w USING (a)", "USING is not supported at byte 23"),
        ("SELECT a FROM v, w", "a list of views in FROM is not supported at byte 15"),
        ("SELECT a FROM (SELECT 1)", "a subquery is not supported at byte 14"),
        ("SELECT a FROM v UNION SELECT a FROM w", "UNION without ALL is not supported at byte 16"),
        ("SELECT a FROM v EXCEPT SELECT a FROM w", "EXCEPT is not supported at byte 16"),
        ("SELECT a FROM v LIMIT 1 OFFSET 2", "OFFSET is not supported at byte 24"),
        ("SELECT a FROM v LIMIT 1, 2", "LIMIT with an offset is not supported at byte 23"),
        ("SELECT a FROM v ORDER BY 1", "a constant in ORDER BY is not supported at byte 25"),
        ("SELECT a FROM v ORDER BY a NULLS LAST", "NULLS is not supported at byte 27"),
        ("SELECT MEDIAN(a) FROM v", "the function `MEDIAN` is not supported at byte 7"),
        ("SELECT SUM(a) OVER () FROM v", "OVER is not supported at byte 14"),
        (
            "SELECT a FROM v QUALIFY RANK() OVER (ORDER BY a) = 1",
            "QUALIFY by anything but ROW_NUMBER() OVER (…) <= number is not supported at byte 24",
        ),
        ("SELECT COUNT(*) FILTER (WHERE a > 1) FROM v", "FILTER is not supported at byte 16"),
        ("SELECT a FROM v /* of", "expected a closing `*/`, found the end at byte 16"),
        ("WITH x AS (SELECT 1) SELECT 1", "WITH is not supported at byte 0"),
        ("SELECT a FROM v LIMIT x", "expected a whole number, found `x` at byte 22"),
        ("INSERT INTO v", "expected SELECT, found `INSERT` at byte 0"),
    ] {
        assert_eq!(parse_select(text).unwrap_err().to_string(), message, "{text}");
    }
}
