// The check page: the field that always listens, the camera, pictures and pasting. All of it leads to the two forms.

import { Camera } from "./camera.js";
import { openDecoder } from "./decoders.js";
import { Signals } from "./signals.js";

const field = document.getElementById("presented");
const codeForm = document.getElementById("check-form");
const imageForm = document.getElementById("image-form");
const image = document.getElementById("image");
const verdict = document.getElementById("verdict");
const announcer = document.getElementById("announcer");
const noAnswer = document.getElementById("no-answer");
const signals = new Signals(document.getElementById("signals"));
const hasMouse = matchMedia("(hover: hover)").matches;

document.documentElement.classList.add("scripted");

function submitText(text) {
  field.value = text;
  codeForm.requestSubmit();
}

/** Back to the field, ready for the next scan; on a phone that would only raise the keyboard. */
function listen() {
  if (hasMouse) field.focus({ preventScroll: true });
}

// The next scan may begin before the answer to this one is there: it replaces what was sent, and the answer leaves it alone.
let sent = "";
codeForm.addEventListener("submit", () => {
  sent = field.value;
  field.select();
});

// A hardware scanner types wherever the focus is: the first character leads the rest into the field.
document.addEventListener("keydown", (event) => {
  const elsewhere = !event.target.closest("input[type=text], textarea, select");
  const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (elsewhere && letter) {
    field.value = "";
    field.focus({ preventScroll: true });
  }
});
window.addEventListener("focus", () => { if (document.activeElement === document.body) listen(); });

image.addEventListener("change", () => { if (image.files.length) imageForm.requestSubmit(); });

document.addEventListener("paste", (event) => {
  const picture = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
  const text = event.clipboardData.getData("text").trim();
  if (picture) {
    event.preventDefault();
    const files = new DataTransfer();
    files.items.add(picture);
    image.files = files.files;
    imageForm.requestSubmit();
  } else if (text && (/^ET[12]/.test(text) || !event.target.closest("input"))) {
    event.preventDefault();
    submitText(text);
  }
});

/** After a new verdict: say it aloud to those who listen, bring it into view, make room for the next. */
function arrived() {
  verdict.removeAttribute("aria-busy");
  const card = verdict.querySelector("[data-announce]");
  if (!card) return;
  announcer.textContent = card.dataset.announce;
  card.classList.add("arrived");
  for (const button of verdict.querySelectorAll("[data-print]")) button.hidden = false;
  if (card.dataset.verdict) {
    if (field.value === sent) field.value = "";
    imageForm.reset();
    signals.give(card.dataset.tone);
    tellAge(card.querySelector(".ago"));
  }
  listen();
  if (card.getBoundingClientRect().top > innerHeight * 0.6) card.scrollIntoView({ block: "start" });
}
new MutationObserver(arrived).observe(verdict, { childList: true });

// Until the answer is there the last verdict must not pass for it, and when none comes least of all.
document.addEventListener("htmx:before:request", () => verdict.setAttribute("aria-busy", "true"));
// The page that needs no server judges the same text by the lists kept here.
document.addEventListener("htmx:error", () => {
  verdict.replaceChildren(noAnswer.content.cloneNode(true));
  if (sent) sessionStorage.setItem("etrust-unanswered", sent);
});

/** How long ago the check was, in words; counted from its arrival, since the clock of this computer may be wrong. */
function tellAge(time) {
  const begin = performance.now();
  const tell = () => {
    const minutes = Math.floor((performance.now() - begin) / 60_000);
    time.textContent = minutes < 1 ? time.dataset.now : minutes < 60 ? time.dataset.minutes.replace("{}", minutes) : time.title;
    if (time.isConnected && minutes < 60) setTimeout(tell, 15_000);
  };
  tell();
}

verdict.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
addEventListener("beforeprint", () => {
  for (const each of verdict.querySelectorAll("details")) each.open = true;
  for (const time of verdict.querySelectorAll(".ago")) time.textContent = time.title;
});

const section = document.querySelector(".camera");
const token = section.dataset.server === "no" ? "" : codeForm.elements.csrf.value; // without a token no frame goes to the server
new Camera(section, () => openDecoder({ zxing: section.dataset.zxing, wasm: section.dataset.wasm, token }), submitText);
arrived();
listen();

// What the page needs when the network is gone: the worker keeps the page, the lists are fetched now and then.
const LISTS_EVERY = 300_000; // milliseconds
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/check/worker.js", { scope: "/check" }).catch(() => {});
  const keepLists = () => import("./verifier/lists.js").then(({ refresh }) => refresh()).catch(() => {});
  keepLists();
  setInterval(keepLists, LISTS_EVERY);
  import("./verifier/scans.js").then(({ report }) => report()).catch(() => {});
}
