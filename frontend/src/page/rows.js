// The rows of a page: each [data-item] in a [data-list]; on a page without any, the rows of its tables.

/** Of a row, the first of these is what it is about. */
export const LINK = "a[href]";
const ITEMS = "main [data-list] [data-item]";
const ROWS = "main table > tbody > tr";

/** Those with a link that is shown. */
export function rows() {
  const items = document.querySelectorAll(ITEMS);
  return [...(items.length ? items : document.querySelectorAll(ROWS))].filter((row) => row.querySelector(LINK)?.offsetParent);
}

/** The row that an element stands in; null for none. */
export function rowOf(element) {
  return element?.closest(ITEMS) ?? element?.closest(ROWS) ?? null;
}
