// Status lists (Token Status List, CWT form; docs/formats.md, section 6).

import { readCbor } from "./cbor.js";
import { ALGORITHM, TYPE, readSign1 } from "./cose.js";
import { hex, inflate, sha256 } from "./encoding.js";
import { Fault } from "./faults.js";
import { coseNumber, isGood } from "./keys.js";
import { keysFor } from "./trust.js";

const TYP = "application/statuslist+cwt";
const SUB = 2, EXP = 4, IAT = 6, TTL = 65534, LIST = 65533;
const MAX_TOKEN = 8 * 1024 * 1024, MAX_BYTES = 2 ** 22;
export const SKEW = 60_000; // milliseconds

/** Read a signed list and judge it by the trust list. Faults: `too_large`, `bad_cose`, `bad_status_list`, `status_list_untrusted`. */
export async function readStatusList(bytes, trust, at) {
  const parts = readSign1(bytes, MAX_TOKEN);
  if (parts.kid === null || parts.headers.get(TYPE) !== TYP) throw new Fault("bad_status_list");
  const key = await keyThatSigned(parts, trust);
  const claims = readCbor(parts.payload);
  const inner = claims instanceof Map ? claims.get(LIST) : null;
  if (!(inner instanceof Map) || !(inner.get("lst") instanceof Uint8Array) || inner.get("bits") !== 2) throw new Fault("bad_status_list");
  const [uri, iat, exp] = [claims.get(SUB), claims.get(IAT), claims.get(EXP)];
  if (typeof uri !== "string" || !Number.isInteger(iat) || !Number.isInteger(exp)) throw new Fault("bad_status_list");
  if (iat * 1000 > at + SKEW || !(key.from <= iat * 1000 && iat * 1000 < key.until)) throw new Fault("status_list_untrusted");
  const bits = await inflate(inner.get("lst"), MAX_BYTES).catch(() => { throw new Fault("bad_status_list"); });
  return { uri, issuedAt: iat * 1000, expires: exp * 1000, ttl: claims.get(TTL) ?? null, bits, digest: `sha256:${hex(await sha256(bits))}` };
}

async function keyThatSigned(parts, trust) {
  for (const entry of keysFor(trust, parts.kid, "status")) {
    const named = parts.headers.get(ALGORITHM) === coseNumber(entry.algorithm);
    if (named && !entry.compromised && (await isGood(entry.certificate, entry.algorithm, parts.signature, parts.signed))) return entry;
  }
  throw new Fault("status_list_untrusted");
}

/** The state of one license by the lists at hand: 0 valid, 1 revoked, 2 suspended, 3 under objection. Faults say why it cannot be had. */
export function lookUp(lists, uri, index, at) {
  const list = lists.get(uri);
  if (list === undefined) throw new Fault("status_list_missing");
  if (!(list.issuedAt - SKEW <= at && at < list.expires)) throw new Fault("status_list_expired");
  if (index >= list.bits.length * 4) throw new Fault("index_out_of_range");
  return { state: (list.bits[index >> 2] >> ((index & 3) << 1)) & 3, digest: list.digest };
}
