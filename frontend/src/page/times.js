// Times in UTC, as the server writes them, or in the reader's own zone; the tooltip has the other.

import { keep, kept } from "./kept.js";
import { whenever } from "./whenever.js";

/** What says a moment; in a picture it is text, which has no `dateTime`. */
const TIMES = "time[datetime]:not([data-clock]), text[data-moment]";
const two = (number) => String(number).padStart(2, "0");

/** Whether the reader chose local time. */
export function local() {
  return kept(localStorage, "times") === "local";
}

/** A moment as `2021-11-01 09:00:12` in the reader's zone, or in UTC. */
export function written(moment, inLocal) {
  if (!inLocal) return `${moment.toISOString().slice(0, 19).replace("T", " ")}`;
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/** The zone of a moment in the reader's time: `UTC+05:30`. */
export function zone(moment) {
  const minutes = -moment.getTimezoneOffset();
  const off = Math.abs(minutes);
  return minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "\u2212" : "+"}${two(Math.floor(off / 60))}:${two(off % 60)}`;
}

function show(time) {
  const moment = new Date(time.dateTime ?? time.dataset.moment);
  // Only what is a time of day is converted: a day or a month stands for itself in every zone.
  const shown = time.dataset.shown ?? time.textContent.trim();
  if (Number.isNaN(moment.valueOf()) || !/\d{2}:\d{2}/.test(shown)) return;
  time.dataset.shown = shown;
  const ours = local();
  time.textContent = written(moment, ours).slice(0, Math.max(16, shown.length));
  time.title = ours ? `${written(moment, false)} UTC` : `${written(moment, true)} ${zone(moment)}`;
}

function everything() {
  const now = new Date();
  for (const time of document.querySelectorAll(TIMES)) show(time);
  for (const said of document.querySelectorAll("[data-utc][data-local]")) {
    said.textContent = local() ? said.dataset.local.replace("{zone}", zone(now)) : said.dataset.utc;
  }
  for (const button of document.querySelectorAll("[data-time]")) {
    button.setAttribute("aria-pressed", String((button.dataset.time === "local") === local()));
  }
}

function choose(inLocal) {
  keep(localStorage, "times", inLocal ? "local" : null);
  everything();
  document.dispatchEvent(new CustomEvent("comity:times", { detail: { local: inLocal } }));
}

/** The clocks go on from the moment that the server drew the page, whatever the clock of this machine says. */
function clocks() {
  const [first] = document.querySelectorAll("time[data-clock]");
  if (!first) return;
  const ahead = new Date(first.dateTime) - performance.timeOrigin;
  const tick = () => {
    const now = new Date(performance.timeOrigin + performance.now() + ahead);
    for (const clock of document.querySelectorAll("time[data-clock]")) {
      const ours = clock.dataset.clock === "local";
      clock.textContent = `${written(now, ours).slice(11, 16)} ${ours ? zone(now) : "UTC"}`;
      clock.hidden = ours && zone(now) === "UTC";
    }
  };
  tick();
  setInterval(tick, 5_000);
}

/** Show every time as the reader chose, also those that come later; `[data-time]` buttons, shown now, change the choice. */
export function times() {
  for (const group of document.querySelectorAll("[data-times]")) group.hidden = false;
  everything();
  whenever(TIMES, show);
  clocks();
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-time]");
    if (button) choose(button.dataset.time === "local");
  });
  // Another tab chose.
  addEventListener("storage", (event) => {
    if (event.key === "comity.times") everything();
  });
}
