// Menus on <details> close when one clicks elsewhere or presses Escape.

import { all } from "./query.js";

export function wireFolding() {
  const others = (target) => all("details[data-closes][open]").filter((details) => !details.contains(target));
  document.addEventListener("click", (event) => others(event.target).forEach((details) => { details.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details[data-closes][open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
}
