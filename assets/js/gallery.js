// The gallery of a mailing: the list keeps its place when another message is shown.

import { one } from "./query.js";

const list = () => one("#gallery [data-keeps-scroll]");

export function wireGallery() {
  let kept = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "gallery") kept = list()?.scrollTop ?? 0;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "gallery") show(kept);
  });
  show(0);
}

/** Scroll the list, and nothing around it, so far that the current row can be seen. */
function show(from) {
  const rows = list();
  if (!rows) return;
  rows.scrollTop = from;
  const row = one("[aria-current]", rows);
  if (!row) return;
  const top = row.offsetTop;
  const bottom = top + row.offsetHeight - rows.clientHeight;
  if (top < rows.scrollTop) rows.scrollTop = top;
  else if (bottom > rows.scrollTop) rows.scrollTop = bottom;
}
