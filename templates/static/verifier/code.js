// The text of a code (docs/formats.md, section 2): a prefix that says what follows, then base45.

import { decodeBase45, inflate } from "./encoding.js";
import { Fault } from "./faults.js";

export const MAX_TEXT = 4096, MAX_CREDENTIAL = 2048;
const PLAIN = "ET1:", ZIPPED = "ET1Z:", ONLINE = "ET2:";

/** A text as scanners, clipboards and Chinese input methods deliver it, in the form it was shown in. */
export function tidied(presented) {
  if (presented.length > MAX_TEXT) throw new Fault("too_long");
  const half = (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0);
  return presented.trim().replace(/[\uff01-\uff5e]/g, half).replaceAll("\u3000", " ").toUpperCase();
}

/** Whether it is a code that a holder's phone shows for a minute (一码), not that of one license. */
export const isOnlineCode = (text) => text.startsWith(ONLINE);

/** The credential inside a code. Faults: those of the step `format`. */
export async function decodeCode(presented) {
  const text = tidied(presented);
  if (text.startsWith(PLAIN)) return unpacked(text, PLAIN);
  if (text.startsWith(ZIPPED)) return inflate(unpacked(text, ZIPPED), MAX_CREDENTIAL);
  throw new Fault(!text || ZIPPED.startsWith(text) ? "truncated" : "not_a_code");
}

/** The bytes of an online code. */
export const decodeOnlineCode = (presented) => unpacked(tidied(presented), ONLINE);

function unpacked(text, prefix) {
  const middle = text.length / 2;
  if (Number.isInteger(middle) && text.slice(0, middle) === text.slice(middle)) throw new Fault("duplicated");
  const bytes = decodeBase45(text.slice(prefix.length));
  if (!bytes.length) throw new Fault("truncated");
  return bytes;
}
