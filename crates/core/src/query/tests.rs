use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{
    Clause, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition, ViewDefinition,
};

/// An engine with tables `l` and `r`, each with the columns `id`, `g`, `n` and `t`, and one query.
fn engine(sql: &str) -> Engine {
    define(&[("q", sql)]).unwrap()
}

fn define(queries: &[(&str, &str)]) -> Result<Engine, crate::DefineError> {
    let table = |name: &str| {
        let set = ["g", "n", "t"].map(|column| (column.into(), format!("data.{column}")));
        let put = Clause { set: set.into(), ..Clause::default() };
        let drop = Clause { delete: true, ..Clause::default() };
        let on = [(format!("{name}+"), put), (format!("{name}-"), drop)];
        let definition = TableDefinition {
            key: ["data.id".to_string()].into(),
            on: on.into(),
            ..TableDefinition::default()
        };
        (name.to_string(), ViewDefinition::Table(definition))
    };
    let query = |(name, sql): &(&str, &str)| {
        ((*name).to_string(), ViewDefinition::Query((*sql).to_string()))
    };
    let mut views: Vec<_> = ["l", "r"].map(table).into();
    views.extend(queries.iter().map(query));
    let mut engine = Engine::default();
    engine.define(&Definitions { views, ..Definitions::default() })?;
    Ok(engine)
}

/// Feeds lines such as `l+ a {"g":1}` or `l- a`.
fn feed(engine: &mut Engine, lines: &[&str]) {
    for line in lines {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or("{}").to_string();
        let (event_type, subject, data) = (word(), word(), word());
        let comma = if data == "{}" { "" } else { "," };
        let data = format!("{{\"id\":\"{subject}\"{comma}{}", &data[1..]);
        let id = engine.head().next().get().to_string();
        let event = NewEvent { id, source: "/test".into(), event_type, subject, time: None, data };
        engine.append(Epoch::new(1), &event).unwrap();
    }
}

fn rows(engine: &Engine, view: &str) -> Vec<String> {
    let line = |row: crate::Row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    engine.view(view).unwrap().rows().map(line).collect()
}

/// What the query shows after each step, steps being lines separated by `;`.
fn steps(sql: &str, steps: &[(&str, &[&str])]) {
    let mut engine = engine(sql);
    let mut seen = Vec::new();
    for (lines, expected) in steps {
        feed(&mut engine, &lines.split("; ").collect::<Vec<_>>());
        assert_eq!(rows(&engine, "q"), *expected, "after {lines}");
        seen.push((engine.position(), engine.digest()));
    }
    for (position, digest) in seen.into_iter().rev() {
        engine.rewind(position);
        assert_eq!(engine.digest(), digest, "back at {position}");
    }
}

#[test]
fn a_left_join_shows_rows_alone_until_they_have_a_partner() {
    steps(
        "SELECT l.id, r.id AS other, l.n + r.n AS n FROM l LEFT JOIN r ON l.g = r.g AND r.n < l.n",
        &[
            (r#"l+ a {"g":1,"n":5}"#, &["a NULL NULL"]),
            (r#"r+ x {"g":1,"n":5}"#, &["a NULL NULL"]),
            (r#"r+ x {"g":1,"n":4}"#, &["a x 9"]),
            (r#"r+ y {"g":1.0,"n":3}; l+ b {"n":1}"#, &["a x 9", "a y 8", "b NULL NULL"]),
            ("r- x; l- b", &["a y 8"]),
            (r#"l+ a {"g":2,"n":5}"#, &["a NULL NULL"]),
            ("l- a; r- y", &[]),
        ],
    );
}

#[test]
fn joins_follow_each_other_and_a_view_may_join_itself() {
    steps(
        "SELECT a.id, b.id AS next, r.n FROM l AS a JOIN l AS b ON a.n + 1 = b.n \
         JOIN r ON r.g = b.g AND r.n > a.n",
        &[
            (r#"l+ a {"g":1,"n":1}; l+ b {"g":2,"n":2}"#, &[]),
            (r#"r+ x {"g":2,"n":9}"#, &["a b 9"]),
            (r#"l+ c {"g":2,"n":3}"#, &["a b 9", "b c 9"]),
            (r#"r+ x {"g":2,"n":2}"#, &["a b 2"]),
            (r#"l+ b {"g":2,"n":0}"#, &[]),
            (r#"r+ y {"g":1,"n":7}"#, &["b a 7"]),
        ],
    );
}

#[test]
fn aggregates_forget_what_leaves() {
    steps(
        "SELECT g, MIN(n) AS low, MAX(n) AS high, COUNT(DISTINCT t) AS kinds, AVG(n) AS mean, \
         COUNT(*) AS rows_ FROM l GROUP BY g HAVING rows_ > 1",
        &[
            (r#"l+ a {"g":1,"n":5,"t":"x"}"#, &[]),
            (r#"l+ b {"g":1,"n":2,"t":"x"}"#, &["1 2 5 1 3.5 2"]),
            (r#"l+ c {"g":1,"n":0.5,"t":"y"}"#, &["1 0.5 5 2 2.5 3"]),
            (r#"l+ c {"g":1}"#, &["1 2 5 1 3.5 3"]),
            (r#"l+ d {"g":1,"n":0}"#, &["1 0 5 1 2.333333333333333333 4"]),
            ("l- a; l- d", &["1 2 2 1 2 2"]),
            ("l- b", &[]),
        ],
    );
}

#[test]
fn the_first_of_each_group_move_up() {
    steps(
        "SELECT g, id, n FROM l QUALIFY ROW_NUMBER() OVER (PARTITION BY g ORDER BY n DESC) <= 2 \
         ORDER BY g, n DESC LIMIT 3",
        &[
            (r#"l+ a {"g":1,"n":5}; l+ b {"g":1,"n":7}; l+ c {"g":1,"n":6}"#, &["1 b 7", "1 c 6"]),
            (r#"l+ d {"g":2,"n":1}; l+ e {"g":2,"n":2}"#, &["1 b 7", "1 c 6", "2 e 2"]),
            ("l- b", &["1 c 6", "1 a 5", "2 e 2"]),
            (r#"l- c; l+ e {"g":1.0,"n":5.5}"#, &["1 e 5.5", "1 a 5", "2 d 1"]),
        ],
    );
}

#[test]
fn parts_of_a_union_keep_their_rows_apart() {
    steps(
        "SELECT id, n FROM l WHERE n > 1 UNION ALL SELECT id, g FROM r UNION ALL \
         SELECT 'all', COUNT(*) FROM l ORDER BY n DESC, id LIMIT 3",
        &[
            (r#"l+ a {"n":5}; r+ a {"g":5}"#, &["a 5", "a 5", "all 1"]),
            (r#"l+ a {"n":1}"#, &["a 5", "all 1"]),
            ("r- a; l- a", &["all 0"]),
        ],
    );
}

#[test]
fn windows_are_groups_that_a_late_event_corrects() {
    steps(
        "SELECT tumble(t, '1 minute') AS start, SUM(n) AS n FROM l GROUP BY start",
        &[
            (
                r#"l+ a {"n":1,"t":"2026-01-01T00:00:59Z"}; l+ b {"n":2,"t":"2026-01-01T01:01:00+01:00"}"#,
                &["2026-01-01T00:00:00.000Z 1", "2026-01-01T00:01:00.000Z 2"],
            ),
            (
                r#"l+ late {"n":4,"t":"2026-01-01"}"#,
                &["2026-01-01T00:00:00.000Z 5", "2026-01-01T00:01:00.000Z 2"],
            ),
        ],
    );
    steps(
        "SELECT hop(t, '1 minute', '2 minutes') AS start, COUNT(*) AS n FROM l \
         GROUP BY hop(t, '1 minute', '2 minutes')",
        &[
            (
                r#"l+ a {"t":"2026-01-01T00:01:59Z"}; l+ b {"t":"2026-01-01T00:02:00Z"}; l+ c {}"#,
                &[
                    "NULL 1",
                    "2026-01-01T00:00:00.000Z 1",
                    "2026-01-01T00:01:00.000Z 2",
                    "2026-01-01T00:02:00.000Z 1",
                ],
            ),
            ("l- a; l- c", &["2026-01-01T00:01:00.000Z 1", "2026-01-01T00:02:00.000Z 1"]),
        ],
    );
}

#[test]
fn distinct_rows_are_there_once() {
    steps(
        "SELECT DISTINCT g, n % 2 AS odd FROM l ORDER BY odd, g",
        &[
            (r#"l+ a {"g":1,"n":5}; l+ b {"g":1,"n":7}; l+ c {"g":1,"n":6}"#, &["1 0", "1 1"]),
            ("l- a", &["1 0", "1 1"]),
            ("l- b", &["1 0"]),
        ],
    );
}

#[test]
fn a_row_that_cannot_be_computed_is_left_out_with_its_reason() {
    let mut engine =
        engine("SELECT l.id, r.id AS other FROM l JOIN r ON l.g = 6 / r.g AND l.n / r.n > 0");
    let errors = |engine: &Engine| -> Vec<String> {
        let view = engine.view("q").unwrap();
        view.errors().map(|(key, error)| format!("{key:?} {error}")).collect()
    };
    feed(&mut engine, &[r#"l+ a {"g":2,"n":4}"#, r#"r+ x {"g":0,"n":0}"#]);
    assert_eq!(errors(&engine), [r#"[Text("x")] `/` by zero"#]);
    feed(&mut engine, &[r#"r+ x {"g":3,"n":0}"#]);
    assert_eq!(errors(&engine), [r#"[Text("a"), Text("x")] `/` by zero"#]);
    feed(&mut engine, &[r#"r+ x {"g":3,"n":1}"#]);
    assert_eq!((errors(&engine), rows(&engine, "q")), (Vec::new(), ["a x".to_string()].into()));
    engine.seek(Position::new(3));
    assert_eq!(errors(&engine), [r#"[Text("a"), Text("x")] `/` by zero"#]);
}

#[test]
fn what_means_nothing_is_refused_by_name_and_place() {
    for (sql, message) in [
        (
            "SELECT id FROM l JOIN r ON l.g = r.g",
            "column `id` is in several views; write it with the name of one at byte 7",
        ),
        (
            "SELECT l.id FROM l JOIN l ON l.g = l.g",
            "a second view called `l`; give it another name with AS at byte 24",
        ),
        (
            "SELECT l.id FROM l JOIN r ON l.g < r.g",
            "JOIN without an equality between its sides is not supported at byte 24",
        ),
        (
            "SELECT l.id FROM l JOIN r ON l.g = x.g JOIN r AS x ON x.g = r.g",
            "no column `x.g`; there are id, g, n, t, id, g, n, t at byte 35",
        ),
        (
            "SELECT * FROM l JOIN r ON l.g = r.g",
            "a second column `id`; name one of them with AS at byte 7",
        ),
        ("SELECT x.* FROM l", "no column `x.*`; there are l at byte 7"),
        (
            "SELECT id FROM l UNION ALL SELECT id, n FROM r",
            "expected 1 columns as in the first SELECT, found 2 at byte 27",
        ),
        (
            "SELECT id FROM l UNION ALL SELECT id FROM r ORDER BY id || 'x'",
            "anything but a column in ORDER BY after UNION ALL is not supported at byte 53",
        ),
        (
            "SELECT DISTINCT g, COUNT(*) FROM l",
            "DISTINCT with GROUP BY, aggregates or QUALIFY is not supported at byte 0",
        ),
        (
            "SELECT id FROM l WHERE hop(t, '1 day', '2 days') > 1",
            "hop outside of GROUP BY is not supported at byte 27",
        ),
        (
            "SELECT g FROM l GROUP BY g HAVING n > 1",
            "column `n` must be in GROUP BY or inside an aggregate at byte 34",
        ),
        (
            "SELECT a AS b, b AS a FROM l ORDER BY a",
            "no column `b`; there are id, g, n, t at byte 15",
        ),
        ("SELECT id FROM l WHERE COUNT(*) > 1", "an aggregate here is not supported at byte 23"),
    ] {
        let error = define(&[("q", sql)]).unwrap_err().to_string();
        assert_eq!(error, format!("view `q`, sql: {message}"), "{sql}");
    }
    let error = define(&[
        ("a", "SELECT l.id FROM l JOIN b ON l.id = b.id"),
        ("b", "SELECT c.id FROM r JOIN c ON r.id = c.id"),
        ("c", "SELECT id FROM b UNION ALL SELECT id FROM l"),
    ]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "view `b`, sql: it reads itself: b → c → b at byte 24"
    );
    let error = define(&[("a", "SELECT l.id FROM l JOIN b ON l.id = b.id")]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "view `a`, sql: no view `b`; there are l, r at byte 24"
    );
}
