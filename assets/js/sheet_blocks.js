// Blocks of cells: copy, paste from a spreadsheet, fill down, apply to the selected rows, and the way back.

import { BLOCK, current, fieldsIn, isCell, isEditing, isOneCell, isTyped, range, rowsOf, sheetOf } from "./sheet.js";
import { all, on, one } from "./query.js";

const done = [];
const isSecret = (field) => field.type === "password";

export function wireBlocks() {
  document.addEventListener("copy", copy);
  document.addEventListener("paste", paste);
  on("keydown", "[data-cells]", (_table, event) => {
    if (!isCell(event.target) || isEditing() || event.altKey) return;
    const key = event.key.toLowerCase();
    // What is being typed is taken back by the browser itself.
    const act = event.ctrlKey || event.metaKey ? { d: fillDown, z: !isTyped() && done.length && undo }[key] : key === "delete" && (forget() ?? clearRange());
    if (act) { event.preventDefault(); act(); }
  });
  on("click", "[data-undo]", undo);
  on("change", "[data-forget]", (box) => { done.push([[box, box.checked ? "" : "1"]]); showUndo(); });
  on("pointerdown", ".v-fill", (handle, event) => { event.preventDefault(); event.stopPropagation(); drag(handle, event); });
  on("click", "[data-do-apply]", (button, event) => { event.preventDefault(); apply(button.closest("[data-sheet]")); });
  on("change", "[data-provider]", (list) => {
    const { host = "", port = "", security = "" } = list.selectedOptions[0].dataset;
    const bar = list.closest(".v-apply");
    [host, port, security].forEach((value, place) => { all("[data-apply]", bar)[place].value = value; });
  });
  on("click", "[data-cure]", (button) => {
    const row = button.closest("tr").previousElementSibling;
    write(Object.entries(JSON.parse(button.dataset.cure)).map(([name, text]) => [fieldOf(row, name), text]));
  });
}

/** The field of a row with this name. */
export const fieldOf = (row, name) => one(`[name="r-${row.dataset.user}-${name}"]`, row);

/** Write into many fields at once: one step to undo, or a part of the last one. */
export function write(pairs, { joins = false } = {}) {
  const step = [];
  for (const [field, text] of pairs) {
    if (!field) continue;
    const before = valueOf(field);
    set(field, text);
    if (valueOf(field) !== before) step.push([field, before]);
  }
  if (!step.length) return;
  if (joins && done.length) done.at(-1).push(...step); else done.push(step);
  step.forEach(([field]) => tell(field));
  showUndo();
}

const tell = (field) => field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: BLOCK }));

const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? "1" : "") : field.value);

function set(field, text) {
  if (field.type === "checkbox") { field.checked = Boolean(text); return; }
  const value = text.replace(/[\r\n]+$/, "");
  if (!field.options) { field.value = field.type === "password" ? value : value.trim(); return; }
  const word = (one) => one.toLowerCase().replace(/[^a-z]/g, "");
  const wanted = { ssl: "tls", ssltls: "tls", tlsssl: "tls" }[word(value)] ?? word(value);
  const option = [...field.options].find((each) => each.value === wanted || word(each.text) === word(value));
  if (option) field.value = option.value;
}

export function undo() {
  const step = done.pop();
  step?.filter(([field]) => field.isConnected).forEach(([field, before]) => {
    if (field.type === "checkbox") field.checked = Boolean(before); else field.value = before;
    tell(field);
  });
  showUndo();
}

function showUndo() {
  while (done.length && !done.at(-1).some(([field]) => field.isConnected)) done.pop();
  all("[data-undo]").forEach((button) => { button.hidden = !done.length; });
}

const isBlock = (target) => isCell(target) && !isEditing() && target.type !== "checkbox";

function copy(event) {
  const box = isBlock(document.activeElement) && range();
  if (!box) return;
  event.preventDefault();
  const text = fieldsIn(box).map((row) => row.map(textOf).join("\t")).join("\n");
  event.clipboardData.setData("text/plain", text);
}

/** What a cell says to a spreadsheet; a password says nothing. */
function textOf(field) {
  if (!field || isSecret(field)) return "";
  if (field.options) return field.selectedOptions[0]?.text ?? "";
  const suffix = field.nextElementSibling;
  return field.value && suffix?.matches("[data-suffix]:not([hidden])") ? field.value + suffix.textContent : field.value;
}

function paste(event) {
  const box = isBlock(event.target) && range();
  if (!box) return;
  const text = event.clipboardData.getData("text/plain");
  if (!text) return;
  event.preventDefault();
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  write(pairsOf(box, lines));
}

/** One line into a range fills it; else the block begins at its corner and ends with the table. */
function pairsOf(box, lines) {
  const fills = lines.length === 1 && !isOneCell(box) && lines[0].length <= box.right - box.left + 1;
  const bottom = fills ? box.bottom : Math.min(box.top + lines.length - 1, box.rows.length - 1);
  const target = fieldsIn({ ...box, bottom, right: Number.MAX_SAFE_INTEGER - 1 });
  return target.flatMap((row, place) => {
    const fields = row.filter((field, column) => field || column < lines[0].length);
    return (fills ? lines[0] : lines[place]).map((text, column) => [fields[column], text]);
  });
}

function fillDown() {
  const box = range();
  if (!box) return;
  const from = isOneCell(box) || box.top === box.bottom ? { ...box, top: Math.max(box.top - 1, 0) } : box;
  fill(from);
}

/** The first row of the box into the rows below it. */
function fill(box) {
  const [first, ...below] = fieldsIn(box);
  write(below.flatMap((row) => row.map((field, column) => [field, first[column]?.value ?? ""])));
}

function clearRange() {
  const box = range();
  if (!box || isOneCell(box)) return null;
  return () => write(fieldsIn(box).flat().filter((field) => field && !field.options).map((field) => [field, ""]));
}

/** In an empty cell, Delete takes the stored password away, or leaves it where it is. */
function forget() {
  const field = current();
  const box = field && isOneCell(range()) && isSecret(field) && !field.value && one("[data-forget]", field.closest("td"));
  return box ? () => write([[box, box.checked ? "" : "1"]]) : null;
}

function drag(handle, event) {
  const box = range();
  const table = sheetOf(current());
  const rows = rowsOf(table);
  let bottom = box.bottom;
  handle.setPointerCapture(event.pointerId);
  const moved = ({ clientX, clientY }) => {
    const row = document.elementFromPoint(clientX, clientY)?.closest("tr[data-user]");
    const place = row ? rows.indexOf(row) : -1;
    if (place < 0) return;
    bottom = Math.max(place, box.bottom);
    rows.forEach((each, number) => [...each.cells].slice(box.left, box.right + 1)
      .forEach((cell) => cell.classList.toggle("in", number >= box.top && number <= bottom)));
  };
  handle.addEventListener("pointermove", moved);
  handle.addEventListener("pointerup", () => {
    handle.removeEventListener("pointermove", moved);
    if (bottom > box.bottom) fill({ ...box, bottom });
    all("td.in", table).forEach((cell) => cell.classList.remove("in"));
  }, { once: true });
}

/** What stands in the bar, into every ticked row; empty fields of the bar leave theirs alone. */
function apply(sheet) {
  const wanted = all("[data-apply]", sheet).filter((field) => field.value.trim());
  const rows = all("tbody [name=rowid]:checked", sheet).map((box) => box.closest("tr"));
  write(rows.flatMap((row) => wanted.map((field) => [fieldOf(row, field.dataset.apply), field.value])));
}
