// Unsaved work: the save bar says what is unsaved, leaving asks first.

import { all, on, onEveryPart, one } from "./query.js";

const changed = new Map();

export function wireUnsaved() {
  onEveryPart((part) => {
    for (const form of all("form[data-unsaved]", part)) {
      // A refused form is unsaved although nothing was typed since.
      changed.set(form, new Set(form.dataset.unsaved === "refused" ? ["*"] : []));
      show(form);
    }
  });
  for (const type of ["input", "change"]) {
    on(type, "form[data-unsaved]", (form, event) => note(form, event.target));
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-unsaved]") || event.defaultPrevented) return;
    changed.get(event.target)?.clear();
    one("[type=submit]", event.target)?.setAttribute("aria-busy", "true");
  });
  addEventListener("beforeunload", (event) => { if (isUnsaved()) event.preventDefault(); });
  on("click", "[data-discard]", () => changed.clear());
}

export const isUnsaved = () => [...changed].some(([form, names]) => form.isConnected && names.size > 0);

function note(form, field) {
  const names = changed.get(form);
  if (!names || !field.closest("form, [form]")) return;
  if (field.tagName === "TR") names.add("*row");
  else if (isAsBefore(field)) names.delete(field.name);
  else if (field.name) names.add(field.name);
  show(form);
}

function isAsBefore(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked === field.defaultChecked;
  if (field.options) return [...field.options].every((option) => option.selected === option.defaultSelected);
  // What stands in a hidden field has no value of before: whoever fills it by script says which one that was.
  return field.value === (field.dataset?.was ?? field.defaultValue);
}

function show(form) {
  const text = one("[data-changes]", form);
  if (!text) return;
  const names = changed.get(form);
  const counted = [...names].filter((name) => !name.startsWith("*")).length;
  const { none, one: single, other, some } = text.dataset;
  text.textContent = !names.size ? none : !counted ? some : counted === 1 ? single : other.replace("{n}", counted);
  text.closest(".v-save").classList.toggle("dirty", names.size > 0);
}
