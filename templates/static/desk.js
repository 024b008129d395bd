// The desk: one field that always listens, a queue of scans, keys for everything. What was told lives in this page only.
//
// The offline mode is a module of its own (verifier/): when /desk cannot be reached its worker shows /check/offline.

import { Camera } from "./camera.js";
import { openDecoder } from "./decoders.js";
import { Signals } from "./signals.js";

const queue = document.getElementById("queue");
const announcer = document.getElementById("announcer");
const signals = new Signals(document.getElementById("signals"));
const hasMouse = matchMedia("(hover: hover)").matches;
const KEPT = 20; // cards on the page; what was told to the clerk need not stay longer
const waiting = []; // codes scanned while another was being checked
let busy = false;
let camera = null;

document.documentElement.classList.add("scripted");

const panel = () => document.getElementById("panel");
const form = () => document.getElementById("desk-form");
const field = () => document.getElementById("presented");
const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

/** Back to the field, ready for the next scan; on a phone that would only raise the keyboard. */
function listen() {
  if (hasMouse || document.activeElement === document.body) field().focus({ preventScroll: true });
}

/** Take a code in: at once, or when those before it are through. */
function take(text) {
  waiting.push(text);
  field().value = "";
  next();
}

async function next() {
  if (busy || !waiting.length) return;
  const sent = new FormData(form());
  sent.set("presented", waiting.shift());
  sent.delete("image");
  await send(sent);
  next();
}

/** Send the panel and put what comes back in its place: a fresh panel, and a card when the check was made. */
async function send(sent) {
  busy = true;
  const place = copy("under-way");
  queue.prepend(place);
  queue.querySelector("[data-empty]").hidden = true;
  try {
    const answer = await fetch(form().action, { method: "POST", body: sent, headers: { "HX-Request": "true" } });
    if (answer.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
    arrange(new DOMParser().parseFromString(await answer.text(), "text/html"), place);
  } catch {
    // The check without a network judges the same code by the lists kept here, and keeps it for this matter.
    sessionStorage.setItem("etrust-unanswered", sent.get("presented") ?? "");
    sessionStorage.setItem("etrust-matter", form().dataset.matter);
    place.replaceWith(adopted(copy("no-answer")));
  } finally {
    busy = false;
    if (!panel().querySelector("[aria-invalid]")) listen();
  }
}

function arrange(answer, place) {
  const fresh = answer.getElementById("panel");
  const cards = [...answer.querySelectorAll(".scan-card, .notice.fault")];
  if (!fresh && !cards.length) throw new Error("neither panel nor card");
  place.replaceWith(...cards.map(adopted));
  if (fresh) {
    camera?.stop();
    panel().replaceWith(document.adoptNode(fresh));
    equip();
    say(cards.length ? "" : panel().querySelector("#turn").textContent);
    panel().querySelector("[aria-invalid]")?.focus();
  }
  for (const old of [...queue.querySelectorAll(".scan-card")].slice(KEPT)) old.remove();
  queue.querySelector("[data-empty]").hidden = queue.querySelector(".scan-card") !== null;
}

function adopted(card) {
  const own = document.adoptNode(card);
  queueMicrotask(() => { window.htmx?.process(own); shown(own); });
  return own;
}

/** After a card has come, or has changed: say it to those who listen, give the signal, show what needs a script. */
function shown(card) {
  for (const button of card.querySelectorAll(".needs-script")) button.hidden = false;
  if (!card.dataset.announce || card.dataset.said) return;
  card.dataset.said = "yes";
  say(card.dataset.announce);
  signals.give(card.dataset.tone);
  if (card.getBoundingClientRect().top > innerHeight * 0.6) card.scrollIntoView({ block: "start" }); // a phone has one column
}
function say(text) { if (text) announcer.textContent = text; }

// Cards that go on by themselves (consent) and steps taken on them are swapped in by htmx.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      if (!(node instanceof Element)) continue;
      if (node.matches(".scan-card")) shown(node);
      if (node.matches(".case-part")) stepped(node);
    }
  }
}).observe(queue, { childList: true, subtree: true });

function stepped(part) {
  const card = part.closest(".scan-card");
  if (card) {
    card.classList.remove("good", "unsure", "bad");
    card.classList.add(part.dataset.tone);
    card.dataset.tone = part.dataset.tone;
  }
  say(part.querySelector("[role=alert]")?.textContent ?? part.querySelector("h2").textContent);
  listen();
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  if (event.submitter?.hasAttribute("data-reset")) {
    const sent = new FormData(form(), event.submitter);
    waiting.length = 0;
    send(sent).then(() => queue.querySelector(".under-way")?.remove());
  } else if (field().value.trim()) take(field().value.trim());
  else if ("full" in form().dataset && !busy) send(new FormData(form())); // every code is there, something else was mended
  else listen();
});

document.addEventListener("change", (event) => {
  if (event.target.id === "image" && event.target.files.length && !busy) send(new FormData(form()));
});

document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text").trim();
  if (/^ET[12]/.test(text)) {
    event.preventDefault();
    take(text);
  }
});

// A hardware scanner types wherever the focus is: the first character leads the rest into the field.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || KEYS[event.key]?.(event)) return;
  const elsewhere = !event.target.closest("input[type=text], textarea, select");
  const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (elsewhere && letter) {
    field().value = "";
    field().focus({ preventScroll: true });
  }
});

const newest = (selector) => queue.querySelector(`.scan-card ${selector}`);
function press(event, element) {
  if (!element) return false;
  event.preventDefault();
  element.click();
  return true;
}
function move(event, step) {
  const cards = [...queue.querySelectorAll(".scan-card")];
  const inField = event.target === field();
  const here = cards.indexOf(event.target.closest?.(".scan-card"));
  if (!cards.length || (!inField && here < 0) || (!inField && event.target.matches("input, textarea, select"))) return false;
  event.preventDefault();
  const to = inField ? (step > 0 ? 0 : -1) : here + step;
  if (to < 0) listen();
  else cards[Math.min(to, cards.length - 1)].focus();
  return true;
}
const KEYS = {
  F1: (event) => {
    event.preventDefault();
    document.getElementById("keys").scrollIntoView({ block: "nearest" });
    say(document.getElementById("keys").innerText);
    return true;
  },
  F2: (event) => press(event, document.querySelector("[data-key=F2]")),
  F4: (event) => press(event, [...panel().querySelectorAll(".camera-start, .camera-stop")].find((each) => !each.hidden)),
  F8: (event) => press(event, newest("[data-key=F8] button")),
  F9: (event) => press(event, newest("[data-receipt]")),
  Escape: (event) => {
    event.preventDefault();
    field().value = "";
    field().focus();
    return true;
  },
  ArrowDown: (event) => move(event, 1),
  ArrowUp: (event) => move(event, -1),
};
window.addEventListener("focus", () => { if (document.activeElement === document.body) listen(); });

queue.addEventListener("click", (event) => {
  const one = event.target.closest("[data-copy]");
  const all = event.target.closest("[data-copy-all]");
  if (one) copied(one, one.closest("dd").querySelector("bdi").textContent);
  if (all) {
    const lines = [...all.closest(".filled").querySelectorAll("dl > div")];
    copied(all, lines.map((each) => `${each.querySelector("dt").textContent}\t${each.querySelector("bdi").textContent}`).join("\n"));
  }
});
async function copied(button, text) {
  await navigator.clipboard.writeText(text).catch(() => null);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
  listen();
}

/** The camera of a fresh panel. */
function equip() {
  const section = panel().querySelector(".camera");
  const token = form().elements.csrf.value;
  camera = new Camera(section, () => openDecoder({ zxing: section.dataset.zxing, wasm: section.dataset.wasm, token }), take);
}

// What was told must not come back out of the browser's memory of pages.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
addEventListener("pagehide", () => queue.replaceChildren());
navigator.serviceWorker?.register("/desk/worker.js", { scope: "/desk" }).catch(() => {});

equip();
for (const card of queue.querySelectorAll(".scan-card")) shown(card);
listen();
