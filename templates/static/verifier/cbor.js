// CBOR (RFC 8949) read strictly: definite lengths, shortest forms, no key twice, no tags, eight levels at most.
// Integers beyond what a number holds exactly are BigInt; maps are Map.

import { Fault } from "./faults.js";

const MAX_DEPTH = 8;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LEAST = { 24: 24n, 25: 256n, 26: 65536n, 27: 4294967296n }; // the smallest number that needs so many bytes, by its code

/** One item and nothing after it. */
export function readCbor(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw bad("bytes left over");
  return value;
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  item(depth) {
    const first = this.take(1)[0];
    const major = first >> 5;
    if (major === 7) return this.simple(first);
    const argument = this.argument(first & 31);
    if (major === 0) return argument;
    if (major === 1) return typeof argument === "bigint" ? -1n - argument : -1 - argument;
    const size = Number(argument);
    if (major === 2) return this.take(size);
    if (major === 3) return this.text(size);
    if (major === 4) return this.array(size, depth);
    if (major === 5) return this.map(size, depth);
    throw bad("unexpected tag");
  }

  take(size) {
    if (size > this.bytes.length - this.at) throw bad("ends too early");
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  argument(code) {
    if (code < 24) return code;
    if (code > 27) throw bad("indefinite length");
    const size = 1 << (code - 24);
    const value = this.take(size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    if (value < LEAST[code]) throw bad("number not in its shortest form");
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  text(size) {
    const bytes = this.take(size);
    try {
      return UTF8.decode(bytes);
    } catch {
      throw bad("text is not UTF-8");
    }
  }

  array(size, depth) {
    this.bound(size, depth);
    const items = [];
    for (let place = 0; place < size; place++) items.push(this.item(depth + 1));
    return items;
  }

  map(size, depth) {
    this.bound(size * 2, depth);
    const found = new Map();
    for (let place = 0; place < size; place++) {
      const key = this.item(depth + 1);
      if (!["number", "bigint", "string"].includes(typeof key) || found.has(key)) throw bad("a map key stands twice or is no key");
      found.set(key, this.item(depth + 1));
    }
    return found;
  }

  /** Refuse a container before anything is made of it. */
  bound(items, depth) {
    if (items > this.bytes.length - this.at) throw bad("ends too early");
    if (items && depth === MAX_DEPTH) throw bad("nested too deep");
  }

  simple(first) {
    if (first === 0xf4 || first === 0xf5) return first === 0xf5;
    if (first === 0xf6) return null;
    if (first === 0xf9) return half(this.take(2));
    if (first === 0xfa) return this.view.getFloat32(this.take(4).byteOffset - this.bytes.byteOffset);
    if (first === 0xfb) return this.view.getFloat64(this.take(8).byteOffset - this.bytes.byteOffset);
    throw bad("unknown simple value");
  }
}

function half([high, low]) {
  const exponent = (high >> 2) & 31;
  const fraction = ((high & 3) << 8) | low;
  const sign = high & 0x80 ? -1 : 1;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

/** A byte string as CBOR. */
export function byteString(bytes) {
  const size = bytes.length;
  const head = size < 24 ? [0x40 | size] : size < 256 ? [0x58, size] : size < 65536 ? [0x59, size >> 8, size & 255]
    : [0x5a, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  const whole = new Uint8Array(head.length + size);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}

function bad(why) {
  return new Fault("bad_cose", why);
}
