// The kiosk: one address, stages fetched into it, a clock that forgets. Nothing is kept anywhere but in the page itself.

import { Camera } from "./camera.js";
import { openDecoder } from "./decoders.js";

const stage = document.getElementById("stage");
const dialog = document.getElementById("leaving");
const { idle, leaving, begun, csrf, zxing, wasm, lost } = document.body.dataset;
const POLL = 2000; // milliseconds
const START = "/kiosk?lang=zh";

let touched = performance.now();
let camera = null;
let visit = new AbortController(); // ends every request of this visitor at once
let gone = false;

/** Forget: what is on the page, what is under way, what the browser kept, and the way back. */
async function leave() {
  if (gone) return;
  gone = true;
  visit.abort();
  camera?.stop();
  for (const field of document.querySelectorAll("input")) field.value = "";
  stage.replaceChildren();
  dialog.close();
  sessionStorage.clear();
  await Promise.all([
    fetch("/kiosk/reset", { method: "POST" }).catch(() => {}),
    window.caches?.keys().then((names) => Promise.all(names.map((name) => caches.delete(name)))).catch(() => {}),
  ]);
  location.replace(START); // takes the place of this page: there is no way back to it
}

async function go(path, sent) {
  camera?.stop();
  camera = null;
  const mine = visit;
  try {
    const answer = await fetch(path, {
      method: sent ? "POST" : "GET", body: sent, cache: "no-store", signal: mine.signal, headers: { "HX-Request": "true" },
    });
    if (answer.headers.has("HX-Redirect")) return location.replace(answer.headers.get("HX-Redirect"));
    if (answer.status !== 204) show(await answer.text());
    return answer.status;
  } catch (error) {
    if (error.name !== "AbortError") show("", lost);
  }
}

function show(text, fault) {
  if (gone) return;
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-stage]");
  const shown = fresh ? document.adoptNode(fresh) : Object.assign(document.createElement("p"), { className: "lead", textContent: fault ?? "" });
  if (!fresh && !fault) shown.textContent = lost;
  stage.replaceChildren(shown);
  stage.scrollTo?.(0, 0);
  step(Number(shown.dataset.stage ?? 0));
  stage.focus({ preventScroll: true });
  if ("camera" in shown.dataset) look(shown);
  if (shown.dataset.poll) poll(shown);
  touched = performance.now();
}

function step(number) {
  for (const each of document.querySelectorAll("[data-step]")) {
    if (Number(each.dataset.step) === number) each.setAttribute("aria-current", "step");
    else each.removeAttribute("aria-current");
  }
  document.querySelector(".kiosk-top [data-leave]").hidden = number === 0;
}

function look(section) {
  const part = section.querySelector(".camera");
  camera = new Camera(part, () => openDecoder({ zxing, wasm, token: csrf, frames: "/kiosk/frame" }), scanned);
  if (!part.hidden) camera.start();
  section.querySelector("#presented").focus();
}

function scanned(text) {
  const form = stage.querySelector("[data-send]");
  if (!form || !text) return;
  const sent = new URLSearchParams(new FormData(form));
  sent.set("presented", text);
  touched = performance.now();
  go(form.getAttribute("action"), sent);
}

async function poll(section) {
  while (section.isConnected && !gone) {
    await new Promise((done) => setTimeout(done, POLL));
    if (!section.isConnected || gone) return;
    await go(section.dataset.poll);
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const to = target.closest("[data-go]");
  if (target.closest("[data-language]")) {
    event.preventDefault();
    location.replace(target.closest("[data-language]").href);
  } else if (target.closest("[data-leave]")) leave();
  else if (target.closest("[data-stay]")) dialog.close();
  else if (target.closest("[data-print]")) print();
  else if (to) go(to.dataset.go);
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.matches("[data-send]")) {
    const text = form.elements.presented.value;
    form.elements.presented.value = "";
    scanned(text);
  } else if (form.matches("[data-rate]")) {
    const sent = new URLSearchParams(new FormData(form, event.submitter));
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: sent, signal: visit.signal, headers: { "HX-Request": "true" } }).catch(() => null);
    const thanks = answer && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("h1");
    if (thanks && !gone) form.replaceChildren(Object.assign(document.createElement("p"), { className: "thanks", textContent: thanks.textContent }));
  }
});

// A hardware scanner types wherever the focus is.
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("presented");
  if (field && event.target !== field && event.key.length === 1 && !event.ctrlKey && !event.metaKey) field.focus();
});

for (const kind of ["pointerdown", "keydown", "touchstart"]) {
  addEventListener(kind, (event) => { if (!event.target.closest?.("[data-leave]")) touched = performance.now(); }, { passive: true });
}

/** Somebody who walked away is asked for some seconds, and then forgotten; the first screen has nothing to forget. */
function watch() {
  const started = stage.querySelector("[data-stage]")?.dataset.stage !== "0";
  const waited = (performance.now() - touched) / 1000;
  if (!started || gone) return;
  if (waited >= Number(idle) + Number(leaving)) return leave();
  if (waited >= Number(idle)) {
    dialog.querySelector("[data-left]").textContent = String(Math.ceil(Number(idle) + Number(leaving) - waited));
    if (!dialog.open) dialog.showModal();
  } else if (dialog.open) dialog.close();
}
setInterval(watch, 250);

// The page must not come back out of the browser's memory, nor out of its history.
addEventListener("pageshow", (event) => { if (event.persisted) location.replace(START); });
addEventListener("pagehide", () => stage.replaceChildren());
document.addEventListener("contextmenu", (event) => event.preventDefault());

step(0);
if (begun) go("/kiosk/themes");
