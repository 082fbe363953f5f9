// Preferences of the portal: its picture in small follows what is typed.

import { all, on, onEveryPart, one } from "./query.js";

const COLOUR = /^#[0-9a-f]{6}$/i;
const enhanced = new WeakSet();

export function wirePreferences() {
  onEveryPart((part) => all("[data-portal-preferences]", part).forEach(enhance));
  on("input", "[data-copies-to]", (swatch) => {
    const field = document.getElementById(swatch.dataset.copiesTo);
    field.value = swatch.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function enhance(form) {
  if (enhanced.has(form)) return;
  enhanced.add(form);
  const mini = one("[data-portal-mini]");
  const draw = () => show(form, mini);
  form.addEventListener("input", draw);
  form.addEventListener("change", draw);
  draw();
}

function show(form, mini) {
  const { title, brand_color: colour, allow_edit: edits } = form.elements;
  one("[data-mini=title]", mini).textContent = title.value;
  one("[data-mini=initial]", mini).textContent = title.value.slice(0, 1);
  const reads = ({ lang }) => lang === document.documentElement.lang; // each customer reads their language first, like us
  const texts = all("[data-banner]", form).sort((one, other) => reads(other) - reads(one));
  const words = texts.map(({ value }) => new DOMParser().parseFromString(value, "text/html").body.textContent.trim());
  const banner = one("[data-mini=banner]", mini);
  one("p", banner).textContent = words.find(Boolean) ?? "";
  banner.hidden = !words.some(Boolean);
  for (const name of ["show_sales_orders", "show_projects"]) one(`[data-mini=${name}]`, mini).hidden = !form.elements[name].checked;
  if (COLOUR.test(colour.value)) {
    for (const { style } of [mini, one("[data-in-colour]", form)]) {
      style.setProperty("--v-brand", colour.value);
      style.setProperty("--v-brand-fg", isDark(colour.value) ? "#ffffff" : "#15202b");
    }
  }
  one(".v-sub", form).inert = !edits.checked;
  one(".v-sub", form).classList.toggle("v-greyed", !edits.checked);
}

function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 150;
}
