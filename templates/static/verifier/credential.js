// A credential (CWT in COSE_Sign1; docs/formats.md, section 3) taken apart; its signature is judged in verify.js.

import { readCbor } from "./cbor.js";
import { ALGORITHM, readSign1 } from "./cose.js";
import { Fault } from "./faults.js";
import { readIdentifier } from "./identifier.js";
import { MAX_CREDENTIAL } from "./code.js";

const ISS = 1, EXP = 4, NBF = 5, IAT = 6, STATUS = 65535, LICENSE = -65537;
const MAX_FIELDS = 32, MAX_FIELD = 500, MAX_URI = 200, MAX_INDEX = 2 ** 26, LAST_SECOND = 253402300799;

export function readCredential(raw) {
  const bytes = raw[0] === 0xd8 && raw[1] === 0x3d ? raw.subarray(2) : raw; // the CWT tag may stand before the COSE tag
  const parts = readSign1(bytes, MAX_CREDENTIAL);
  const algorithm = parts.headers.has(ALGORITHM) ? parts.headers.get(ALGORITHM) : parts.unprotected.get(ALGORITHM);
  if (parts.kid?.length !== 8 || parts.signature.length !== 64) throw bad("key id or signature");
  if (algorithm !== undefined && algorithm !== null && !Number.isInteger(algorithm)) throw bad("algorithm");
  return { ...parts, algorithm: algorithm ?? null, claims: claimsOf(readCbor(parts.payload)) };
}

function claimsOf(found) {
  const claims = mapOf(found);
  const status = mapOf(mapOf(claims.get(STATUS)).get("status_list"));
  const index = status.get("idx");
  if (!Number.isInteger(index) || index < 0 || index >= MAX_INDEX) throw bad("status index");
  const license = mapOf(claims.get(LICENSE));
  if (license.size > MAX_FIELDS) throw bad("too many fields");
  const issuedAt = moment(claims.get(IAT));
  const uri = textOf(status.get("uri"), MAX_URI);
  const identifier = readIdentifier(textOf(license.get(0), 100));
  const fields = new Map([...license].filter(([key]) => key !== 0).map(([key, value]) => [keyOf(key), valueOf(value)]));
  if (issuedAt === null) throw bad("iat");
  const region = textOf(claims.get(ISS), 20);
  return { region, identifier, issuedAt, notBefore: moment(claims.get(NBF)), expires: moment(claims.get(EXP)), uri, index, fields };
}

function mapOf(value) {
  if (!(value instanceof Map)) throw bad("a map is missing");
  return value;
}

function textOf(value, limit) {
  if (typeof value !== "string" || [...value].length > limit) throw bad("a text is missing or too long");
  return value;
}

function keyOf(key) {
  if (typeof key === "string") throw bad("field keys must be numbers");
  return key;
}

function valueOf(value) {
  if (Array.isArray(value) && value.length <= MAX_FIELDS) return value.map((each) => textOf(each, MAX_FIELD));
  return textOf(value, MAX_FIELD);
}

/** A NumericDate in milliseconds, null when it is absent. */
function moment(value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !(value >= 0 && value <= LAST_SECOND)) throw bad("a time is out of range");
  return value * 1000;
}

function bad(why) {
  return new Fault("bad_credential", why);
}
