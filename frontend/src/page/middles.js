// A picture that is wider or higher than its frame begins with what it is about in the middle, not with an edge.

/** Bring into the middle of every `[data-middle]` what that attribute's selector finds in it. */
export function middles() {
  for (const frame of document.querySelectorAll("[data-middle]")) {
    const about = frame.querySelector(frame.dataset.middle)?.getBoundingClientRect();
    if (!about) continue;
    const around = frame.getBoundingClientRect();
    frame.scrollLeft += about.x + about.width / 2 - (around.x + around.width / 2);
    frame.scrollTop += about.y + about.height / 2 - (around.y + around.height / 2);
  }
}
