// The holder's page: a clock that runs, a code that renews itself, a screen that stays on.

const RENEW = 60; // seconds
const RETRY = 10; // seconds, when the network failed

let code = document.getElementById("code");
let ahead = 0; // milliseconds the server's clock is ahead of this phone's
let left = RENEW;

const inBeijing = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

function adopt() {
  ahead = Number(code.dataset.now) - Date.now();
  left = RENEW;
  showStale(false);
}

function showStale(stale) {
  code.querySelector(".countdown").hidden = stale;
  code.querySelector(".stale").hidden = !stale;
}

async function renew() {
  const answer = await fetch(location.pathname, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 404) return location.reload(); // the link has ended
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("code");
  if (!fresh) {
    left = RETRY;
    return showStale(true);
  }
  code.replaceWith(fresh);
  code = fresh;
  adopt();
}

function tick() {
  const time = inBeijing.format(new Date(Date.now() + ahead));
  code.querySelector(".live").textContent = time;
  for (const stamp of document.querySelectorAll(".stamp")) stamp.textContent = time;
  left = Math.max(0, left - 1);
  code.querySelector(".countdown b").textContent = String(left);
  if (left === 0) {
    left = RENEW;
    renew();
  }
}

function stayOn() {
  if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}

document.addEventListener("visibilitychange", () => {
  stayOn();
  if (!document.hidden) renew();
});
adopt();
tick();
setInterval(tick, 1000);
stayOn();
