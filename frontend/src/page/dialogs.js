// Dialogs are the browser's own: it holds the focus in them, closes them on Escape, and gives the focus back.

/** Show what only scripts can do (`[data-scripted]`), have every `[data-opens]` open its dialog, and a click beside a dialog close it. */
export function dialogs() {
  for (const element of document.querySelectorAll("[data-scripted]")) element.hidden = false;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) {
      event.preventDefault();
      open(opener.dataset.opens);
    } else if (event.target instanceof HTMLDialogElement && outside(event.target, event)) {
      event.target.close();
    }
  });
}

/** Open the dialog of an id, unless another one is open. Whether it is open now. */
export function open(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  if (document.querySelector("dialog[open]")) return dialog.open;
  dialog.showModal();
  return true;
}

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const within = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !within && (event.clientX !== 0 || event.clientY !== 0); // Enter on a button is a click at 0, 0
}
