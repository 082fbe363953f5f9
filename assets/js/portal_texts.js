// Texts of the portal: a preview that follows the typing, and words that are greyed while their box is off.

import { all, on, onEveryPart, one } from "./query.js";

const PAUSE = 400; // ms after the last key
const enhanced = new WeakSet();

export function wirePortalTexts() {
  onEveryPart((part) => all("[data-mail-section]", part).forEach(enhance));
  on("change", "[data-greys]", (box) => {
    const words = document.getElementById(box.dataset.greys);
    words.inert = !box.checked;
    words.classList.toggle("v-greyed", !box.checked);
  });
}

function enhance(section) {
  if (enhanced.has(section)) return;
  enhanced.add(section);
  let waiting;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(() => draw(section), PAUSE); };
  one(".v-noscript", section).hidden = true;
  section.addEventListener("input", later);
  // Whose message is shown, and where a test goes, is no change of the form.
  const tools = one("[data-preview-tools]", section);
  for (const type of ["input", "change"]) {
    tools.addEventListener(type, (event) => {
      event.stopPropagation();
      if (type === "change" && event.target.type !== "email") draw(section);
    });
  }
}

/** A fresh frame each time: what is sent into a used one would become a step of the browser's history. */
function draw(section) {
  const form = section.closest("form");
  const old = one("iframe", section);
  const frame = old.cloneNode();
  frame.removeAttribute("src");
  old.replaceWith(frame);
  const { action } = form;
  form.action = section.dataset.preview;
  form.target = frame.name;
  HTMLFormElement.prototype.submit.call(form);
  form.action = action;
  form.removeAttribute("target");
  section.dispatchEvent(new Event("look"));
}
