// Every page of a holder: the service worker, what is kept on the phone, and that it goes when somebody signs out.

import { forget, forgetOthers, keep, refreshKept, kept } from "./my_saved.js";

document.documentElement.classList.add("scripted");
for (const each of document.querySelectorAll(".needs-script")) each.hidden = false;

if (window.isSecureContext && navigator.serviceWorker) {
  navigator.serviceWorker.register("/my/worker.js", { scope: "/my" }).catch(() => {}); // then it is a page like any other
}

const owner = document.querySelector("[data-owner]")?.dataset.owner ?? "";
if (owner) forgetOthers(owner).then(refreshKept);

for (const form of document.querySelectorAll("form[action='/my/signout']")) {
  form.addEventListener("submit", () => { forget(); });
}

// A license to be shown without a network, or no longer.
const box = document.getElementById("keep");
if (box) {
  const told = document.getElementById("keep-told");
  const section = box.closest("section");
  if (!window.caches) section.hidden = true;
  else kept(box.dataset.address).then((found) => { box.checked = Boolean(found); });
  box.addEventListener("change", async () => {
    const good = await keep(box.dataset.address, box.checked);
    if (!good) box.checked = !box.checked;
    told.textContent = !good ? told.dataset.failed : box.checked ? told.dataset.kept : told.dataset.gone;
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(button.dataset.copy).catch(() => {});
    button.textContent = button.dataset.done;
  });
}
