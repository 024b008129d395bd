// Why something cannot be read or relied on: `code` is the reason that verdicts name (docs/formats.md, section 7).

export class Fault extends Error {
  constructor(code, message = code) {
    super(message);
    this.code = code;
  }
}
