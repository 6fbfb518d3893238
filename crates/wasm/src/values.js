// Makes JavaScript values of a tape of numbers and one text, in one call for a whole answer.

/** What follows on the tape; `values.rs` writes it. */
const [NULL, FALSE, TRUE, NUMBER, TEXT, BIGINT, LIST, OBJECT] = [0, 1, 2, 3, 4, 5, 6, 7];

class Tape {
  #text;
  #numbers;
  #at = 0;
  #from = 0;
  /** The names of fields, each once. */
  #names = [];

  constructor(text, numbers) {
    this.#text = text;
    this.#numbers = numbers;
  }

  #number() {
    return this.#numbers[this.#at++];
  }

  #slice() {
    const from = this.#from;
    this.#from += this.#number();
    return this.#text.slice(from, this.#from);
  }

  #name() {
    const number = this.#number();
    if (number === this.#names.length) {
      this.#names.push(this.#slice());
    }
    return this.#names[number];
  }

  value() {
    switch (this.#number()) {
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case NUMBER:
        return this.#number();
      case TEXT:
        return this.#slice();
      case BIGINT:
        return BigInt(this.#slice());
      case LIST: {
        const list = new Array(this.#number());
        for (let index = 0; index < list.length; index += 1) {
          list[index] = this.value();
        }
        return list;
      }
      case OBJECT: {
        const object = {};
        for (let left = this.#number(); left > 0; left -= 1) {
          const name = this.#name();
          object[name] = this.value();
        }
        return object;
      }
    }
  }
}

/** The value that a tape holds. */
export function valueOf(text, numbers) {
  return new Tape(text, numbers).value();
}
