// Checks proofs in the browser, without asking the node: on an entry's page the page itself, elsewhere a file that is chosen or dropped.
//
//   [data-check]       where the outcome is shown; data-proof: the proof to check at once, data-log: the log's key. In it stand
//     [data-step=NAME]   a step of the check, with its sign in [data-sign]
//     [data-verdict]     the outcome; its texts: data-yes, data-no, data-unsigned, data-cannot
//     [data-found]       what the proof says, in a [data-told=NAME] for each; hidden until it was checked
//     input[type=file], [data-log-key]   a file of one's own, and the key to check it with
//   [data-proven=NAME]   what the page says outside of it, to be compared with what was worked out

import { utf8 } from "./ledger/bytes.js";
import { verify } from "./ledger/proof.js";

const SIGNS = { yes: "\u2713", no: "\u2715", unknown: "?" };
/** What a page shows as U+FFFD (comity/doors/web/show.py). */
const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

for (const place of document.querySelectorAll("[data-check]")) begin(place);

function begin(place) {
  place.hidden = false;
  if (!globalThis.crypto?.subtle) {
    conclude(place, "cannot", "no");
    return;
  }
  const { proof, log } = place.dataset;
  if (proof) check(place, utf8(proof), log);
  const input = place.querySelector("input[type=file]");
  if (input) files(place, input);
}

/** Check a file whenever one is chosen or dropped, and again whenever the key is changed. */
function files(place, input) {
  let bytes = null;
  const key = place.querySelector("[data-log-key]");
  const again = () => bytes && check(place, bytes, key.value.trim());
  const take = async (file) => {
    if (!file) return;
    bytes = new Uint8Array(await file.arrayBuffer());
    again();
  };
  input.addEventListener("change", () => take(input.files[0]));
  key.addEventListener("input", again);
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
}

async function check(place, bytes, key) {
  clear(place);
  const shown = await verify(bytes, key, (name, outcome) => mark(place, name, outcome));
  if (!shown) return conclude(place, "no", "no");
  place.querySelector("[data-found]")?.removeAttribute("hidden");
  for (const told of place.querySelectorAll("[data-told]")) told.textContent = String(shown[told.dataset.told] ?? "");
  const agrees = place.dataset.proof ? compare(shown) : true;
  if (place.dataset.proof) mark(place, "page", agrees ? "yes" : "no");
  if (!agrees) return conclude(place, "no", "no");
  return shown.signed ? conclude(place, "yes", "yes") : conclude(place, "unsigned", "unknown");
}

/** Whether every hash that the page shows is the one that was worked out; each says so itself. */
function compare(shown) {
  let agrees = true;
  for (const said of document.querySelectorAll("[data-proven]")) {
    const [name, at] = said.dataset.proven.split(".");
    const expected = at === undefined ? shown[name] : shown[name][Number(at)];
    const right = said.textContent.trim() === String(expected).trim().replace(UNSAFE, "\ufffd");
    said.classList.toggle("proven", right);
    said.classList.toggle("disproven", !right);
    agrees &&= right;
  }
  return agrees && document.querySelectorAll('[data-proven^="results."]').length === shown.results.length;
}

function clear(place) {
  delete place.dataset.outcome;
  place.querySelector("[data-verdict]").textContent = "";
  for (const step of place.querySelectorAll("[data-step]")) {
    step.classList.remove(...Object.keys(SIGNS));
    step.querySelector("[data-sign]").textContent = "\u2013";
  }
  place.querySelector("[data-found]")?.setAttribute("hidden", "");
}

function mark(place, name, outcome) {
  const step = place.querySelector(`[data-step=${name}]`);
  step.hidden = false;
  step.classList.add(outcome);
  step.querySelector("[data-sign]").textContent = SIGNS[outcome];
}

function conclude(place, text, outcome) {
  const verdict = place.querySelector("[data-verdict]");
  verdict.textContent = verdict.dataset[text];
  place.dataset.outcome = outcome;
}
