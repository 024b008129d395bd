// What a phone keeps to show without a network: offline codes of licenses the holder chose, and nothing else.
// They go when somebody signs out, when another person signs in, and 72 hours after they were saved.

const CODES = "etrust-my-codes";
const KEPT = 72 * 3600 * 1000; // milliseconds

/** One page at a time: a renewal that began before a license was revoked must not put its code back. */
const alone = (work) => (navigator.locks ? navigator.locks.request(CODES, work) : work());

/** Keep the record at an address, or remove it; whether that worked. */
export const keep = (address, wanted) => alone(() => put(address, wanted));

async function put(address, wanted) {
  const place = await caches.open(CODES);
  if (!wanted) return place.delete(address).then(() => true);
  const answer = await fetch(address, { cache: "no-store", redirect: "error" }).catch(() => null);
  if (!answer?.ok) return false;
  await place.put(address, answer);
  return true;
}

export async function kept(address) {
  return (await caches.open(CODES)).match(address);
}

/** All records that may still be shown; older ones are removed. */
export async function records() {
  if (!window.caches || !(await caches.has(CODES))) return [];
  const place = await caches.open(CODES);
  const found = [];
  for (const request of await place.keys()) {
    const record = await (await place.match(request)).json().catch(() => null);
    const age = record ? Date.now() - record.saved : Infinity;
    if (age >= KEPT || age < -KEPT) await place.delete(request);
    else found.push({ ...record, address: request.url });
  }
  return found;
}

/** With a network: renew what is kept, and drop what may no longer be shown. */
export async function refreshKept() {
  if (navigator.onLine) await alone(renewAll);
}

async function renewAll() {
  for (const record of await records()) {
    const answer = await fetch(record.address, { cache: "no-store", redirect: "manual" }).catch(() => null);
    if (answer?.ok) await (await caches.open(CODES)).put(record.address, answer);
    else if (answer && (answer.status === 404 || answer.status === 409)) await (await caches.open(CODES)).delete(record.address);
  }
}

/** Remove what another person kept on this phone. */
export async function forgetOthers(owner) {
  for (const record of await records()) {
    if (record.owner !== owner) await (await caches.open(CODES)).delete(record.address);
  }
}

export async function forget() {
  return window.caches ? caches.delete(CODES) : true;
}
