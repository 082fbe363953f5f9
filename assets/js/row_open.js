// A click anywhere in a row of a list opens its record, as the click on its name does; what a cell offers goes first.

import { on, one } from "./query.js";

const OFFERED = "a, button, input, label, select, textarea, form, .c-sel, .c-menu";
let closes = false;

export function wireRowOpen() {
  // The click that closes what stands open over the list is not meant for the row under it. None closes the tour.
  document.addEventListener("pointerdown", () => { closes = one(":popover-open:not(.v-tour)") !== null; }, true);
  on("click", "#list tbody tr", (row, { target, ctrlKey, metaKey, shiftKey }) => {
    const link = one("a.id", row);
    if (!link || closes || target.closest(OFFERED) || !getSelection().isCollapsed) return;
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
  });
}
