// Lists by keyboard: j and k move the real focus from row to row, to the first link of each, so Enter and Ctrl+Enter are the browser's own.

import { keep, kept } from "./kept.js";
import { LINK, rows } from "./rows.js";
import { act } from "./shortcuts.js";


/** Give the acts `next`, `previous` and `leave`, and remember which row was opened. */
export function lists() {
  act("next", () => step(1));
  act("previous", () => step(-1));
  act("leave", leave);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a");
    if (link && links().includes(link)) keep(sessionStorage, place(), link.getAttribute("href"));
  });
  stay();
}

/** Whoever acts on a row by its own button goes on at the same place of the list that comes back. */
function stay() {
  const name = `acted ${location.pathname}`;
  const at = kept(sessionStorage, name);
  keep(sessionStorage, name, null);
  if (at !== null) rows()[Math.min(Number(at), rows().length - 1)]?.querySelector(LINK).focus();
  document.addEventListener("submit", (event) => {
    const index = rows().findIndex((row) => row.contains(event.submitter));
    if (index >= 0) keep(sessionStorage, name, String(index));
  });
}

function place() {
  return `row ${location.pathname}`;
}

function links() {
  return rows().map((row) => row.querySelector(LINK));
}

function step(by) {
  const all = rows();
  if (all.length === 0) return false;
  let at = all.findIndex((row) => row.contains(document.activeElement));
  if (at < 0) {
    // The first step goes to the row that was opened last, else to the first one.
    const last = kept(sessionStorage, place());
    at = Math.max(0, all.findIndex((row) => row.querySelector(LINK).getAttribute("href") === last)) - by;
  }
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  next.querySelector(LINK).focus();
  next.scrollIntoView({ block: "nearest" });
}

function leave() {
  const up = document.querySelector("a[data-up], main .crumbs a:last-of-type");
  if (rows().some((row) => row.contains(document.activeElement))) document.activeElement.blur();
  else if (up) up.click();
  else if (document.referrer.startsWith(`${location.origin}/`)) location.assign(document.referrer);
}
