// Codes scanned without a network: kept until the network is back, then told to the region, which says of each whether it
// was used elsewhere too.

import { all, get, put, remove } from "./keeping.js";

const MOST = 500;

/** Keep a scan; one code is kept once. */
export async function keep(text, scannedAt, matter = "") {
  if (await get("scans", text)) return;
  if ((await all("scans")).length < MOST) await put("scans", { text, scanned_at: new Date(scannedAt).toISOString(), matter });
}

export const waiting = () => all("scans");

/** Tell what is kept. Gives [scan, answer] pairs, or null when nobody is signed in, or there is still no network. */
export async function report() {
  const scans = await waiting();
  if (!scans.length) return [];
  const token = await formToken();
  if (!token) return null;
  const answer = await fetch("/check/scans", {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": token }, body: JSON.stringify({ scans }),
  }).catch(() => null);
  if (!answer?.ok) return null;
  const { answers } = await answer.json();
  await Promise.all(scans.map((scan) => remove("scans", scan.text)));
  return scans.map((scan, place) => [scan, answers[place]]);
}

/** The token of a clerk's forms, from the check page itself; none when nobody is signed in. */
async function formToken() {
  const answer = await fetch("/check", { headers: { Accept: "text/html" }, cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("#image-form [name=csrf]")?.value ?? null;
}
