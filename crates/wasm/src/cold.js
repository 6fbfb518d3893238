// A file of a program's that an engine spills to.
//
// Its functions are given bytes of their own: those of the engine move when its memory grows.

/** A file as a program gives it, checked. */
export class ColdFile {
  #file;

  constructor(file) {
    if (typeof file?.read !== "function" || typeof file.write !== "function") {
      throw new TypeError("expected a file: an object with functions `read` and `write`");
    }
    this.#file = file;
  }

  read(at, length) {
    const bytes = new Uint8Array(length);
    check(this.#file.read(bytes, { at }), length);
    return bytes;
  }

  write(at, bytes) {
    const { length } = bytes;
    check(this.#file.write(bytes.slice(), { at }), length);
  }
}

function check(count, expected) {
  if (count !== expected) {
    throw new RangeError(`expected the number of bytes, ${expected}, found ${String(count)}`);
  }
}
