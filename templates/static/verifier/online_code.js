// The code that a holder's phone shows for a minute (一码; docs/formats.md): who made it, and whether it is fresh. Whether it
// was used before is not in it: scans made without a network are reconciled later.

import { readCbor } from "./cbor.js";
import { decodeOnlineCode } from "./code.js";
import { ALGORITHM, readSign1 } from "./cose.js";
import { hex } from "./encoding.js";
import { Fault } from "./faults.js";
import { coseNumber, isGood } from "./keys.js";
import { keysFor } from "./trust.js";
import { judge, step } from "./verify.js";

const ISS = 1, EXP = 4, IAT = 6, CTI = 7, WHAT = -65538;
const KINDS = { 1: "holder", 2: "license", 3: "matter" };
const STATES = { 1: "revoked", 2: "suspended", 3: "under_objection", 4: "expired", 5: "not_yet_valid", 6: "superseded", 7: "unknown" };
const MAX_READ = 512, LIFETIME = 60, SKEW = 10_000, LAST_SECOND = 253402300799;
const SHORT_DIGITS = 24;

/** The verdict on an online code by a judged trust list alone, as of a moment in milliseconds. */
export async function verifyOnlineCode(presented, trust, at) {
  let code;
  try {
    code = readOnlineCode(decodeOnlineCode(presented));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const later = ["issuer", "signature", "entitlement", "freshness", "use"].map((name) => step(name, "skipped"));
    return { ...judge([step("format", "failed", error.code, "malformed"), ...later], at, {}, null), kind: "code" };
  }
  const { key, steps } = await checkSignature(code, trust);
  const judged = key === null ? [...steps, step("entitlement", "skipped"), step("freshness", "skipped")]
    : [...steps, checkEntitlement(code, key, trust), checkFreshness(code, at)];
  const good = judged.every((each) => each.status === null);
  const all = [step("format"), ...judged, step("use", "skipped", "told_later"), whatItStandsFor(code)];
  return { ...judge(all, at, { trust_list: trust.digest }, good ? code : null), kind: "code" };
}

/** Whether a code was made by the region and is fresh: what a counter without a network may go on with. */
export const isGenuineAndFresh = (verdict) => verdict.kind === "code"
  && ["format", "issuer", "signature", "entitlement", "freshness"].every((name) =>
    verdict.findings.some((finding) => finding.step === name && finding.outcome === "passed"));

function readOnlineCode(raw) {
  const parts = readSign1(raw, MAX_READ);
  const algorithm = parts.headers.get(ALGORITHM) ?? null;
  if (parts.kid?.length !== 8 || parts.signature.length !== 64 || !(algorithm === null || Number.isInteger(algorithm))) throw bad();
  const claims = readCbor(parts.payload);
  const what = claims instanceof Map ? claims.get(WHAT) : null;
  if (!(what instanceof Map)) throw bad();
  const [issued, expires] = [claims.get(IAT), claims.get(EXP)];
  const timely = [issued, expires].every((each) => Number.isInteger(each) && each >= 0 && each <= LAST_SECOND);
  if (!timely || !(expires > issued && expires - issued <= LIFETIME)) throw bad();
  const [kind, name, region, handle] = [KINDS[what.get(0)], what.get(1), claims.get(ISS), claims.get(CTI)];
  if (!kind || typeof what.get(0) !== "number" || !isText(name, 0, 60) || !isText(region, 6, 6) || handle?.length !== 16 || !(handle instanceof Uint8Array)) throw bad();
  return { ...parts, algorithm, kind, name, region, issuedAt: issued * 1000, expires: expires * 1000, ...detailsOf(kind, what) };
}

function detailsOf(kind, what) {
  if (kind === "license") {
    const [typeCode, short, state] = [what.get(2), what.get(3), what.get(4)];
    if (!isText(typeCode, 21, 21) || !(short instanceof Uint8Array) || short.length !== 16 || !Number.isInteger(state)) throw bad();
    return { typeCode, short: shortOf(short), state: state === 0 ? "valid" : STATES[state] ?? "unknown" };
  }
  if (kind === "matter" && !isText(what.get(5), 31, 31)) throw bad();
  return kind === "matter" ? { matter: what.get(5) } : {};
}

const isText = (value, least, most) => typeof value === "string" && [...value].length >= least && [...value].length <= most;

/** 24 characters, written as one number to base 36. */
function shortOf(bytes) {
  const digits = BigInt(`0x${hex(bytes)}`).toString(36).toUpperCase().padStart(SHORT_DIGITS, "0");
  if (digits.length > SHORT_DIGITS) throw bad();
  return digits.match(/.{4}/g).join("-");
}

async function checkSignature(code, trust) {
  const candidates = keysFor(trust, code.kid, "code");
  if (!candidates.length) return { key: null, steps: [step("issuer", "unknown", "unknown_key", "unknown_issuer"), step("signature", "skipped")] };
  let reason = "bad_signature";
  for (const entry of candidates) {
    if (code.algorithm !== null && code.algorithm !== coseNumber(entry.algorithm)) {
      reason = "algorithm_not_of_key";
    } else if (await isGood(entry.certificate, entry.algorithm, code.signature, code.signed)) {
      return { key: entry, steps: [step("issuer"), step("signature")] };
    }
  }
  return { key: null, steps: [step("issuer"), step("signature", "failed", reason, "bad_signature")] };
}

function checkEntitlement(code, key, trust) {
  const reason = !(code.region === trust.region && code.region === key.body) ? "code_of_other_region"
    : !(key.from <= code.issuedAt && code.issuedAt < key.until) ? "key_not_in_force_when_issued"
    : key.compromised ? "key_compromised" : "";
  return reason ? step("entitlement", "failed", reason, "unknown_issuer") : step("entitlement");
}

function checkFreshness(code, at) {
  if (at < code.issuedAt - SKEW) return step("freshness", "failed", "issued_later", "not_yet_valid");
  if (at >= code.expires + SKEW) return step("freshness", "failed", "code_expired", "expired");
  return step("freshness");
}

function whatItStandsFor(code) {
  if (code.kind !== "license") return step("matter", "unknown", "matter_needed", "unknown");
  if (code.state === "valid") return step("status");
  return step("status", ["unknown", "under_objection"].includes(code.state) ? "unknown" : "failed", code.state, code.state);
}

const bad = () => new Fault("bad_online_code");
