// The check page without a network: scan, judge by the lists kept here, keep what has to be told later.

import { Camera } from "../camera.js";
import { openDecoder } from "../decoders.js";
import { cardOf, fill, momentText } from "./card.js";
import { isOnlineCode, tidied } from "./code.js";
import { Fault } from "./faults.js";
import { load, refresh } from "./lists.js";
import { isGenuineAndFresh, verifyOnlineCode } from "./online_code.js";
import { keep, report, waiting } from "./scans.js";
import { judge, step, verify } from "./verify.js";

const LOOK_AGAIN = 15_000; // milliseconds between looks whether the network is back
const field = document.getElementById("presented");
const form = document.getElementById("check-form");
const verdictPlace = document.getElementById("verdict");
const announcer = document.getElementById("announcer");
const slot = (name) => document.querySelector(`main [data-slot=${name}]`);
const hasMouse = matchMedia("(hover: hover)").matches;
const matter = sessionStorage.getItem("etrust-matter") ?? ""; // of the desk this page was opened from
let snapshot = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const presented = field.value;
  field.value = "";
  if (presented.trim()) check(presented);
});

// A hardware scanner types wherever the focus is.
document.addEventListener("keydown", (event) => {
  const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (letter && !event.target.closest("input, textarea, select")) field.focus({ preventScroll: true });
});

async function check(presented) {
  const at = Date.now();
  snapshot = await load(at);
  const verdict = await judged(presented, at);
  const goOn = isGenuineAndFresh(verdict) && verdict.status === "unknown";
  if (isGenuineAndFresh(verdict)) await keep(tidied(presented), at, matter);
  const card = cardOf(verdict, snapshot, goOn);
  verdictPlace.replaceChildren(card);
  announcer.textContent = card.dataset.announce;
  await tellScans();
  if (hasMouse) field.focus({ preventScroll: true });
}

async function judged(presented, at) {
  try {
    const online = isOnlineCode(tidied(presented));
    if (snapshot === null) return judge([step("lookup", "unknown", "no_trust_list", "unknown")], at, {}, null);
    return online ? await verifyOnlineCode(presented, snapshot.trust, at) : await verify(presented, snapshot, at);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return judge([step("format", "failed", error.code, "malformed")], at, {}, null);
  }
}

async function tellLists() {
  const place = slot("lists");
  const now = Date.now();
  snapshot = await load(now);
  if (snapshot === null) place.textContent = place.dataset.none;
  else if (now >= snapshot.until) place.textContent = fill(place.dataset.old, momentText(snapshot.issuedAt));
  else place.textContent = fill(place.dataset.kept, momentText(snapshot.issuedAt), momentText(snapshot.until));
}

async function tellScans(signedOut = false) {
  const kept = await waiting();
  const place = slot("waiting");
  place.textContent = kept.length ? fill(place.dataset.some, kept.length) + (signedOut ? ` ${place.dataset.signin}` : "") : "";
  slot("scans").hidden = !kept.length && !slot("reported").children.length;
}

/** Whether the network is back; then take new lists and tell what was scanned. */
async function lookAgain() {
  const there = await fetch("/livez", { cache: "no-store" }).then((answer) => answer.ok, () => false);
  slot("back").hidden = !there;
  if (!there) return;
  const refused = await refresh().then(() => false, (error) => error instanceof Fault && error.code !== "lists_unreachable");
  await tellLists();
  if (refused) slot("lists").textContent = slot("lists").dataset.refused;
  const told = await report();
  for (const [scan, answer] of told ?? []) slot("reported").append(reported(scan, answer));
  await tellScans(told === null);
}

function reported(scan, { outcome, first_used_at: first }) {
  const item = document.createElement("li");
  const { dataset } = slot("reported");
  item.className = outcome === "accepted" ? "good" : "bad";
  item.textContent = fill(dataset[outcome] ?? dataset.other, momentText(new Date(scan.scanned_at)), first ? momentText(new Date(first)) : "");
  return item;
}

const section = document.querySelector(".camera");
new Camera(section, () => openDecoder({ zxing: section.dataset.zxing, wasm: section.dataset.wasm, token: "" }), check);
await tellLists();
await tellScans();
const unanswered = sessionStorage.getItem("etrust-unanswered");
sessionStorage.removeItem("etrust-unanswered");
if (unanswered) await check(unanswered);
document.documentElement.classList.add("ready");
await lookAgain();
addEventListener("online", lookAgain);
setInterval(lookAgain, LOOK_AGAIN);
