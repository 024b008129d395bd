// COSE_Sign1 (RFC 9052), taken apart and judged; the algorithm is always that of the key, never that of the token.

import { byteString, readCbor } from "./cbor.js";
import { concat, same } from "./encoding.js";
import { Fault } from "./faults.js";

export const ALGORITHM = 1, KEY_ID = 4, TYPE = 16;
const CONTEXT = new Uint8Array([0x84, 0x6a, ...new TextEncoder().encode("Signature1")]);
const NONE = new Uint8Array();

/** The parts of a COSE_Sign1 as they were received; faults: `too_large`, `bad_cose`. */
export function readSign1(bytes, maxSize) {
  if (bytes.length > maxSize) throw new Fault("too_large");
  const parts = readCbor(bytes[0] === 0xd2 ? bytes.subarray(1) : bytes);
  if (!Array.isArray(parts) || parts.length !== 4) throw bad("not an array of four");
  const [protectedBytes, unprotected, payload, signature] = parts;
  if (![protectedBytes, payload, signature].every((part) => part instanceof Uint8Array)) throw bad("parts must be byte strings");
  const headers = protectedBytes.length ? readCbor(protectedBytes) : new Map();
  if (!(headers instanceof Map) || !(unprotected instanceof Map)) throw bad("headers must be maps");
  if (headers.has(2)) throw bad("critical headers are not understood");
  return { headers, unprotected, payload, signature, kid: keyId(headers, unprotected), signed: toBeSigned(protectedBytes, payload) };
}

function keyId(headers, unprotected) {
  const [one, other] = [headers.get(KEY_ID), unprotected.get(KEY_ID)];
  const both = headers.has(KEY_ID) && unprotected.has(KEY_ID);
  if (both && !(one instanceof Uint8Array && other instanceof Uint8Array && same(one, other))) throw bad("two different key ids");
  const value = headers.has(KEY_ID) ? one : other;
  return value instanceof Uint8Array ? value : null;
}

/** The Sig_structure of section 4.4; an empty protected map counts as the empty byte string. */
function toBeSigned(protectedBytes, payload) {
  const header = protectedBytes.length === 1 && protectedBytes[0] === 0xa0 ? NONE : protectedBytes;
  return concat(CONTEXT, byteString(header), byteString(NONE), byteString(payload));
}

function bad(why) {
  return new Fault("bad_cose", why);
}
