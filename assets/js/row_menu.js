// One menu for all rows of a list. Without script its button is a link to the record.

import { all, on, one } from "./query.js";
import { place } from "./popovers.js";

export function wireRowMenu() {
  on("click", "[data-menu]", (button, event) => {
    const menu = one("#row-menu");
    if (!menu || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (menu.matches(":popover-open")) {
      menu.hidePopover();
      if (menu.opener === button) return;
    }
    fill(menu, button);
    menu.opener = button;
    menu.showPopover();
    place(menu, button);
  });
  on("click", "#row-menu .dropdown-item", () => one("#row-menu").hidePopover());
}

/** Point every entry at the row; entries that its state does not allow are shown, disabled. */
function fill(menu, button) {
  const off = (button.dataset.off ?? "").split(" ");
  menu.setAttribute("aria-label", button.getAttribute("aria-label"));
  for (const entry of all("[data-url]", menu)) {
    const url = entry.dataset.url.replace("__id__", encodeURIComponent(button.dataset.menu));
    if (entry.tagName === "FORM") entry.setAttribute("action", url);
    else entry.setAttribute("href", url);
  }
  for (const entry of all("[data-name]", menu)) {
    const refused = off.includes(entry.dataset.name);
    if (entry.tagName === "BUTTON") entry.disabled = refused;
    else if (refused) { entry.removeAttribute("href"); entry.setAttribute("aria-disabled", "true"); }
    else entry.removeAttribute("aria-disabled");
  }
}
