// Runs the handlers of a view over a batch of events and answers what each event does to which rows.
//
// The engine hands events over as one text and takes back one text: nothing crosses for an event.
// Rows that handlers ask for are fetched once for a batch, and after that are as the handlers left
// them.

/** Texts of an event, in this order. Without a time, that one is empty. */
const [ID, SOURCE, TYPE, SUBJECT, TIME, DATA, TEXTS] = [0, 1, 2, 3, 4, 5, 6];

/** Numbers of an event, in this order. */
const [POSITION, EPOCH, VERSION, NUMBERS] = [0, 1, 2, 3];

/** As exact decimals are kept. */
const MOST_DECIMALS = 18;

/** A longer message of an exception is cut. */
const LONGEST_MESSAGE = 1000;

/** An event. What nobody asks for is never cut out of the batch's text. */
class Event {
  #batch;
  #index;
  #data;

  constructor(batch, index) {
    this.#batch = batch;
    this.#index = index;
  }

  #text(field) {
    const { text, ends } = this.#batch;
    const at = this.#index * TEXTS + field;
    return text.slice(at === 0 ? 0 : ends[at - 1], ends[at]);
  }

  #number(field) {
    return this.#batch.numbers[this.#index * NUMBERS + field];
  }

  get position() {
    return this.#number(POSITION);
  }

  get epoch() {
    return this.#number(EPOCH);
  }

  get version() {
    return this.#number(VERSION);
  }

  get id() {
    return this.#text(ID);
  }

  get source() {
    return this.#text(SOURCE);
  }

  get type() {
    return this.#text(TYPE);
  }

  get subject() {
    return this.#text(SUBJECT);
  }

  get time() {
    return this.#text(TIME) || undefined;
  }

  get data() {
    return (this.#data ??= { value: JSON.parse(this.#text(DATA)) }).value;
  }
}

/** The rows of a view as handlers see them during one batch. */
class Rows {
  #find;
  #key;
  #columns;
  /** Rows by the texts of their keys, with all columns; null is no row. */
  #rows = new Map();
  /** Those that the event at hand changed; none while no handler runs. */
  #changed;

  constructor(key, columns, find) {
    this.#key = key;
    this.#columns = columns;
    this.#find = find;
  }

  /** What handlers are given. */
  view() {
    return Object.freeze({
      get: (key) => this.#get(key),
      set: (key, row) => this.#set(key, row),
      delete: (key) => this.#change(this.#named(key), null),
    });
  }

  begin() {
    this.#changed = new Map();
  }

  /** Ends an event; the text of what it did. */
  keep() {
    const changes = [];
    for (const [name, row] of this.#changed) {
      this.#rows.set(name, row);
      const values = row?.slice(this.#key.length).map(written).join();
      changes.push(row ? `[${name},[${values}]]` : `[${name},null]`);
    }
    this.#changed = undefined;
    return `[${changes.join()}]`;
  }

  /** Ends an event that did nothing. */
  drop() {
    this.#changed = undefined;
  }

  #open() {
    if (!this.#changed) {
      throw new Error("a view can be used only while its handler runs");
    }
    return this.#changed;
  }

  #named(key) {
    if (!Array.isArray(key) || key.length !== this.#key.length) {
      throw new TypeError(`expected a list with a value for each of: ${this.#key.join(", ")}`);
    }
    return `[${key.map(written).join()}]`;
  }

  #row(name) {
    const changed = this.#open().get(name);
    if (changed !== undefined) {
      return changed;
    }
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = read(this.#find(name));
      this.#rows.set(name, row);
    }
    return row;
  }

  #get(key) {
    const row = this.#row(this.#named(key));
    const columns = [...this.#key, ...this.#columns];
    return row ? Object.fromEntries(columns.map((column, at) => [column, row[at]])) : undefined;
  }

  #set(key, row) {
    const name = this.#named(key);
    if (row === null || typeof row !== "object") {
      throw new TypeError("expected a row: an object of columns");
    }
    for (const column of Object.keys(row)) {
      const at = this.#key.indexOf(column);
      if (at === -1 && !this.#columns.includes(column)) {
        const known = this.#columns.join(", ");
        throw new TypeError(`no column \`${column}\`; there are ${known || "none"}`);
      }
      if (at !== -1 && written(row[column]) !== written(key[at])) {
        throw new TypeError(`\`${column}\` is a part of the key and has another value there`);
      }
    }
    const values = this.#columns.map((column) => (Object.hasOwn(row, column) ? row[column] : null));
    values.forEach(written);
    this.#change(name, [...key, ...values]);
  }

  #change(name, row) {
    this.#open().set(name, row?.map((value) => value ?? null) ?? null);
  }
}

/** A value as the engine reads it, which is JSON with integers of 64 bits. */
function written(value) {
  switch (typeof value) {
    case "string":
      if (/\p{Surrogate}/u.test(value)) {
        throw new RangeError("a text with half of a surrogate pair is no Unicode");
      }
      return JSON.stringify(value);
    case "number":
      return writtenNumber(value);
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) {
        throw new RangeError(`${value} needs more than 64 bits`);
      }
      return String(value);
    case "boolean":
      return String(value);
    default:
      if (value === null || value === undefined) {
        return "null";
      }
      throw new TypeError(`expected null, a boolean, a number, a bigint or a string, found ${typeof value}`);
  }
}

/** The digits that a number is printed with are what it means. */
function writtenNumber(value) {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${value} is no number that a row can hold`);
  }
  if (Number.isInteger(value)) {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`${value} is not exact: use a bigint`);
    }
    return String(value);
  }
  const [, decimals = "", exponent = "0"] = /^-?\d+(?:\.(\d+))?(?:e-(\d+))?$/.exec(String(value));
  if (decimals.length + Number(exponent) > MOST_DECIMALS) {
    throw new RangeError(`${value} has more than ${MOST_DECIMALS} digits after the point`);
  }
  return String(value);
}

/** A row from its text. An integer that is not exact as a number comes in an object. */
function read(text) {
  if (text === undefined) {
    return null;
  }
  return JSON.parse(text).map((value) => (value?.integer ? BigInt(value.integer) : value));
}

/** What an exception says. */
function message(error) {
  let text;
  try {
    text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    text = "an exception that has no text";
  }
  return text.slice(0, LONGEST_MESSAGE).replace(/\p{Surrogate}/gu, "\u{fffd}");
}

function names(list, what) {
  const isName = (name) => typeof name === "string" && name !== "";
  if (!Array.isArray(list) || !list.every(isName)) {
    throw new TypeError(`expected \`${what}\` to be a list of names`);
  }
  return [...list];
}

/** A projector as a program gives it, checked. */
export class Projector {
  #handlers = new Map();
  #every;

  constructor(definition) {
    if (definition === null || typeof definition !== "object") {
      throw new TypeError("expected a projector: an object with `key`, `columns` and handlers");
    }
    const { key, columns, events, project, on } = definition;
    this.key = names(key, "key");
    this.columns = names(columns, "columns");
    if (this.key.length === 0) {
      throw new TypeError("expected `key` to name at least one column");
    }
    const all = [...this.key, ...this.columns];
    const twice = all.find((name, at) => all.indexOf(name) !== at);
    if (twice !== undefined) {
      throw new TypeError(`the column \`${twice}\` is there twice`);
    }
    if ((project === undefined) === (on === undefined)) {
      throw new TypeError("expected either `events` and `project`, or `on`");
    }
    const handlers = on ?? Object.fromEntries(
      (events === "*" ? ["*"] : names(events, "events")).map((type) => [type, project]),
    );
    for (const [type, handler] of Object.entries(handlers)) {
      if (typeof handler !== "function") {
        throw new TypeError(`expected a function for the events \`${type}\``);
      }
      this.#handlers.set(type, handler);
    }
    this.#every = this.#handlers.get("*");
  }

  reads(type) {
    return this.#every !== undefined || this.#handlers.has(type);
  }

  /** Folds a batch of events. For each, the text of its changes or of why it is refused. */
  run(text, ends, numbers, find) {
    // These are views of memory that moves when it grows.
    const batch = { text, ends: ends.slice(), numbers: numbers.slice() };
    const rows = new Rows(this.key, this.columns, find);
    const view = rows.view();
    const refused = new Set();
    const answers = [];
    for (let index = 0; index * TEXTS < batch.ends.length; index += 1) {
      const event = new Event(batch, index);
      const { subject } = event;
      if (refused.has(subject)) {
        answers.push("[]");
        continue;
      }
      try {
        rows.begin();
        const handler = this.#handlers.get(event.type) ?? this.#every;
        if (typeof handler(event, view)?.then === "function") {
          throw new TypeError("a handler must not be asynchronous");
        }
        answers.push(rows.keep());
      } catch (error) {
        rows.drop();
        refused.add(subject);
        answers.push(JSON.stringify(message(error)));
      }
    }
    return `[${answers.join()}]`;
  }
}
