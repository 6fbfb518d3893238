//! Random statements, each twice: as Everview reads it and as `SQLite` does.
//!
//! They differ where `SQLite` has no such form (`QUALIFY`, `hop`, `tumble`, `extract`, …). Left out is
//! what the two mean differently on purpose: errors, where `SQLite` has NULL; quotients and products
//! that binary floats cannot hold; and values of unlike kinds beside each other.

use everview_core::Rng;

/// One text in both dialects.
#[derive(Debug, Clone)]
pub(super) struct Sql {
    pub(super) ours: String,
    pub(super) theirs: String,
}

impl Sql {
    fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ours: text.clone(), theirs: text }
    }

    /// Lets the macro below take texts and references to them.
    fn this(&self) -> &Self {
        self
    }
}

/// Puts texts in the places of a text, in both dialects alike.
macro_rules! sql {
    ($text:literal $(, $part:expr)* $(,)?) => {
        fill($text, &[$($part.this()),*])
    };
}

fn fill(text: &str, parts: &[&Sql]) -> Sql {
    let mut pieces = text.split("{}");
    let mut filled = Sql::same(pieces.next().unwrap());
    assert_eq!(pieces.clone().count(), parts.len(), "{text}");
    for (part, piece) in parts.iter().zip(pieces) {
        filled.ours += &part.ours;
        filled.ours += piece;
        filled.theirs += &part.theirs;
        filled.theirs += piece;
    }
    filled
}

/// What a column or an expression holds, apart from NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    /// A whole number or one with few binary digits.
    Number,
    Text,
    Moment,
    Truth,
    /// An average, which a float only comes near to: it is shown and not computed with.
    Mean,
}

/// A view that statements may read.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) columns: Vec<(String, Kind)>,
}

/// A random statement and the columns it has.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sql: Sql,
    pub(super) kinds: Vec<Kind>,
    /// Whether the order of its rows is told.
    pub(super) is_ordered: bool,
}

/// Makes statements over views.
pub(super) struct Generator<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) views: &'a [View],
}

/// The columns that an expression may read, as they are written.
type Columns = Vec<(String, Kind)>;

const MINUTE_FORMAT: &str = "%Y-%m-%dT%H:%M:00.000Z";

impl Generator<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).unwrap()
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.rng.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, among: &[T]) -> T {
        let index = self.below(among.len());
        among[index].clone()
    }

    pub(super) fn statement(&mut self) -> Statement {
        if self.chance(15) {
            return self.union();
        }
        let mut order = Vec::new();
        let (mut sql, kinds) = self.select(None, &mut order);
        let is_ordered = self.chance(50);
        if is_ordered {
            for index in 0..kinds.len() {
                let down = self.pick(&["", " DESC", " ASC"]);
                order.push(Sql::same(format!("c{index}{down}")));
            }
            if self.chance(30) && order.len() == kinds.len() {
                order.rotate_left(1);
            }
            let order = join(&order, ", ");
            sql = sql!("{} ORDER BY {}", sql, order);
            if self.chance(60) {
                sql = sql!("{} LIMIT {}", sql, Sql::same(self.below(6).to_string()));
            }
        }
        Statement { sql, kinds, is_ordered }
    }

    fn union(&mut self) -> Statement {
        let (mut sql, kinds) = self.select(None, &mut Vec::new());
        for _ in 0..=self.below(2) {
            let (other, _) = self.select(Some(&kinds), &mut Vec::new());
            sql = sql!("{} UNION ALL {}", sql, other);
        }
        let is_ordered = self.chance(50);
        if is_ordered {
            let columns: Vec<Sql> =
                (0..kinds.len()).map(|index| Sql::same(format!("c{index}"))).collect();
            sql = sql!("{} ORDER BY {}", sql, join(&columns, ", "));
            if self.chance(60) {
                sql = sql!("{} LIMIT {}", sql, Sql::same(self.below(8).to_string()));
            }
        }
        Statement { sql, kinds, is_ordered }
    }

    /// A SELECT without ORDER BY, of columns of these kinds if told. What it may be sorted by before
    /// its columns is added to `order`.
    fn select(&mut self, wanted: Option<&[Kind]>, order: &mut Vec<Sql>) -> (Sql, Vec<Kind>) {
        let (from, columns) = self.from();
        let filter = if self.chance(50) {
            let condition = self.truth(&columns, 2);
            sql!(" WHERE {}", condition)
        } else {
            Sql::same("")
        };
        if self.chance(50) {
            return self.grouped(&from, &filter, &columns, wanted);
        }
        let kinds = match wanted {
            Some(kinds) => kinds.to_vec(),
            None => (0..=self.below(3)).map(|_| self.kind()).collect(),
        };
        let items: Vec<Sql> = kinds.iter().map(|kind| self.item(*kind, &columns)).collect();
        let list = named(&items);
        let body = sql!("{}{}", from, filter);
        if wanted.is_none() && self.chance(15) {
            return (sql!("SELECT DISTINCT {} FROM {}", list, body), kinds);
        }
        if self.chance(25) {
            let part = self.item(Kind::Integer, &columns);
            return (self.qualified(&items, &part, &body), kinds);
        }
        if wanted.is_none() && self.chance(30) {
            let kind = self.kind();
            let term = self.item(kind, &columns);
            // A number alone would be the number of a column.
            order.push(sql!("coalesce({}, NULL)", term));
        }
        (sql!("SELECT {} FROM {}", list, body), kinds)
    }

    /// An expression of a kind; no float can hold a mean exactly, so it is made from a number.
    fn item(&mut self, kind: Kind, columns: &Columns) -> Sql {
        match kind {
            Kind::Mean => self.expr(Kind::Number, columns, 1),
            kind => self.expr(kind, columns, 2),
        }
    }

    fn kind(&mut self) -> Kind {
        self.pick(&[Kind::Integer, Kind::Number, Kind::Text, Kind::Moment, Kind::Truth])
    }

    fn qualified(&mut self, items: &[Sql], part: &Sql, body: &Sql) -> Sql {
        let limit = Sql::same((1 + self.below(2)).to_string());
        let list = named(items);
        // Rows that the items do not tell apart are as good as each other.
        let order: Vec<Sql> =
            items.iter().map(|item| sql!("coalesce({}, NULL) DESC", item)).collect();
        let window = sql!(
            "ROW_NUMBER() OVER (PARTITION BY coalesce({}, NULL) ORDER BY {})",
            part,
            join(&order, ", ")
        );
        let columns: Vec<String> = (0..items.len()).map(|index| format!("c{index}")).collect();
        Sql {
            ours: format!(
                "SELECT {} FROM {} QUALIFY {} <= {}",
                list.ours, body.ours, window.ours, limit.ours
            ),
            theirs: format!(
                "SELECT {} FROM (SELECT {}, {} AS place FROM {}) WHERE place <= {}",
                columns.join(", "),
                list.theirs,
                window.theirs,
                body.theirs,
                limit.theirs
            ),
        }
    }

    /// What is read, and its columns.
    fn from(&mut self) -> (Sql, Columns) {
        let first = self.pick(self.views);
        let joins = self.pick(&[0, 0, 1, 1, 2]);
        if joins == 0 {
            return (Sql::same(first.name), first.columns);
        }
        let qualified = |view: &View, alias: char| -> Columns {
            let name = |(name, kind): &(String, Kind)| (format!("{alias}.{name}"), *kind);
            view.columns.iter().map(name).collect()
        };
        let mut columns = qualified(&first, 'x');
        let mut from = Sql::same(format!("{} AS x", first.name));
        for alias in ['y', 'z'].into_iter().take(joins) {
            let view = self.pick(self.views);
            let own = qualified(&view, alias);
            let shared: Vec<Kind> = [Kind::Integer, Kind::Number, Kind::Text, Kind::Moment]
                .into_iter()
                .filter(|kind| [&columns, &own].iter().all(|all| has(all, *kind)))
                .collect();
            if shared.is_empty() {
                break;
            }
            let kind = self.pick(&shared);
            let (mut left, right) = (self.column(kind, &columns), self.column(kind, &own));
            if kind == Kind::Integer && self.chance(30) {
                left = sql!("{} + 1", left);
            }
            let mut on = if self.chance(50) {
                sql!("{} = {}", left, right)
            } else {
                sql!("{} = {}", right, left)
            };
            columns.extend(own);
            if self.chance(40) {
                on = sql!("{} AND {}", on, self.truth(&columns, 1));
            }
            let join = Sql::same(self.pick(&["JOIN", "LEFT JOIN", "INNER JOIN"]));
            let view = Sql::same(format!("{} AS {alias}", view.name));
            from = sql!("{} {} {} ON {}", from, join, view, on);
        }
        (from, columns)
    }

    fn grouped(
        &mut self,
        from: &Sql,
        filter: &Sql,
        columns: &Columns,
        wanted: Option<&[Kind]>,
    ) -> (Sql, Vec<Kind>) {
        let mut keys: Vec<(Sql, Kind)> = Vec::new();
        for _ in 0..self.below(3) {
            let kind = self.kind();
            let key = self.expr(kind, columns, 1);
            keys.push((sql!("coalesce({}, NULL)", key), kind));
        }
        let (mut from, mut filter) = (from.clone(), filter.clone());
        if has(columns, Kind::Moment) && self.chance(15) {
            let moment = self.column(Kind::Moment, columns);
            let start = format!("(unixepoch({0}) / 60 - hops.k) * 60", moment.theirs);
            keys.push((
                Sql {
                    ours: format!("hop({}, '1 minute', '3 minutes')", moment.ours),
                    theirs: format!("strftime('{MINUTE_FORMAT}', {start}, 'unixepoch')"),
                },
                Kind::Moment,
            ));
            from.theirs += " JOIN (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2) AS hops";
            let once = format!("({} IS NOT NULL OR hops.k = 0)", moment.theirs);
            filter.theirs = match filter.theirs.strip_prefix(" WHERE ") {
                Some(condition) => format!(" WHERE ({condition}) AND {once}"),
                None => format!(" WHERE {once}"),
            };
        }
        let kinds = wanted.map_or_else(|| self.grouped_kinds(&keys), <[Kind]>::to_vec);
        let items: Vec<Sql> = kinds
            .iter()
            .map(|kind| {
                let own: Vec<Sql> = keys
                    .iter()
                    .filter(|(_, own)| own == kind)
                    .map(|(key, _)| key.clone())
                    .collect();
                if !own.is_empty() && self.chance(70) {
                    return self.pick(&own);
                }
                self.aggregate(*kind, columns)
            })
            .collect();
        let mut body = sql!("{}{}", from, filter);
        if !keys.is_empty() {
            let keys: Vec<Sql> = keys.iter().map(|(key, _)| key.clone()).collect();
            body = sql!("{} GROUP BY {}", body, join(&keys, ", "));
        }
        if !keys.is_empty() && self.chance(30) {
            let (first, second) =
                (self.aggregate(Kind::Integer, columns), self.aggregate(Kind::Integer, columns));
            let operator = Sql::same(self.pick(&["<", ">=", "<>"]));
            body = sql!("{} HAVING {} {} {}", body, first, operator, second);
        }
        // Without GROUP BY, only an aggregate makes a group of all rows.
        let mut items = items;
        if keys.is_empty() {
            items[0] = self.aggregate(kinds[0], columns);
        } else if self.chance(15) {
            let part = self.aggregate(Kind::Integer, columns);
            return (self.qualified(&items, &part, &body), kinds);
        }
        (sql!("SELECT {} FROM {}", named(&items), body), kinds)
    }

    fn grouped_kinds(&mut self, keys: &[(Sql, Kind)]) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = keys.iter().map(|(_, kind)| *kind).collect();
        for _ in 0..=self.below(2) {
            let kind = if self.chance(20) { Kind::Mean } else { self.kind() };
            kinds.push(kind);
        }
        kinds
    }

    fn aggregate(&mut self, kind: Kind, columns: &Columns) -> Sql {
        let arguments = |kind: Kind, this: &mut Self| this.expr(kind, columns, 1);
        match kind {
            Kind::Integer => match self.below(5) {
                0 => Sql::same("COUNT(*)"),
                1 => {
                    let kind = self.kind();
                    let argument = arguments(kind, self);
                    sql!("COUNT({})", argument)
                }
                2 => {
                    let kind = self.kind();
                    let argument = arguments(kind, self);
                    sql!("COUNT(DISTINCT {})", argument)
                }
                3 => sql!("SUM({})", arguments(Kind::Integer, self)),
                _ => sql!("MAX({}) - COUNT(*)", arguments(Kind::Integer, self)),
            },
            Kind::Number => {
                let name = Sql::same(self.pick(&["SUM", "MIN", "MAX"]));
                sql!("{}({})", name, arguments(Kind::Number, self))
            }
            Kind::Mean => {
                let kind = self.pick(&[Kind::Integer, Kind::Number]);
                sql!("AVG({})", arguments(kind, self))
            }
            Kind::Truth => sql!("COUNT(*) > MIN({})", arguments(Kind::Integer, self)),
            Kind::Text | Kind::Moment => {
                let name = Sql::same(self.pick(&["MIN", "MAX"]));
                sql!("{}({})", name, arguments(kind, self))
            }
        }
    }

    fn column(&mut self, kind: Kind, columns: &Columns) -> Sql {
        let names: Vec<&String> =
            columns.iter().filter(|(_, known)| *known == kind).map(|(name, _)| name).collect();
        Sql::same(self.pick(&names))
    }

    fn leaf(&mut self, kind: Kind, columns: &Columns) -> Sql {
        if has(columns, kind) && self.chance(85) {
            return self.column(kind, columns);
        }
        Sql::same(match kind {
            Kind::Integer => self.pick(&["0", "1", "2", "7", "-3"]),
            Kind::Number | Kind::Mean => self.pick(&["0.25", "1.5", "2", "-0.75"]),
            Kind::Text => self.pick(&["''", "'a'", "'Ab'", "'it''s'"]),
            Kind::Moment => "'2026-01-02T03:04:05.000Z'",
            Kind::Truth => return self.truth(columns, 0),
        })
    }

    fn expr(&mut self, kind: Kind, columns: &Columns, depth: usize) -> Sql {
        if depth == 0 || self.chance(30) {
            return self.leaf(kind, columns);
        }
        let sub = |this: &mut Self, kind| this.expr(kind, columns, depth - 1);
        if self.chance(25) {
            let (a, b) = (sub(self, kind), sub(self, kind));
            let condition = self.truth(columns, depth - 1);
            return match self.below(5) {
                0 => sql!("CASE WHEN {} THEN {} ELSE {} END", condition, a, b),
                1 => sql!("iif({}, {}, {})", condition, a, b),
                2 => sql!("nullif({}, {})", a, b),
                3 => sql!("ifnull({}, {})", a, b),
                _ => sql!("coalesce({}, {})", a, b),
            };
        }
        match kind {
            Kind::Integer => self.integer(columns, depth - 1),
            Kind::Number | Kind::Mean => match self.below(6) {
                0 => sql!("({} + {})", sub(self, kind), sub(self, kind)),
                1 => sql!(
                    "({} * {})",
                    sub(self, Kind::Number),
                    self.leaf(Kind::Integer, &Vec::new())
                ),
                2 => sql!("({} / 2.0)", self.leaf(Kind::Number, columns)),
                3 => sql!("abs({})", sub(self, kind)),
                4 => sql!("round({})", sub(self, kind)),
                _ => sql!("-({})", sub(self, kind)),
            },
            Kind::Text => self.text(columns, depth - 1),
            Kind::Moment => {
                let moment = sub(self, kind);
                self.moment(&moment)
            }
            Kind::Truth => self.truth(columns, depth),
        }
    }

    fn integer(&mut self, columns: &Columns, depth: usize) -> Sql {
        let kind = Kind::Integer;
        let mut sub = |kind| self.expr(kind, columns, depth);
        let (a, b) = (sub(kind), sub(kind));
        let (text, number, moment) = (sub(Kind::Text), sub(Kind::Number), sub(Kind::Moment));
        match self.below(13) {
            0 => sql!("({} + {})", a, b),
            1 => sql!("({} - {})", a, b),
            2 => sql!("({} * 2)", a),
            3 => sql!("{} / 2", wrapped(&a)),
            4 => sql!("{} % 3", wrapped(&a)),
            5 => sql!("length({})", text),
            6 => sql!("CAST({} AS INTEGER)", number),
            7 => Sql {
                ours: format!("least({}, {})", a.ours, b.ours),
                theirs: format!("min({}, {})", a.theirs, b.theirs),
            },
            8 => sql!("max({}, {}, 1)", a, b),
            9 => Sql {
                ours: format!("position('b' IN {})", text.ours),
                theirs: format!("instr({}, 'b')", text.theirs),
            },
            10 => sql!("unixepoch({})", moment),
            11 => {
                let (part, format) = self.pick(&[
                    ("year", "%Y"),
                    ("month", "%m"),
                    ("day", "%d"),
                    ("hour", "%H"),
                    ("minute", "%M"),
                    ("second", "%S"),
                    ("doy", "%j"),
                    ("dow", "%w"),
                ]);
                Sql {
                    ours: format!("extract({part} FROM {})", moment.ours),
                    theirs: format!("CAST(strftime('{format}', {}) AS INTEGER)", moment.theirs),
                }
            }
            _ => sql!("sign({})", number),
        }
    }

    fn text(&mut self, columns: &Columns, depth: usize) -> Sql {
        let text = self.expr(Kind::Text, columns, depth);
        let number = Sql::same(self.pick(&["-2", "0", "1", "2"]));
        let moment = self.expr(Kind::Moment, columns, depth);
        match self.below(10) {
            0 => sql!("upper({})", text),
            1 => sql!("lower({})", text),
            2 => sql!("trim({})", text),
            3 => sql!("ltrim({}, 'ab')", text),
            4 => sql!("substr({}, {}, 2)", text, number),
            5 => sql!("replace({}, 'b', 'xy')", text),
            6 => sql!("{} || {}", wrapped(&text), self.leaf(Kind::Integer, columns)),
            7 => Sql {
                ours: format!("left({}, 1)", text.ours),
                theirs: format!("substr({}, 1, 1)", text.theirs),
            },
            8 => {
                let function = Sql::same(self.pick(&["date", "time", "datetime"]));
                sql!("{}({})", function, moment)
            }
            _ => sql!("strftime('%d/%m %H:%M', {})", moment),
        }
    }

    fn moment(&mut self, moment: &Sql) -> Sql {
        let (ours, theirs) = (&moment.ours, &moment.theirs);
        match self.below(4) {
            0 => Sql {
                ours: format!("tumble({ours}, '2 minutes')"),
                theirs: format!(
                    "strftime('{MINUTE_FORMAT}', unixepoch({theirs}) / 120 * 120, 'unixepoch')"
                ),
            },
            1 => Sql {
                ours: format!("date_trunc('hour', {ours})"),
                theirs: format!("strftime('%Y-%m-%dT%H:00:00.000Z', {theirs})"),
            },
            2 => Sql {
                ours: format!("date_trunc('month', {ours})"),
                theirs: format!("strftime('%Y-%m-01T00:00:00.000Z', {theirs})"),
            },
            _ => Sql {
                ours: format!("{} + INTERVAL '1 hour 1 second'", wrapped(moment).ours),
                theirs: format!("strftime('%Y-%m-%dT%H:%M:%fZ', {theirs}, '+3601 seconds')"),
            },
        }
    }

    fn truth(&mut self, columns: &Columns, depth: usize) -> Sql {
        let kind = self.pick(&[Kind::Integer, Kind::Number, Kind::Text, Kind::Moment]);
        let inner = depth.saturating_sub(1);
        let (a, b) = (self.expr(kind, columns, inner), self.expr(kind, columns, inner));
        if depth > 0 && self.chance(30) {
            let (p, q) = (self.truth(columns, inner), self.truth(columns, inner));
            return match self.below(3) {
                0 => sql!("({} AND {})", p, q),
                1 => sql!("({} OR {})", p, q),
                _ => sql!("NOT {}", wrapped(&p)),
            };
        }
        match self.below(6) {
            0 => sql!("{} IS NULL", wrapped(&a)),
            1 => sql!("{} IS NOT NULL", wrapped(&a)),
            2 => sql!("{} NOT IN ({}, {})", wrapped(&a), b, self.leaf(kind, columns)),
            3 => sql!("{} BETWEEN {} AND {}", wrapped(&a), wrapped(&b), self.leaf(kind, columns)),
            4 if kind == Kind::Text => {
                let pattern = Sql::same(self.pick(&["a%", "%B", "_", "%a_b%", "it''s%"]));
                let not = Sql::same(self.pick(&["", "NOT "]));
                sql!("{} {}LIKE '{}'", wrapped(&a), not, pattern)
            }
            _ => {
                let operator = Sql::same(self.pick(&["=", "<>", "<", "<=", ">", ">="]));
                sql!("{} {} {}", wrapped(&a), operator, wrapped(&b))
            }
        }
    }
}

fn wrapped(sql: &Sql) -> Sql {
    sql!("({})", sql)
}

fn has(columns: &Columns, kind: Kind) -> bool {
    columns.iter().any(|(_, known)| *known == kind)
}

fn named(items: &[Sql]) -> Sql {
    let named: Vec<Sql> = items
        .iter()
        .enumerate()
        .map(|(index, item)| sql!("{} AS {}", item, Sql::same(format!("c{index}"))))
        .collect();
    join(&named, ", ")
}

fn join(parts: &[Sql], between: &str) -> Sql {
    let ours: Vec<&str> = parts.iter().map(|part| part.ours.as_str()).collect();
    let theirs: Vec<&str> = parts.iter().map(|part| part.theirs.as_str()).collect();
    Sql { ours: ours.join(between), theirs: theirs.join(between) }
}
