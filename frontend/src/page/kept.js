// What a browser keeps for a person: nothing but choices and what was typed. Storage may be forbidden, or full.

/** A text that was kept; null without one. */
export function kept(store, name) {
  try {
    return store.getItem(`comity.${name}`);
  } catch {
    return null;
  }
}

/** Keep a text, or with null forget it. Whether it is kept now. */
export function keep(store, name, text) {
  try {
    if (text === null) store.removeItem(`comity.${name}`);
    else store.setItem(`comity.${name}`, text);
    return true;
  } catch {
    return false;
  }
}

/** The names under which something is kept. */
export function names(store) {
  try {
    return Object.keys(store)
      .filter((name) => name.startsWith("comity."))
      .map((name) => name.slice("comity.".length));
  } catch {
    return [];
  }
}

/** Who is signed in, as the page tells; the empty text for nobody. What is kept for one person is not shown to the next. */
export function person() {
  return document.body.dataset.user ?? "";
}
