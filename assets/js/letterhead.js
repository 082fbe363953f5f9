// Header, signature and footer: numbered lines, fields to insert, and a preview that follows the typing.

import { smallPicture } from "./picture.js";
import { all, one, on, onEveryPart } from "./query.js";

const PAUSE = 400; // ms after the last key
const enhanced = new WeakSet();

export function wireLetterhead() {
  onEveryPart((part) => {
    all("[data-numbered]", part).forEach(number);
    all("form[data-letterhead]", part).forEach(enhance);
  });
  on("click", "button[data-field]", insert);
  on("click", "form[data-letterhead] button[data-text]", (button) => write(button.form, button.dataset.text));
  on("click", "form[data-letterhead] button[data-picks]", (button) => button.nextElementSibling.click());
  on("change", "input[data-picture]", insertPicture);
}

function number(frame) {
  const lines = one(".v-line-numbers", frame);
  const area = one("textarea", frame);
  const show = () => {
    lines.textContent = area.value.split("\n").map((_line, index) => index + 1).join("\n");
    lines.scrollTop = area.scrollTop;
  };
  area.addEventListener("input", show);
  area.addEventListener("scroll", () => { lines.scrollTop = area.scrollTop; });
  show();
}

function enhance(form) {
  if (enhanced.has(form)) return;
  enhanced.add(form);
  let last = one("#signature_html", form);
  let waiting;
  for (const element of all("[data-insert-fields], [data-insert-pictures], [data-shapes]", form)) element.hidden = false;
  one(".v-noscript", form).hidden = true;
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("textarea")) last = target;
    if (target.matches(".ProseMirror")) last = one("textarea", target.closest("section"));
  });
  form.addEventListener("insert-field", ({ target, detail }) => {
    if (target !== form) return;
    if (last.hidden) { last.dispatchEvent(new CustomEvent("insert-field", { detail })); return; }
    put(last, `{{ ${detail} }}`);
  });
  form.addEventListener("insert-html", ({ detail }) => {
    // The visual editor knows no pictures.
    if (last.hidden) one(`[data-visual="${last.id}"] [value="source"]`, form).click();
    put(last, detail);
  });
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => draw(form), PAUSE); });
  const tools = one("[data-preview-tools]", form);
  // What only changes the look is no change of the form.
  for (const type of ["input", "change"]) {
    tools.addEventListener(type, (event) => {
      event.stopPropagation();
      if (type === "change" && event.target.type !== "email") draw(form);
    });
  }
  for (const button of all("[data-shape]", tools)) {
    button.addEventListener("click", () => {
      for (const each of all("[data-shape]", tools)) {
        each.classList.toggle("on", each === button);
        each.setAttribute("aria-pressed", each === button);
      }
      const { shape } = button.dataset;
      one("[data-shown]", tools).className = `v-shown ${shape}${shape === "phone" ? " v-device" : ""}`;
      form.elements.dark.value = shape === "dark" ? "1" : "";
      draw(form);
    });
  }
}

function put(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function write(form, html) {
  form.dispatchEvent(new CustomEvent("insert-html", { detail: html }));
}

async function insertPicture(input) {
  const { form, files: [file] } = input;
  if (!file) return;
  const picture = await smallPicture(file);
  input.value = "";
  one("[data-picture-problem]", form).hidden = Boolean(picture);
  if (!picture) return;
  const name = file.name.replace(/\.[^.]*$/, "").replace(/[<>"&{}]/g, "");
  write(form, `<img src="${picture.url}" alt="${name}" width="${picture.width}">`);
}

function insert(button) {
  button.closest("form")?.dispatchEvent(new CustomEvent("insert-field", { detail: button.dataset.field }));
}

/** A fresh frame each time: what is sent into a used one would become a step of the browser's history. */
function draw(form) {
  const old = one("iframe", form);
  const frame = old.cloneNode();
  frame.removeAttribute("src");
  old.replaceWith(frame);
  const { action } = form;
  const target = form.getAttribute("target");
  form.action = form.dataset.preview;
  form.target = frame.name;
  HTMLFormElement.prototype.submit.call(form);
  form.action = action;
  if (target === null) form.removeAttribute("target");
  else form.target = target;
}
