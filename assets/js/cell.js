// A cell of a list is edited in a popover over it: Escape or a click elsewhere leaves it as it was.

import { all, on, onEveryPart, one } from "./query.js";

export function wireCells() {
  onEveryPart((part) => {
    const forms = part.matches?.(".v-incell") ? [part] : all(".v-incell", part);
    forms.forEach((form) => {
      form.opener = form.closest("td");
      form.showPopover();
      one("select, input:not([type=hidden]), textarea", form)?.focus();
    });
  });
  // The form is added to the cell: what it showed stays under it.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.tagName === "TD" && detail.serverResponse.includes("v-incell")) detail.swapOverride = "beforeend";
  });
  on("click", ".v-incell [data-cancel]", (button) => button.form.hidePopover());
  document.addEventListener("toggle", ({ target, newState }) => {
    if (!target.matches?.(".v-incell") || newState !== "closed") return;
    const link = one(".v-edit", target.closest("td") ?? document);
    target.remove();
    link?.focus();
  }, true);
}
