// What is typed into a `form[data-keep]` is kept until the server has taken it, and "saved" is said only then. A server that does not
// answer, a session that ended, a text that somebody else changed meanwhile: in each case the text stays, and the page says what happened.

import { keep, kept, names, person } from "./kept.js";
import { say } from "./says.js";

const PATIENCE = 30_000;
const DRAFT = "draft ";
/** The hidden field by which the server tells what a text was written on: kept with the text, so that it can say when that has changed. */
const BASE = "revision";
/** The hidden field by which the server knows its own pages: another one in each session (comity/doors/web/forgery.py). */
const TOKEN = "csrf";

function name(form) {
  return `${DRAFT}${person()} ${location.pathname}${location.search} ${form.dataset.keep}`;
}

/** The fields whose text is kept: no passwords, no files. */
function fields(form) {
  return [...form.elements].filter((field) => field.name && field.name !== TOKEN && !/^(password|file|submit|button|reset|image)$/.test(field.type));
}

const hidden = (field) => field.type === "hidden";
const ticked = (field) => /^(checkbox|radio)$/.test(field.type);

function untouched(field) {
  if (hidden(field)) return true;
  if (ticked(field)) return field.checked === field.defaultChecked;
  if (field instanceof HTMLSelectElement) return [...field.options].every((option) => option.selected === option.defaultSelected);
  return field.value === field.defaultValue;
}

function remember(form) {
  const all = fields(form);
  const values = all.map((field) => [field.name, ticked(field) ? field.checked : field.value]);
  keep(sessionStorage, name(form), all.every(untouched) ? null : JSON.stringify(values));
}

/** Put back what was kept, if it is about the same and differs from what the server says. */
function restore(form) {
  const text = kept(sessionStorage, name(form));
  if (text === null) return;
  const all = fields(form);
  const values = JSON.parse(text);
  const same = values.length === all.length && all.every((field, at) => field.name === values[at][0]);
  if (!same || all.some((field, at) => hidden(field) && field.name !== BASE && field.value !== values[at][1])) return;
  all.forEach((field, at) => (ticked(field) ? (field.checked = values[at][1]) : (field.value = values[at][1])));
  if (all.every(untouched)) {
    keep(sessionStorage, name(form), null);
    form.reset();
  } else {
    tell(form, "restored");
  }
}

/** Say one of the page's texts (`body[data-restored]` and so on) in the form's own status line, else in the page's. */
function tell(form, what) {
  const line = form.querySelector("[data-state]");
  if (line) line.textContent = document.body.dataset[what];
  else say(document.body.dataset[what], { stays: true });
}

async function send(form, submitter) {
  const to = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  const body = new URLSearchParams(new FormData(form, submitter));
  const buttons = form.querySelectorAll("button");
  tell(form, "saving");
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(to, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
    await answered(form, answer, to, submitter);
  } catch {
    tell(form, "notSaved");
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

async function answered(form, answer, to, submitter) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const again = page.querySelector("main:has(form[data-keep])");
  if (answer.status === 401 || page.querySelector("form[data-resumed]")) {
    // The session ended, or is another one: sent once more without us, the form brings the page that takes along what was written.
    tell(form, "notSaved");
    form.action = to;
    if (submitter?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
    HTMLFormElement.prototype.submit.call(form);
  } else if (answer.ok) {
    keep(sessionStorage, name(form), null);
    if (!("quiet" in form.dataset)) keep(sessionStorage, "saved", "yes");
    if (answer.url === location.href) location.reload();
    else location.assign(answer.url);
  } else if (again) {
    // The page again, with what is wrong, or with what somebody else wrote beside what was sent.
    tell(form, "notSaved");
    document.querySelector("main").replaceWith(document.adoptNode(again));
    again.querySelector("[aria-invalid=true]")?.focus();
    (again.querySelector("[role=alert], .notice") ?? again).scrollIntoView({ block: "nearest" });
  } else {
    tell(form, "notSaved");
  }
}

/** Forget what was kept for other people, restore what was kept for this one, and keep what is typed from now on. */
export function drafts() {
  const own = `${DRAFT}${person()} `;
  // A page without a person is the way in: what was typed must survive it.
  if (person()) for (const other of names(sessionStorage)) if (other.startsWith(DRAFT) && !other.startsWith(own)) keep(sessionStorage, other, null);
  for (const form of document.querySelectorAll("form[data-keep]")) restore(form);
  if (kept(sessionStorage, "saved")) {
    keep(sessionStorage, "saved", null);
    say(document.body.dataset.saved);
  }
  document.addEventListener("input", (event) => {
    const { form } = event.target;
    if (form?.matches("[data-keep]")) remember(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-keep]")) return;
    event.preventDefault();
    remember(form);
    send(form, event.submitter);
  });
}
