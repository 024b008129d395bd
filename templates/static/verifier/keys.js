// Public keys out of certificates (X.509, DER), and signatures judged with them by WebCrypto.

import { Fault } from "./faults.js";

const COSE = { ES256: -7, EdDSA: -8 };
const IMPORT = { ES256: { name: "ECDSA", namedCurve: "P-256" }, EdDSA: { name: "Ed25519" } };
const VERIFY = { ES256: { name: "ECDSA", hash: "SHA-256" }, EdDSA: { name: "Ed25519" } };
const EC_PUBLIC_KEY = "2a8648ce3d0201"; // 1.2.840.10045.2.1
const imported = new Map();

export const coseNumber = (algorithm) => COSE[algorithm];

/** Whether a signature is good; a key or signature that cannot be used is not. */
export async function isGood(certificate, algorithm, signature, signed) {
  try {
    return await crypto.subtle.verify(VERIFY[algorithm], await keyOf(certificate, algorithm), signature, signed);
  } catch {
    return false;
  }
}

/** The algorithm of an anchor comes from its key, which the reader trusts. */
export function anchorAlgorithm(certificate) {
  const spki = publicKeyInfo(certificate);
  const oid = inside(inside(spki)); // SEQUENCE { AlgorithmIdentifier SEQUENCE { OID
  return Array.from(contents(oid), (byte) => byte.toString(16).padStart(2, "0")).join("") === EC_PUBLIC_KEY ? "ES256" : "EdDSA";
}

async function keyOf(certificate, algorithm) {
  const name = `${algorithm} ${certificate.join()}`;
  if (!imported.has(name)) {
    imported.set(name, await crypto.subtle.importKey("spki", publicKeyInfo(certificate), IMPORT[algorithm], false, ["verify"]));
  }
  return imported.get(name);
}

/** The SubjectPublicKeyInfo of a certificate: the element after version, serial, algorithm, issuer, validity and subject. */
export function publicKeyInfo(certificate) {
  let element = inside(inside(certificate)); // Certificate → TBSCertificate → its first element
  if (element[0] === 0xa0) element = after(element);
  for (let skipped = 0; skipped < 5; skipped++) element = after(element);
  const { end } = measure(element);
  return element.slice(0, end);
}

const inside = (element) => element.subarray(measure(element).start);
const after = (element) => element.subarray(measure(element).end);

function contents(element) {
  const { start, end } = measure(element);
  return element.subarray(start, end);
}

/** Where the contents of a DER element begin and end. */
function measure(element) {
  let start = 2, size = element[1];
  if (size > 0x82 || size === 0x80 || size === undefined) throw new Fault("bad_certificate");
  if (size >= 0x81) {
    const octets = size - 0x80;
    size = element.subarray(2, 2 + octets).reduce((sum, octet) => sum * 256 + octet, 0);
    start += octets;
  }
  if (start + size > element.length) throw new Fault("bad_certificate");
  return { start, end: start + size };
}
