// What is typed into a `form[data-keep=NAME]` is kept until the server has taken it, and "saved" is said only then. A server that does not
// answer, a session that ended, a text that somebody else changed meanwhile: in each case the text stays, and the page says what happened.
//
// The form's texts: data-saving, data-saved, data-not-saved, data-restored; where it has a [data-state], they are said there.

import { keep, kept, names, person } from "./kept.js";
import { say } from "./says.js";

const PATIENCE = 30_000;
const DRAFT = "draft ";

function name(form) {
  return `${DRAFT}${person()} ${location.pathname} ${form.dataset.keep}`;
}

/** The fields whose text is kept: no passwords, no files, nothing that the page itself put in. */
function fields(form) {
  return [...form.elements].filter((field) => field.name && !/^(hidden|password|file|submit|button|reset|image)$/.test(field.type));
}

function values(form) {
  return fields(form).map((field) => [field.name, /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value]);
}

function untouched(field) {
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked === field.defaultChecked;
  if (field instanceof HTMLSelectElement) return [...field.options].every((option) => option.selected === option.defaultSelected);
  return field.value === field.defaultValue;
}

function remember(form) {
  keep(sessionStorage, name(form), fields(form).every(untouched) ? null : JSON.stringify(values(form)));
}

/** Put back what was kept, if it differs from what the server says. */
function restore(form) {
  const text = kept(sessionStorage, name(form));
  if (text === null) return;
  const all = fields(form);
  JSON.parse(text).forEach(([field, value], at) => {
    if (all[at]?.name !== field) return;
    if (typeof value === "boolean") all[at].checked = value;
    else all[at].value = value;
  });
  if (all.every(untouched)) keep(sessionStorage, name(form), null);
  else tell(form, form.dataset.restored);
}

function tell(form, text) {
  const line = form.querySelector("[data-state]");
  if (line) line.textContent = text ?? "";
  else say(text, { stays: true });
}

async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const buttons = form.querySelectorAll("button, input[type=submit]");
  tell(form, form.dataset.saving);
  for (const button of buttons) button.disabled = true;
  try {
    const to = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
    const answer = await fetch(to, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
    await answered(form, answer, to);
  } catch {
    tell(form, form.dataset.notSaved);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

async function answered(form, answer, to) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.status === 401) {
    // The session ended: sent once more without us, the form brings the page to sign in, which takes along what was written.
    tell(form, form.dataset.notSaved);
    form.action = to;
    HTMLFormElement.prototype.submit.call(form);
  } else if (answer.ok) {
    keep(sessionStorage, name(form), null);
    keep(sessionStorage, "saved", form.dataset.saved ?? null);
    if (answer.url === location.href) location.reload();
    else location.assign(answer.url);
  } else if (page.querySelector("main form[data-keep]")) {
    // The page again, with what is wrong, or with what somebody else wrote beside what was sent.
    document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
    const again = document.querySelector(`form[data-keep="${CSS.escape(form.dataset.keep)}"]`);
    (document.querySelector("main [role=alert]") ?? again)?.scrollIntoView({ block: "nearest" });
    document.querySelector("main [aria-invalid=true], main [role=alert] a")?.focus();
  } else {
    tell(form, form.dataset.notSaved);
  }
}

/** Forget what was kept for other people, restore what was kept for this one, and keep what is typed from now on. */
export function drafts() {
  const own = `${DRAFT}${person()} `;
  // A page without a person is the way in: what was typed must survive it.
  if (person()) for (const other of names(sessionStorage)) if (other.startsWith(DRAFT) && !other.startsWith(own)) keep(sessionStorage, other, null);
  for (const form of document.querySelectorAll("form[data-keep]")) restore(form);
  const saved = kept(sessionStorage, "saved");
  if (saved) {
    keep(sessionStorage, "saved", null);
    say(saved);
  }
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.keep) remember(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.keep || event.defaultPrevented) return;
    event.preventDefault();
    remember(form);
    send(form, event.submitter);
  });
}
