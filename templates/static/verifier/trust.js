// The trust list (docs/formats.md, section 5): judged by the anchor that the reader already has.

import { decodeBase64, decodeBase64url, hex, sha256 } from "./encoding.js";
import { Fault } from "./faults.js";
import { anchorAlgorithm, isGood } from "./keys.js";

const TYP = "etrust-trust-list+jwt";
const MAX_LIST = 32 * 1024 * 1024;
const ALGORITHMS = ["ES256", "EdDSA"]; // SM2 and RS256 sign nothing that is checked here
const json = (part) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decodeBase64url(part)));

/**
 * Read a signed list. Faults: `bad_trust_list`, `untrusted_list`, `expired_list`.
 * @param {string} token the compact JWS
 * @param {Uint8Array} anchor certificate, DER
 * @param {number} at the present, in milliseconds
 */
export async function readTrustList(token, anchor, at) {
  const parts = token.trim().split(".");
  if (token.length > MAX_LIST || parts.length !== 3) throw new Fault("bad_trust_list");
  const found = await judged(parts, anchor);
  const times = { issuedAt: Date.parse(found.issued_at), nextUpdate: Date.parse(found.next_update) };
  if (!(times.issuedAt <= at && at < times.nextUpdate)) throw new Fault("expired_list");
  const digest = `sha256:${hex(await sha256(new TextEncoder().encode(token.trim())))}`;
  const entities = new Map(found.entities.map((entity) => [entity.code, entity]));
  return { region: found.region, sequence: found.sequence, ...times, digest, entities, keys: await keysOf(found.keys) };
}

async function judged([head, body, signature], anchor) {
  const algorithm = anchorAlgorithm(anchor);
  let header, named;
  try {
    header = json(head);
    named = header.typ === TYP && !("crit" in header);
    signature = decodeBase64url(signature);
  } catch {
    named = false;
  }
  if (!named) throw new Fault("bad_trust_list");
  const signed = new TextEncoder().encode(`${head}.${body}`);
  if (header.alg !== algorithm || !(await isGood(anchor, algorithm, signature, signed))) throw new Fault("untrusted_list");
  return shaped(body);
}

/** The content; what the anchor signed is what it meant, but a list without bodies or keys is none. */
function shaped(body) {
  let found;
  try {
    found = json(body);
  } catch {
    throw new Fault("bad_trust_list");
  }
  const whole = found?.version === 1 && /^\d{6}$/.test(found.region) && Number.isInteger(found.sequence) && found.sequence > 0
    && Array.isArray(found.entities) && found.entities.length && Array.isArray(found.keys) && found.keys.length;
  if (!whole) throw new Fault("bad_trust_list");
  return found;
}

/** Entries by purpose and key id: eight bytes may collide, so there can be several under one. */
async function keysOf(listed) {
  const keys = new Map();
  for (const entry of listed.filter((each) => ALGORITHMS.includes(each.algorithm))) {
    const certificate = certificateOf(entry);
    if (hex((await sha256(certificate)).subarray(0, 8)) !== entry.kid) throw new Fault("bad_trust_list");
    const name = `${entry.purpose} ${entry.kid}`;
    const from = Date.parse(entry.valid_from), until = Date.parse(entry.valid_until);
    keys.set(name, [...(keys.get(name) ?? []), { ...entry, certificate, from, until, compromised: (entry.compromised_since ?? null) !== null }]);
  }
  return keys;
}

function certificateOf(entry) {
  try {
    return decodeBase64(entry.x5c);
  } catch {
    throw new Fault("bad_trust_list");
  }
}

/** All keys with that id and purpose. */
export const keysFor = (trust, kid, purpose) => trust.keys.get(`${purpose} ${hex(kid)}`) ?? [];
