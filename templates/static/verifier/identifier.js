// License identifier (电子证照标识), GB/T 36904-2018, as a credential holds it.

import { Fault } from "./faults.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SHAPE = /^([0-9A-Z]{18}[0-9]{3})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]{7,32})\.([0-9]{3})\.([0-9A-Z])$/;
const ROOT = "1.2.156.3005.2";
const USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // GB 32100-2015

export function readIdentifier(text) {
  const match = SHAPE.exec(text.toUpperCase());
  if (match === null) throw new Fault("bad_identifier");
  const [, typeCode, issuer, serial, version, check] = match;
  if (version === "000" || !isOrganisation(typeCode.slice(0, 18)) || !(issuer.length === 6 || isOrganisation(issuer))) throw new Fault("bad_identifier");
  if (checkCharacter(typeCode + issuer + serial + version) !== check) throw new Fault("bad_check_character");
  const plain = serial + version + check;
  return { typeCode, issuer, serial, version: Number(version), text: `${ROOT}.${text.toUpperCase()}`, short: plain.match(/.{1,4}/g).join("-") };
}

/** ISO 7064 MOD 37,36. */
function checkCharacter(text) {
  let state = 36;
  for (const character of text) state = (((state + ALPHABET.indexOf(character)) % 36 || 36) * 2) % 37;
  return ALPHABET[(37 - state) % 36];
}

function isOrganisation(code) {
  let sum = 0, weight = 1;
  for (const character of code.slice(0, 17)) {
    const value = USCC.indexOf(character);
    if (value < 0) return false;
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return USCC[(31 - (sum % 31)) % 31] === code[17];
}
