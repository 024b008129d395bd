// The service worker of /my. It keeps the shell (files without personal data and one page that says "no network"), and
// nothing that the server answered about anybody. Offline codes are put into their own cache by the page, see my_saved.js;
// this worker removes them when somebody signs out and when they are too old.

const SHELL = `etrust-my-shell-${KEPT.version}`;
const CODES = "etrust-my-codes";
const OFFLINE = "/my/offline";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll([OFFLINE, ...KEPT.files])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropOldShells(), dropOldCodes(), self.clients.claim()]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.method === "POST" && address.pathname === "/my/signout") event.waitUntil(caches.delete(CODES));
  else if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(request, address));
  else if (request.method === "GET" && address.pathname.startsWith("/static/")) event.respondWith(file(request));
});

/** A page from the network, never from a cache; without a network the one page of the shell. */
async function page(request, address) {
  try {
    const answer = await fetch(request);
    if (address.pathname === "/my" && answer.ok) await renewOffline();
    return answer;
  } catch {
    await dropOldCodes();
    return (await caches.match(OFFLINE, { cacheName: SHELL })) ?? Response.error();
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: SHELL })) ?? fetch(request);
}

/** The page without a network speaks the language the visitor chose last. */
async function renewOffline() {
  const answer = await fetch(OFFLINE, { cache: "no-store" }).catch(() => null);
  if (answer?.ok) await (await caches.open(SHELL)).put(OFFLINE, answer);
}

async function dropOldShells() {
  for (const name of await caches.keys()) {
    if (name.startsWith("etrust-my-shell-") && name !== SHELL) await caches.delete(name);
  }
}

async function dropOldCodes() {
  if (!(await caches.has(CODES))) return;
  const place = await caches.open(CODES);
  for (const request of await place.keys()) {
    const record = await (await place.match(request)).json().catch(() => null);
    if (!record || Date.now() - record.saved >= KEPT.hours * 3600_000) await place.delete(request);
  }
}
