// What is done to elements whenever they come: those of the page, and those that a script or a fragment of the server adds later.

/** Do something to every element that a selector finds, now and later. */
export function whenever(selector, use) {
  const all = (within) => {
    if (within.matches?.(selector)) use(within);
    for (const element of within.querySelectorAll?.(selector) ?? []) use(element);
  };
  all(document.body);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) all(node);
  }).observe(document.body, { childList: true, subtree: true });
}
