// The one registry of shortcuts. A page declares them (`data-key`), scripts give the named acts; `?` lists what is registered and no more.
// They never fire in fields or dialogs, and those of a single character can be switched off (WCAG 2.1.4).

import { keep, kept } from "./kept.js";
import { rowOf } from "./rows.js";

const PATIENCE = 1500;
/** Combinations that no text is typed with: they work when single characters are off, and in fields. */
const COMBINED = /^(Ctrl|Alt)\+/;
const TICKED = "[type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=file]";
const acts = new Map();
const extra = [];
let begun = "";
let timer;

/** Give the act of a name that shortcuts of the page refer to. It may return false: then the key does what it does otherwise. */
export function act(name, run) {
  acts.set(name, run);
}

/** Register a shortcut that no element of the page declares, as for a picture: `{ key, name, run }`. What takes it away again. */
export function register(shortcut) {
  if (registered().some((other) => other.key === shortcut.key)) throw new Error(`two shortcuts for ${shortcut.key}`);
  extra.push(shortcut);
  return () => extra.splice(extra.indexOf(shortcut), 1);
}

/** Every shortcut of the page as it is now: `{ key, name, run }`, each key once. */
export function registered() {
  const found = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const { key, act: wanted } = element.dataset;
    if (wanted && !acts.has(wanted)) continue;
    if (!found.has(key)) found.set(key, { key, name: named(element), run: wanted ? acts.get(wanted) : () => press(key) });
  }
  for (const shortcut of extra) found.set(shortcut.key, shortcut);
  return [...found.values()];
}

/** What an element is called: for whoever hears it, without signs that are only looked at. */
function named(element) {
  if (element.dataset.keyName ?? element.ariaLabel) return element.dataset.keyName ?? element.ariaLabel;
  const said = element.cloneNode(true);
  for (const sign of said.querySelectorAll("[aria-hidden=true], kbd, [hidden]")) sign.remove();
  return said.textContent.trim();
}

/** Use the element with a key; of those that rows have, only that of the row one is at. */
function press(key) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const row = rowOf(document.activeElement);
  const wanted = all.find((element) => row?.contains(element)) ?? all.find((element) => !rowOf(element));
  if (!wanted) return false;
  use(wanted);
  return true;
}

function use(element) {
  if (element.disabled) return;
  if (element.matches(FIELDS)) element.focus();
  else element.click();
}

/** Whether shortcuts of single characters are on: the node may forbid them, and a person may switch them off. */
export function switchedOn() {
  return document.body.dataset.keys !== "off" && kept(localStorage, "keys") !== "off";
}

/** What a key event is called: `j`, `?`, `Escape`, `Ctrl+k`. On a layout without Latin letters, by the place of the key. */
export function called(event) {
  let { key } = event;
  if (key.length === 1 && key > "\u007f" && /^Key[A-Z]$/.test(event.code)) key = event.code.slice(3).toLowerCase();
  if (event.ctrlKey || event.metaKey) return `Ctrl+${key.toLowerCase()}`;
  if (event.altKey) return `Alt+${key.toLowerCase()}`;
  return event.shiftKey && /^[A-Za-z]$/.test(key) ? `Shift+${key.toLowerCase()}` : key;
}

/** Fields in which keys write or choose something; a box that is ticked is none of them. */
const FIELDS = `select, textarea, [contenteditable]:not([contenteditable=false]), [role=textbox], input:not(${TICKED})`;

function typing(target) {
  return target instanceof Element && target.closest(FIELDS);
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const key = called(event);
  const combined = COMBINED.test(key);
  if (!combined && (typing(event.target) || !switchedOn())) return;
  const shortcuts = registered();
  const wanted = begun ? `${begun} ${key}` : key;
  clearTimeout(timer);
  begun = "";
  const found = shortcuts.find((shortcut) => shortcut.key === wanted);
  if (found) {
    if (found.run(event) !== false) event.preventDefault();
  } else if (!combined && shortcuts.some((shortcut) => shortcut.key.startsWith(`${wanted} `))) {
    begun = wanted;
    timer = setTimeout(() => (begun = ""), PATIENCE);
    event.preventDefault();
  }
}

/** Listen, and fill the dialog that lists the shortcuts whenever it opens. */
export function shortcuts() {
  document.addEventListener("keydown", pressed);
  const dialog = document.querySelector("dialog#shortcuts");
  if (!dialog) return;
  const choice = dialog.querySelector("[data-keys-switch]");
  act("keys", () => {
    list(dialog.querySelector("[data-keys-list]"));
    choice.checked = switchedOn();
    dialog.showModal();
  });
  document.querySelector("[data-opens=shortcuts]")?.addEventListener("click", () => list(dialog.querySelector("[data-keys-list]")));
  choice.disabled = document.body.dataset.keys === "off";
  choice.checked = switchedOn();
  choice.addEventListener("change", () => keep(localStorage, "keys", choice.checked ? null : "off"));
}

function list(into) {
  into.replaceChildren(
    ...registered().flatMap(({ key, name }) => {
      const term = document.createElement("dt");
      for (const part of key.split(" ")) {
        const cap = document.createElement("kbd");
        cap.textContent = part;
        term.append(cap, " ");
      }
      const said = document.createElement("dd");
      said.textContent = name;
      return [term, said];
    }),
  );
}
