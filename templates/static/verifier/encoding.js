// Bytes and texts: base45 (RFC 9285), base64url, hex, zlib within bounds, digests.

import { Fault } from "./faults.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]));

export function decodeBase45(text) {
  if (text.length % 3 === 1) throw new Fault("truncated");
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0));
  for (let from = 0, to = 0; from < text.length; from += 3) {
    const group = [...text.slice(from, from + 3)].map((character) => VALUES.get(character) ?? NaN);
    const value = group.reduceRight((sum, digit) => sum * 45 + digit, 0);
    const most = group.length === 3 ? 0xffff : 0xff;
    if (!(value <= most)) throw new Fault("bad_code"); // NaN too
    if (group.length === 3) bytes[to++] = value >> 8;
    bytes[to++] = value & 0xff;
  }
  return bytes;
}

export function decodeBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function decodeBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Fault("bad_base64");
  return decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function same(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Unpack zlib (RFC 1950) to at most `limit` bytes. Faults: `inflated`, `truncated`, or `bad_code` for what is no zlib or goes on after its end. */
export async function inflate(packed, limit) {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  const chunks = [];
  const reading = readWithin(stream.readable.getReader(), chunks, limit);
  let whole = false;
  // A stream that ends too early fails when it is closed, any other damage when it is written.
  const writing = writer.write(packed).then(() => { whole = true; return writer.close(); });
  const [read, written] = await Promise.allSettled([reading, writing]);
  if (read.status === "rejected" && read.reason instanceof Fault) throw read.reason;
  if (read.status === "rejected" || written.status === "rejected") throw new Fault(whole ? "truncated" : "bad_code");
  return concat(...chunks);
}

async function readWithin(reader, chunks, limit) {
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    size += value.length;
    if (size > limit) {
      reader.cancel().catch(() => {});
      throw new Fault("inflated");
    }
    chunks.push(value);
  }
}
