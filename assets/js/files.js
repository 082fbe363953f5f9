// Files: say at once what is too large, before it is sent for nothing.

import { on, one } from "./query.js";

export function wireFiles() {
  on("change", "input[type=file][data-most]", (field) => {
    const isTooLarge = [...field.files].some((file) => file.size > Number(field.dataset.most));
    if (isTooLarge) field.value = "";
    say(field, isTooLarge ? field.dataset.tooLarge : "");
  });
}

function say(field, sentence) {
  const place = field.parentElement;
  let note = one(".v-file-e", place);
  if (!note && sentence) {
    note = document.createElement("div");
    note.className = "invalid-feedback v-file-e";
    note.setAttribute("role", "alert");
    field.after(note);
  }
  if (note) note.textContent = sentence;
  field.classList.toggle("is-invalid", Boolean(sentence));
}
