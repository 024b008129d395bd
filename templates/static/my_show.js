// A code on a screen: it renews itself as long as somebody looks, and an old one is veiled. Also the clock that shows a
// screenshot, the screen that stays on, the clerk's question, and what became of the code.

const MARGIN = 15_000; // milliseconds before its end at which a code is renewed
const RETRY = 5_000;
const POLL = 3_000;

let code = document.getElementById("code");
let ahead = 0; // milliseconds the server's clock is ahead of this phone's
let ends = 0; // by performance.now(), which no setting of the clock changes
let renewal = 0;
let asking = false;
let previousUse = ""; // a code that is on its way out may still be scanned

const inBeijing = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const part = (selector) => code.querySelector(selector);
const hide = (selector, hidden) => { const found = part(selector); if (found) found.hidden = hidden; };

function adopt() {
  const left = Number(code.dataset.left);
  ahead = Number(code.dataset.now) - Date.now();
  ends = performance.now() + left;
  renewal = performance.now() + Math.max(RETRY, left - MARGIN);
  hide(".stale", true);
  hide(".countdown", !left);
  hide(".veil", true);
  code.classList.toggle("offline", !left && Boolean(part(".qr")));
}

async function renew() {
  if (asking || document.hidden || !code.dataset.fragment) return;
  asking = true;
  const answer = await fetch(code.dataset.fragment, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
  asking = false;
  if (answer?.redirected || answer?.status === 401 || answer?.status === 404 || answer?.headers.get("HX-Redirect")) return location.reload();
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("code");
  renewal = performance.now() + RETRY;
  if (!fresh) return withoutNetwork();
  const focused = code.contains(document.activeElement);
  previousUse = code.dataset.use ?? "";
  code.replaceWith(fresh);
  code = fresh;
  adopt();
  if (focused) part("a, button")?.focus({ preventScroll: true });
}

/** The signed code of the license itself needs no network; a code for one minute is veiled at its end. */
function withoutNetwork() {
  hide(".stale", false);
  hide(".countdown", true);
  const spare = document.getElementById("offline-code");
  if (!spare || code.classList.contains("offline")) return;
  part(".qr").replaceWith(spare.content.firstElementChild.cloneNode(true));
  code.classList.add("offline");
  ends = Infinity;
  hide(".veil", true);
  hide(".online-word", true);
  hide(".offline-word", false);
}

function tick() {
  const now = performance.now();
  const time = inBeijing.format(new Date(Date.now() + ahead));
  if (part(".live")) part(".live").textContent = time;
  for (const stamp of document.querySelectorAll(".stamp")) stamp.textContent = time;
  const left = Math.max(0, Math.ceil((renewal - now) / 1000));
  if (part(".countdown b")) part(".countdown b").textContent = String(left);
  if (part("progress")) part("progress").value = left;
  if (!code.classList.contains("offline")) hide(".veil", now < ends);
  if (now >= renewal) renew();
}

/** What the clerk asks, and whether the code was used: looked for as long as somebody looks. */
async function poll() {
  if (document.hidden) return;
  const requests = document.getElementById("requests");
  if (requests) await put(requests, requests.dataset.poll);
  for (const address of new Set([code.dataset.use, previousUse])) {
    if (address) await put(document.getElementById("used"), address);
  }
}

async function put(place, address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
  if (!answer || answer.redirected) return;
  const text = answer.status === 204 || !answer.ok ? "" : (await answer.text()).trim();
  if (text === (place.dataset.text ?? "") || (!text && place.id === "used")) return;
  const wasEmpty = !place.childElementCount;
  place.dataset.text = text;
  if (!text && place.querySelector(".answered")) return; // what was answered may be read on
  place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  window.htmx?.process?.(place);
  if (place.childElementCount && wasEmpty) arrived(place);
}

function arrived(place) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([120, 80, 120]);
  const heading = place.querySelector("h1, h2, h3, .answered") ?? place.firstElementChild;
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
  place.scrollIntoView({ block: "start" });
}

let lock = null;
async function stayOn() {
  if (document.hidden || lock) return;
  lock = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
  lock?.addEventListener("release", () => { lock = null; });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  tick();
  stayOn();
  renew();
});
addEventListener("online", () => { code.classList.remove("offline"); renew(); });
adopt();
tick();
setInterval(tick, 1000);
const asked = document.getElementById("requests");
if (asked) {
  // After an answer the button is gone: whoever hears the page is led to what became of it.
  new MutationObserver(() => {
    const answered = asked.querySelector(".answered");
    if (answered && document.activeElement === document.body) arrived(asked);
  }).observe(asked, { childList: true, subtree: true });
  setInterval(poll, POLL);
  poll();
}
stayOn();
