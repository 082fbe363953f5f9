// The ranges of a mailing: what is wrong with one stands at its field while one writes, as after a refused form.

import { all, one, onEveryPart } from "./query.js";

const FIELDS = ["number_from", "number_to", "date_from", "date_to"].concat(...["credit", "statement"].map((kind) =>
  [`${kind}_from`, `${kind}_to`, `${kind}_date_from`, `${kind}_date_to`]));

export function wireRanges(form) {
  onEveryPart((part) => {
    const box = part.id === "range" ? part : one("#range", part);
    if (box) mark(form, JSON.parse(box.dataset.wrong));
  });
}

function mark(form, wrong) {
  for (const name of FIELDS) {
    const field = form.elements[name];
    if (!field) continue;
    const id = `${field.id}-error`;
    all(`[id="${id}"]`, form).forEach((sentence) => sentence.remove());
    field.classList.toggle("is-invalid", name in wrong);
    if (!(name in wrong)) { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); continue; }
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
    const sentence = document.createElement("div");
    sentence.className = "invalid-feedback";
    sentence.id = id;
    sentence.textContent = wrong[name];
    field.after(sentence);
  }
}
