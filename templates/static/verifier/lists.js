// The lists that checks without a network rest on: fetched while there is one, judged before they are kept and each time
// they are used. The anchor is pinned at the first meeting; the number of the trust list only grows.

import { same } from "./encoding.js";
import { Fault } from "./faults.js";
import { get, keys, put, remove } from "./keeping.js";
import { readStatusList } from "./status.js";
import { readTrustList } from "./trust.js";

const PLACES = "/check/lists.json", STATUS = "status ";

/** Fetch all lists anew and keep those that are good. Faults: `anchor_changed`, `rolled_back` and those of the lists. */
export async function refresh(now = Date.now()) {
  const places = await (await fetched(PLACES)).json();
  const anchor = await bytesOf(places.anchor);
  const known = await get("lists", "anchor");
  if (known && !same(known, anchor)) throw new Fault("anchor_changed");
  const token = await (await fetched(places.trust_list)).text();
  const trust = await readTrustList(token, anchor, now);
  if (trust.sequence < ((await get("lists", "sequence")) ?? 0)) throw new Fault("rolled_back");
  const fresh = await Promise.all(places.status.map((place) => fetchStatus(place, trust, now)));
  await Promise.all([put("lists", anchor, "anchor"), put("lists", token, "trust"), put("lists", trust.sequence, "sequence")]);
  await Promise.all(fresh.map(keepStatus));
  await forget(new Set(places.status.map((place) => STATUS + place.uri)));
}

async function fetchStatus({ uri, path }, trust, now) {
  const bytes = await bytesOf(path, { Accept: "application/statuslist+cwt" });
  const list = await readStatusList(bytes, trust, now);
  if (list.uri !== uri) throw new Fault("bad_status_list");
  return { name: STATUS + uri, bytes, issuedAt: list.issuedAt };
}

async function keepStatus({ name, bytes, issuedAt }) {
  const known = await get("lists", name);
  if (!known || known.issuedAt <= issuedAt) await put("lists", { bytes, issuedAt }, name);
}

async function forget(wanted) {
  const names = (await keys("lists")).filter((name) => name.startsWith(STATUS) && !wanted.has(name));
  await Promise.all(names.map((name) => remove("lists", name)));
}

/**
 * The lists kept here, judged as of now; null when there are none, or the trust list is out of its time.
 * `issuedAt` is the age of the oldest status list, `until` when the first of them ends.
 */
export async function load(now = Date.now()) {
  const [anchor, token] = [await get("lists", "anchor"), await get("lists", "trust")];
  if (!anchor || !token) return null;
  const trust = await readTrustList(token, anchor, now).catch(() => null);
  if (trust === null) return null;
  const lists = new Map();
  for (const name of (await keys("lists")).filter((each) => each.startsWith(STATUS))) {
    const list = await readStatusList((await get("lists", name)).bytes, trust, now).catch(() => null);
    if (list !== null) lists.set(list.uri, list);
  }
  const all = [...lists.values()];
  const issuedAt = Math.min(...all.map((list) => list.issuedAt)), until = Math.min(trust.nextUpdate, ...all.map((list) => list.expires));
  return { trust, lists, issuedAt: all.length ? issuedAt : trust.issuedAt, until };
}

async function fetched(path, headers = {}) {
  const answer = await fetch(path, { headers, credentials: "omit", cache: "no-cache" });
  if (!answer.ok) throw new Fault("lists_unreachable");
  return answer;
}

const bytesOf = async (path, headers) => new Uint8Array(await (await fetched(path, headers)).arrayBuffer());
