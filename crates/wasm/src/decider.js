// Decides commands by the functions of a program: from the events of a stream to those that are added.
//
// The engine hands over one text for a command and takes back one text.

/** An object that is not a list, and nothing else. */
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A decider as a program gives it, checked. */
export class Decider {
  #initial;
  #evolve;
  #decide;

  constructor(definition) {
    if (!isObject(definition)) {
      throw new TypeError("expected a decider: an object with `source`, `initial`, `evolve` and `decide`");
    }
    const { source, initial, evolve, decide } = definition;
    if (typeof source !== "string" || source === "") {
      throw new TypeError("expected `source` to be a name such as `/shop`");
    }
    if (typeof initial !== "function" || typeof evolve !== "function") {
      throw new TypeError("expected functions for `initial` and `evolve`");
    }
    if (!isObject(decide) || !Object.values(decide).every((each) => typeof each === "function")) {
      throw new TypeError("expected `decide` to have a function for each type of command");
    }
    this.source = source;
    this.#initial = initial;
    this.#evolve = evolve;
    this.#decide = new Map(Object.entries(decide));
  }

  get types() {
    return [...this.#decide.keys()];
  }

  /** The events that a command causes, each as type and data, or the text of why it is rejected. */
  decide(stream, type, data) {
    let state = this.#initial();
    for (const event of JSON.parse(stream)) {
      state = this.#evolve(state, event);
    }
    const decided = this.#decide.get(type)(state, JSON.parse(data));
    if (isObject(decided) && typeof decided.rejected === "string") {
      return JSON.stringify(decided.rejected.toWellFormed());
    }
    if (!Array.isArray(decided) || !decided.every((event) => typeof event?.type === "string")) {
      throw new TypeError("expected a list of events, each with a `type`, or `{ rejected: reason }`");
    }
    return JSON.stringify(decided.map((event) => [event.type.toWellFormed(), event.data ?? {}]));
  }
}
