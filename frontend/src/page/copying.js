// Copy buttons give the real value, which the page shows defanged; one without a value gives the page's address.

import { say } from "./says.js";
import { whenever } from "./whenever.js";

/** Show every `[data-copy]`, and have it copy its value and say so, or that the browser forbids it. */
export function copying() {
  whenever("[data-copy]", (button) => (button.hidden = false));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const done = await copied(button.dataset.copy || location.href);
    button.classList.toggle("done", done);
    say(done ? document.body.dataset.copied : document.body.dataset.notCopied);
  });
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

/** Where the page is not secure (plain HTTP beyond this machine), the clipboard can only be reached by selecting. */
function copiedBySelection(text) {
  const field = document.createElement("textarea");
  const before = document.activeElement;
  field.value = text;
  field.readOnly = true;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
