// Lines of a document: add a row from its template, take one out, count again.

import { all, on, onEveryPart, one } from "./query.js";

export function wireLines() {
  onEveryPart((part) => all("[data-lines] [data-add]", part).forEach((button) => { button.hidden = false; }));
  on("click", "[data-add]", (button) => add(button.closest("[data-lines]")));
  on("change", "[data-lines] [name^='del-']", (box) => {
    box.closest("tr").classList.toggle("v-gone", box.checked);
  });
  on("change", ".v-choices input", (box) => sayChosen(box.closest(".v-choices")));
  // Enter in the last row begins a new one instead of sending the form.
  on("keydown", "[data-lines] tbody input", (field, event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const section = field.closest("[data-lines]");
    if (field.closest("tr") === all("tbody tr", section).at(-1)) add(section);
  });
}

/** The words of what is chosen, as the closed cell shows them. */
function sayChosen(choices) {
  const words = all("label:has(:checked)", choices).map((label) => label.textContent.trim());
  one("[data-words]", choices).textContent = words.join(", ") || choices.dataset.nothing;
}

function add(section) {
  const index = nextIndex(section);
  const body = one("tbody", section);
  const row = one("template", section).content.cloneNode(true);
  for (const element of all("*", row)) {
    for (const name of ["name", "id", "for", "value", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value?.includes("__i__")) element.setAttribute(name, value.replace("__i__", index));
    }
    const label = element.getAttribute("aria-label");
    if (label?.includes("__n__")) element.setAttribute("aria-label", label.replace("__n__", body.rows.length + 1));
  }
  body.append(row);
  const added = all("tr", body).at(-1);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: added } }));
  one("input:not([type=hidden]), select, textarea", added)?.focus();
  added.dispatchEvent(new Event("input", { bubbles: true }));
}

/** One above every index in use: gaps do not matter, doubles would. */
function nextIndex(section) {
  const pattern = new RegExp(`^(?:del-)?${section.dataset.lines}-(\\d+)`);
  const used = all("[name]", section).map((field) => Number(field.name.match(pattern)?.[1] ?? -1));
  return Math.max(-1, ...used) + 1;
}
