// The fields of addresses: each one a chip that says why it stands there.

import { all, one } from "./query.js";

const BETWEEN = /[,;\n]/;

/** `keep` has the server read what stands there, and say what is wrong with it. */
export function wireAddresses(box, keep) {
  const field = one("input", box);
  const entry = document.createElement("input");
  entry.type = "text";
  entry.autocomplete = "off";
  entry.id = `${field.id}-entry`;
  entry.dataset.notKept = "";
  entry.setAttribute("list", "compose-people");
  entry.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
  entry.setAttribute("aria-label", one(`label[for="${field.id}"]`).textContent);
  one(`label[for="${field.id}"]`).htmlFor = entry.id;
  field.type = "hidden";
  field.after(entry);
  const take = () => {
    const typed = entry.value.trim();
    entry.value = "";
    if (typed) add(box, typed, keep);
  };
  entry.addEventListener("input", (event) => {
    if (BETWEEN.test(entry.value) && !/"[^"]*$/.test(entry.value)) take();
    else if (event.inputType === "insertReplacementText" || !event.inputType) take();
    else suggest(entry.value);
  });
  entry.addEventListener("focus", () => suggest(""));
  entry.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[,;\n@]/.test(text)) return;
    event.preventDefault();
    entry.value = "";
    add(box, text, keep);
  });
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || (event.key === "Tab" && entry.value.trim())) { if (event.key === "Enter") event.preventDefault(); take(); }
    if (event.key === "Backspace" && !entry.value) { const last = all(".v-chip", box).pop(); if (last) one("button", last).click(); }
  });
  entry.addEventListener("blur", take);
  box.addEventListener("click", (event) => { if (event.target === box) entry.focus(); });
  draw(box, JSON.parse(box.dataset.chips), keep);
  if (field.autofocus) entry.focus();
}

function add(box, typed, keep) {
  const field = one("input[type=hidden]", box);
  const clean = typed.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean).join(", ").replace(/[,;\s]+$/, "");
  field.value = field.value ? `${field.value}, ${clean}` : clean;
  keep();
}

/** The chips of a field with why each is there, and below them what is wrong with any. */
export function draw(box, chips, keep) {
  if (!box) return;
  all(".v-chip", box).forEach((chip) => chip.remove());
  const field = one("input[type=hidden]", box);
  const entry = one("input:not([type=hidden])", box);
  chips.forEach((each, place) => {
    const chip = one("#compose-chip").content.firstElementChild.cloneNode(true);
    one("span", chip).textContent = each.label;
    one("small", chip).textContent = each.why;
    chip.title = each.problem || each.doubt || each.title;
    chip.classList.toggle("bad", Boolean(each.problem));
    chip.classList.toggle("doubted", Boolean(each.doubt));
    const button = one("button", chip);
    button.setAttribute("aria-label", button.dataset.words.replace("{name}", each.label));
    button.addEventListener("click", () => {
      field.value = chips.filter((_chip, other) => other !== place).map(({ typed }) => typed).join(", ");
      keep().then(() => entry.focus());
    });
    entry.before(chip);
  });
  const notes = one(`#notes-${box.dataset.addresses}`);
  const said = chips.filter(({ problem, doubt }) => problem || doubt);
  notes.replaceChildren(...said.map(({ problem, doubt }) => Object.assign(document.createElement("li"), { textContent: problem || doubt, className: problem ? "bad" : "" })));
  notes.hidden = !notes.childElementCount;
}

let asked = 0;
function suggest(typed) {
  const customer = one("[name=customer]").value;
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const answer = await fetch(`/mail/compose/people?${new URLSearchParams({ customer, query: typed })}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    one("#compose-people").replaceChildren(...(await answer.json()).map((value) => Object.assign(document.createElement("option"), { value })));
  }, 200);
}
