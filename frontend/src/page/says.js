// What is said to whoever listens to the page instead of looking at it, and shown for a while to whoever looks.

const LASTS = 4000;

/** Say a text in the page's status line: `[data-says]`, a polite live region. A text that `stays` is not taken away. */
export function say(text, { stays = false } = {}) {
  const line = document.querySelector("[data-says]");
  if (!line || !text) return;
  clearTimeout(line.timer);
  line.textContent = text;
  line.hidden = false;
  if (!stays) line.timer = setTimeout(() => unsay(), LASTS);
}

/** Take away what was said. */
export function unsay() {
  const line = document.querySelector("[data-says]");
  if (!line) return;
  line.textContent = "";
  line.hidden = true;
}
