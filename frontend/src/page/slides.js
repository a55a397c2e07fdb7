// A slider through time: it counts days from a date, sets the date field that it is for, and sends the form once it is let go.

const DAY = 86_400_000;

/** Have every `[data-slides]` set its field. */
export function slides() {
  document.addEventListener("input", (event) => {
    const field = fieldOf(event.target);
    if (!field) return;
    const at = new Date(Date.parse(event.target.dataset.since) + Number(event.target.value) * DAY);
    field.value = at.toISOString().slice(0, 10);
    event.target.setAttribute("aria-valuetext", field.value);
  });
  document.addEventListener("change", (event) => fieldOf(event.target)?.form.requestSubmit());
}

function fieldOf(slider) {
  return slider.dataset?.slides ? document.getElementById(slider.dataset.slides) : null;
}
