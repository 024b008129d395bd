// The verifier: a code's text, lists and a time in, a verdict out. The same steps, in the same words, as on the server
// (docs/formats.md, section 7); tests hold the two against each other.

import { decodeCode } from "./code.js";
import { readCredential } from "./credential.js";
import { Fault } from "./faults.js";
import { coseNumber, isGood } from "./keys.js";
import { SKEW, lookUp } from "./status.js";
import { keysFor } from "./trust.js";

const STEPS = ["format", "issuer", "signature", "entitlement", "validity", "status"];
const STATES = { 1: "revoked", 2: "suspended", 3: "under_objection" };
/** The overall word and sub-indication of every status, the gravest status first. */
const INDICATIONS = {
  malformed: ["TOTAL-FAILED", "FORMAT_FAILURE"],
  bad_signature: ["TOTAL-FAILED", "SIG_CRYPTO_FAILURE"],
  unknown_issuer: ["INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"],
  revoked: ["TOTAL-FAILED", "REVOKED"],
  superseded: ["TOTAL-FAILED", "SUPERSEDED"],
  suspended: ["TOTAL-FAILED", "SUSPENDED"],
  expired: ["TOTAL-FAILED", "EXPIRED"],
  not_yet_valid: ["TOTAL-FAILED", "NOT_YET_VALID"],
  unknown: ["INDETERMINATE", "TRY_LATER"],
  under_objection: ["INDETERMINATE", "UNDER_OBJECTION"],
  valid: ["TOTAL-PASSED", ""],
};
const SHARPER = {
  type_not_entitled: "SIG_CONSTRAINTS_FAILURE", key_of_another_body: "SIG_CONSTRAINTS_FAILURE",
  key_not_in_force_when_issued: "OUT_OF_BOUNDS_NO_POE", key_compromised: "OUT_OF_BOUNDS_NO_POE",
  matter_needed: "MATTER_NEEDED",
};

/**
 * The verdict on the text of a license's code.
 * @param {string} presented as scanned or pasted
 * @param {{trust: object, lists: Map}} snapshot a judged trust list, and judged status lists by URI
 * @param {number} at the moment asked about, in milliseconds
 */
export async function verify(presented, { trust, lists }, at) {
  let credential;
  try {
    credential = readCredential(await decodeCode(presented));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return judge([step("format", "failed", error.code, "malformed"), ...skipped("issuer")], at, {}, null);
  }
  const evidence = { trust_list: trust.digest };
  const { key, steps } = await checkSignature(credential, trust);
  if (key === null) return judge([step("format"), ...steps, ...skipped("entitlement")], at, evidence, null);
  const later = [checkEntitlement(credential, key), checkValidity(credential, at), checkStatus(credential, lists, at, evidence)];
  return judge([step("format"), ...steps, ...later], at, evidence, credential.claims);
}

export function step(name, outcome = "passed", reason = "", status = null) {
  return { step: name, outcome, reason, status };
}

const skipped = (from) => STEPS.slice(STEPS.indexOf(from)).map((name) => step(name, "skipped"));

async function checkSignature(credential, trust) {
  const candidates = keysFor(trust, credential.kid, "credential");
  if (!candidates.length) return { key: null, steps: [step("issuer", "unknown", "unknown_key", "unknown_issuer"), step("signature", "skipped")] };
  let reason = "bad_signature";
  for (const entry of candidates) {
    if (credential.algorithm !== null && credential.algorithm !== coseNumber(entry.algorithm)) {
      reason = "algorithm_not_of_key";
    } else if (await isGood(entry.certificate, entry.algorithm, credential.signature, credential.signed)) {
      return { key: entry, steps: [step("issuer"), step("signature")] };
    }
  }
  return { key: null, steps: [step("issuer"), step("signature", "failed", reason, "bad_signature")] };
}

function checkEntitlement({ claims }, key) {
  const reason = key.body !== claims.identifier.issuer ? "key_of_another_body"
    : !key.license_types.includes(claims.identifier.typeCode) ? "type_not_entitled"
    : !(key.from <= claims.issuedAt && claims.issuedAt < key.until) ? "key_not_in_force_when_issued"
    : key.compromised ? "key_compromised" : "";
  return reason ? step("entitlement", "failed", reason, "unknown_issuer") : step("entitlement");
}

function checkValidity({ claims }, at) {
  if (claims.issuedAt > at + SKEW) return step("validity", "failed", "issued_later", "not_yet_valid");
  if (claims.notBefore !== null && at < claims.notBefore) return step("validity", "failed", "not_yet_valid", "not_yet_valid");
  if (claims.expires !== null && at >= claims.expires) return step("validity", "failed", "expired", "expired");
  return step("validity");
}

function checkStatus({ claims }, lists, at, evidence) {
  let answer;
  try {
    answer = lookUp(lists, claims.uri, claims.index, at);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return step("status", "unknown", error.code, "unknown");
  }
  evidence.status_list = answer.digest;
  const state = STATES[answer.state];
  return state ? step("status", state === "under_objection" ? "unknown" : "failed", state, state) : step("status");
}

/** The gravest status decides, every finding stays. */
export function judge(steps, at, evidence, claims) {
  const forced = steps.map((each) => each.status).filter(Boolean);
  const status = Object.keys(INDICATIONS).find((each) => forced.includes(each)) ?? "valid";
  const [verdict, plain] = INDICATIONS[status];
  const sharper = steps.filter((each) => each.status === status).map((each) => SHARPER[each.reason]).filter(Boolean);
  return {
    verdict, sub_indication: sharper.at(-1) ?? plain, status, kind: "credential", at,
    findings: steps.map((each) => ({ step: each.step, outcome: each.outcome, reason: each.reason })), evidence, claims,
  };
}


