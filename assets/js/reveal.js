// Small helps of a field: show a password, copy a value.

import { on, onEveryPart, all, one } from "./query.js";

export function wireReveal() {
  onEveryPart((part) => all("[data-reveal], [data-copy], [data-copy-from]", part).forEach((button) => { button.hidden = false; }));
  on("click", "[data-reveal]", (button) => {
    const field = one("input", button.parentElement);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
  on("click", "[data-copy], [data-copy-from]", async (button) => {
    const from = button.dataset.copyFrom;
    await navigator.clipboard?.writeText(from ? document.getElementById(from).textContent : button.dataset.copy);
    button.setAttribute("data-copied", "");
  });
}
