-- The four views as tables: the program puts the order rows, triggers keep up what follows from them.

CREATE TABLE orders (
    id TEXT PRIMARY KEY, customer TEXT, region TEXT, status TEXT, placed_at TEXT,
    items INTEGER, total_cents INTEGER
) WITHOUT ROWID;
CREATE TABLE regions (name TEXT PRIMARY KEY, orders INTEGER, revenue INTEGER) WITHOUT ROWID;
CREATE TABLE customers (name TEXT PRIMARY KEY, orders INTEGER, revenue INTEGER) WITHOUT ROWID;
CREATE INDEX best_customers ON customers (revenue DESC, name);
CREATE TABLE minutes (minute TEXT PRIMARY KEY, orders INTEGER) WITHOUT ROWID;

CREATE TRIGGER placed AFTER INSERT ON orders BEGIN
    INSERT INTO minutes VALUES (substr(NEW.placed_at, 1, 16), 1)
        ON CONFLICT DO UPDATE SET orders = orders + 1;
END;
CREATE TRIGGER sold AFTER UPDATE OF status ON orders
WHEN NEW.status = 'paid' AND OLD.status = 'placed' BEGIN
    INSERT INTO regions VALUES (NEW.region, 1, NEW.total_cents)
        ON CONFLICT DO UPDATE SET orders = orders + 1, revenue = revenue + excluded.revenue;
    INSERT INTO customers VALUES (NEW.customer, 1, NEW.total_cents)
        ON CONFLICT DO UPDATE SET orders = orders + 1, revenue = revenue + excluded.revenue;
END;
CREATE TRIGGER taken_back AFTER UPDATE OF status ON orders
WHEN NEW.status = 'cancelled' AND OLD.status IN ('paid', 'shipped') BEGIN
    UPDATE regions SET orders = orders - 1, revenue = revenue - OLD.total_cents
        WHERE name = OLD.region;
    UPDATE customers SET orders = orders - 1, revenue = revenue - OLD.total_cents
        WHERE name = OLD.customer;
END;
