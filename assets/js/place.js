// Going back by a link of ours finds the page as far down as it was left, as the browser's own button does.

import { on } from "./query.js";

const PLACE = "place:";
const RETURNING = "returning";

/** The same page has the same name, however its address is escaped. */
function nameOf(address) {
  const url = new URL(address, location.href);
  try {
    return decodeURIComponent(url.pathname + url.search);
  } catch {
    return url.pathname + url.search;
  }
}

/** Remember where each page was left; `data-returns` marks the links that lead back. */
export function wirePlace() {
  addEventListener("pagehide", () => {
    sessionStorage.setItem(PLACE + nameOf(location.href), String(Math.round(scrollY)));
  });
  on("click", "a[data-returns]", (link) => sessionStorage.setItem(RETURNING, nameOf(link.href)));
  const here = nameOf(location.href);
  if (sessionStorage.getItem(RETURNING) !== here) return;
  sessionStorage.removeItem(RETURNING);
  scrollTo({ top: Number(sessionStorage.getItem(PLACE + here)) || 0, behavior: "instant" });
}
