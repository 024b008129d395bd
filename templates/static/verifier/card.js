// A verdict as a card: the words and shapes stand in the page's templates, this fills in the facts.

const words = JSON.parse(document.getElementById("words").textContent);
const labels = Object.fromEntries([...document.getElementById("labels").content.querySelectorAll("[data-label]")].map((each) => [each.dataset.label, each.textContent]));
const DAY = 86_400_000;

export const fill = (text, ...values) => values.reduce((filled, value, place) => filled.replace(`{${place}}`, value), text);

/** A moment as a person of this language writes it, in official time. */
export function momentText(at) {
  const date = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" }).format(at);
  return `\u2066${date}\u2069`; // isolated: it stays left to right in Uyghur too
}

const dayText = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short" }).format(at);

/** The card of a verdict; `snapshot` is what it rests on, `goOn` whether it is a code that a cut-off counter goes on with. */
export function cardOf(verdict, snapshot, goOn) {
  const card = document.getElementById(`card-${verdict.status}`).content.cloneNode(true).querySelector("article");
  const slot = (name) => card.querySelector(`[data-slot=${name}]`);
  const say = (name, text) => { if (slot(name)) slot(name).textContent = text; };
  const sharper = verdict.findings.map((finding) => words.sharper[finding.reason]).find(Boolean);
  if (sharper) ["label", "why", "do"].forEach((name, place) => say(name, sharper[place]));
  if (goOn) ["label", "why", "do"].forEach((name) => say(name, labels[name === "label" ? "fresh" : `fresh_${name}`]));
  say("rests", snapshot ? fill(labels.rests, momentText(snapshot.issuedAt)) : "");
  for (const [label, value, ltr] of facts(verdict, snapshot)) slot("facts").append(fact(label, value, ltr));
  for (const finding of verdict.findings) slot("findings").append(findingOf(finding));
  for (const [name, digest] of Object.entries(verdict.evidence)) slot("evidence").append(fact(labels[name], digest, true));
  card.dataset.announce = ["word", "label", "why", "do"].map((name) => slot(name)?.textContent).filter(Boolean).join(". ");
  return card;
}

function fact(label, value, ltr) {
  const row = document.getElementById("fact").content.cloneNode(true);
  row.querySelector("dt").textContent = label;
  row.querySelector("bdi").textContent = value;
  if (ltr) row.querySelector("dd").dir = "ltr";
  return row;
}

function findingOf({ step, outcome, reason }) {
  const [tone, word] = words.outcomes[outcome];
  const item = document.getElementById(`finding-${tone}`).content.cloneNode(true);
  item.querySelector(".step").textContent = words.steps[step] ?? step;
  item.querySelector(".outcome").textContent = word;
  item.querySelector(".reason").textContent = words.reasons[reason] ?? "";
  item.querySelector(".code").textContent = reason;
  return item;
}

function facts(verdict, snapshot) {
  const claims = verdict.claims;
  if (!claims) return [];
  return verdict.kind === "code" ? codeFacts(claims) : licenseFacts(claims, snapshot.trust);
}

function codeFacts(code) {
  const type = words.types[code.typeCode];
  return [
    [labels.holder, code.name],
    ...(code.typeCode ? [[labels.license, type?.name ?? code.typeCode], [labels.short, code.short, true]] : []),
  ];
}

function licenseFacts(claims, trust) {
  const { identifier, fields, notBefore, expires } = claims;
  const type = words.types[identifier.typeCode];
  const issuer = trust.entities.get(identifier.issuer) ?? {};
  const told = (type?.labels ?? []).filter(([claim]) => fields.has(claim)).map(([claim, , label]) => [label, [fields.get(claim)].flat().join("、")]);
  const names = { "zh-CN": issuer.name_zh, ug: issuer.name_ug, en: issuer.name_en };
  return [
    ...told.slice(0, 1),
    [labels.license, type?.name ?? identifier.typeCode],
    [labels.until, expires === null ? labels.forever : dayText(expires - DAY / 2)],
    ...(notBefore === null ? [] : [[labels.from, dayText(notBefore)]]),
    ...told.slice(1),
    [labels.issuer, names[words.language] || issuer.name_zh || identifier.issuer],
    [labels.short, identifier.short, true],
    [labels.identifier, identifier.text, true],
  ];
}
