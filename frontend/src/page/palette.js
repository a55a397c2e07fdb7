// The command palette: where one can go, what was open last, and what the server finds. The server's list is a page of its own
// (`data-from`), so whatever stands in it has passed the same filters as every page, and without scripts it works as a page.

import { keep, kept, person } from "./kept.js";
import { act } from "./shortcuts.js";

const WAIT = 80;
const RECENT = 12;
const OBJECT = /^\/o\/([a-z0-9-]+--[0-9a-f-]{36})/;

/** Give the act `palette`, which opens it, and remember the object of this page among the recent ones. */
export function palette() {
  const dialog = document.querySelector("dialog#palette");
  if (!dialog) {
    keep(localStorage, "recent", null); // nobody is signed in: the next person starts afresh
    return;
  }
  const opened = location.pathname.match(OBJECT)?.[1];
  if (opened) keep(localStorage, "recent", JSON.stringify({ person: person(), ids: [opened, ...recent().filter((id) => id !== opened)].slice(0, RECENT) }));
  const found = new Palette(dialog);
  act("palette", () => found.open());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-palette]")) return;
    event.preventDefault();
    found.open();
  });
}

function recent() {
  try {
    const said = JSON.parse(kept(localStorage, "recent") ?? "{}");
    return said.person === person() ? said.ids : [];
  } catch {
    return [];
  }
}

class Palette {
  constructor(dialog) {
    this.dialog = dialog;
    this.field = dialog.querySelector("[role=combobox]");
    this.list = dialog.querySelector("[role=listbox]");
    this.none = dialog.querySelector("[data-none]");
    this.asked = 0;
    this.field.addEventListener("input", () => this.look());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.chosen()?.click();
    });
  }

  open() {
    if (document.querySelector("dialog[open]")) return;
    this.field.value = "";
    this.dialog.showModal();
    this.field.focus();
    this.show(this.places(""), []);
    this.look();
  }

  /** The places of the main navigation: shown at once, without asking. */
  places(text) {
    const wanted = text.trim().toLowerCase();
    return [...document.querySelectorAll("[data-place]")].filter((link) => link.textContent.toLowerCase().includes(wanted)).map((link) => option(link));
  }

  look() {
    const text = this.field.value;
    this.show(this.places(text), this.answers ?? []);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(text), text ? WAIT : 0);
  }

  async ask(text) {
    const turn = ++this.asked;
    const about = new URLSearchParams([["q", text], ...recent().map((id) => ["recent", id])]);
    let answers = [];
    try {
      const answer = await fetch(`${this.dialog.dataset.from}?${about}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) answers = [...page.querySelectorAll("[data-answers] a[href]")].map((link) => option(document.adoptNode(link)));
    } catch {
      // The places still work; a later key asks again.
    }
    if (turn !== this.asked) return;
    this.answers = answers;
    this.show(this.places(text), answers, true);
  }

  show(places, answers, asked = false) {
    const before = this.chosen()?.getAttribute("href");
    this.list.replaceChildren(...places, ...answers);
    this.none.hidden = !asked || this.list.children.length > 0;
    const options = [...this.list.children];
    options.forEach((each, at) => (each.id = `palette-${at}`));
    this.choose(options.find((each) => each.getAttribute("href") === before) ?? options[0]);
  }

  chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  choose(wanted) {
    for (const each of this.list.children) each.setAttribute("aria-selected", String(each === wanted));
    if (wanted) {
      this.field.setAttribute("aria-activedescendant", wanted.id);
      wanted.scrollIntoView({ block: "nearest" });
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  pressed(event) {
    const options = [...this.list.children];
    const at = options.indexOf(this.chosen());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      this.choose(options[(at + step + options.length) % options.length]);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (this.chosen()) window.open(this.chosen().href, "_blank", "noopener");
    }
  }
}

function option(link) {
  const made = document.createElement("a");
  made.href = link.getAttribute("href");
  made.append(...[...link.cloneNode(true).childNodes]);
  made.setAttribute("role", "option");
  made.tabIndex = -1;
  return made;
}
