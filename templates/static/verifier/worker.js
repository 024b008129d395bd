// The service worker of the check page and the desk: keeps the page that works without a network. DIGEST, PAGE and SHELL
// stand before this text. It keeps nothing of anybody: pages of signed-in people are never stored.

const CACHE = `etrust-check-${DIGEST}`;
const PATIENCE = 4000; // milliseconds until a network that does not answer counts as none

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })))).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("etrust-check-") && name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(navigate(event));
  else if (request.method === "GET" && new URL(request.url).pathname.startsWith("/static/")) event.respondWith(kept(request));
});

async function navigate(event) {
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE) });
    if (![502, 504].includes(answer.status)) { // a gateway with nothing behind it; 503 is our own word, with what to do
      event.waitUntil(renew());
      return answer;
    }
  } catch {
    // no network: the page that needs none
  }
  return (await caches.match(PAGE, { ignoreVary: true })) ?? Response.error();
}

/** The kept page in the language the visitor has now. */
async function renew() {
  const cache = await caches.open(CACHE);
  await cache.add(new Request(PAGE, { cache: "reload" })).catch(() => {});
}

const kept = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
