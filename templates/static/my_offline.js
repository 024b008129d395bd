// The page without a network: the codes that were kept, each with the time it was saved.

import { records } from "./my_saved.js";

const place = document.getElementById("saved");
const { lang } = document.documentElement;
const language = lang.split("-")[0];
const spoken = new Intl.DateTimeFormat(lang === "ug" ? "zh-CN" : lang, { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai", calendar: "gregory" });

function part(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The code as a picture: only the outline of its modules is taken from the record, nothing that could act. */
function drawn(picture) {
  const svg = new DOMParser().parseFromString(picture, "image/svg+xml").documentElement;
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("viewBox", svg.getAttribute("viewBox"));
  made.setAttribute("shape-rendering", "crispEdges");
  for (const path of svg.querySelectorAll("path")) {
    const own = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const name of ["fill", "d"]) own.setAttribute(name, path.getAttribute(name));
    made.append(own);
  }
  return made;
}

function shown(record) {
  const section = part("section", "", { class: "sheet offline-code", "data-identifier": record.identifier });
  const code = part("div", "", { class: "qr", role: "img", "aria-label": place.dataset.code });
  code.append(drawn(record.picture));
  const holder = part("p", "", { class: "holder" });
  holder.append(part("bdi", record.holder));
  const saved = part("p", `${place.dataset.saved} `, { class: "saved-at" });
  saved.append(part("time", spoken.format(record.saved), { datetime: new Date(record.saved).toISOString(), dir: "ltr" }));
  section.append(part("h2", record.type[language] || record.type.zh), holder, code, part("p", record.short, { class: "short code", dir: "ltr" }), saved);
  if (record.until && record.until < new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)) {
    section.append(part("p", place.dataset.ended, { class: "ended" }));
  }
  return section;
}

const found = await records();
place.replaceChildren(...found.map(shown));
if (!found.length) place.append(document.getElementById("nothing").content.cloneNode(true));
