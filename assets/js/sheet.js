// A table to type in like a spreadsheet: moving, ranges, editing. A page without script has the same fields as a form.
// One cell can be reached by Tab (roving tabindex); inside, arrows move, Enter or F2 edit, Esc restores.

import { all, on, onEveryPart, one } from "./query.js";
import { wireBlocks } from "./sheet_blocks.js";
import { wireSheetChanges } from "./sheet_changes.js";

const CONTROL = "input:not([type=hidden]), select, a";
const PAGE = 10;
export const BLOCK = "insertReplacementText"; // the kind of input that a block of cells is
// The cell one is in, the other end of a range, whether its text is being edited, what it held, whether Tab leaves.
const at = { field: null, anchor: null, isEditing: false, before: "", isTyped: false, leaves: false };

export const sheetOf = (element) => element?.closest?.("[data-cells]");
export const rowsOf = (table) => all("tbody > tr[data-user]", table);
export const controlOf = (cell) => cell && one(CONTROL, cell);
export const isText = (field) => field.matches("input:not([type=checkbox])");
const isShown = (cell) => cell.checkVisibility?.() ?? true;

export function wireSheet() {
  onEveryPart((part) => {
    all("[data-cells]", part).forEach(begin);
    if (part !== document && part.closest("[data-cells]")) all("a", part).forEach((link) => { link.tabIndex = -1; });
  });
  document.addEventListener("focusin", ({ target }) => { if (isCell(target)) enter(target); });
  document.addEventListener("pointerdown", pointed);
  on("dblclick", "[data-cells]", (_table, { target }) => { if (isCell(target)) edit(); });
  on("keydown", "[data-cells]", (table, event) => { if (isCell(event.target)) pressed(table, event); });
  on("input", "[data-cells]", (_table, { target, inputType }) => {
    if (target === at.field) at.isTyped = inputType !== BLOCK;
  });
  on("click", "[data-more]", (button) => {
    const isOpen = button.closest("[data-sheet]").classList.toggle("all");
    button.setAttribute("aria-expanded", isOpen);
  });
  wireBlocks();
  wireSheetChanges();
}

function begin(table) {
  at.field = at.anchor = null;
  all(CONTROL, one("tbody", table)).forEach((field) => { if (!field.closest(".v-told")) field.tabIndex = -1; });
  const first = one("tbody .k-address input, tbody .k-imap_host input, tbody input[type=checkbox]", table);
  if (first) first.tabIndex = 0;
  all("[data-more]", table).forEach((button) => { button.hidden = false; });
}

export const isCell = (element) => Boolean(element?.matches?.(CONTROL) && element.closest("[data-cells] tr[data-user]"));

function enter(field) {
  if (field === at.field) return;
  if (at.field) at.field.tabIndex = -1;
  Object.assign(at, { field, isEditing: false, isTyped: false, before: field.value, leaves: false });
  if (!at.keepsRange) at.anchor = null;
  at.keepsRange = false;
  field.tabIndex = 0;
  if (isText(field)) field.select();
  showRange();
}

/** A first click goes to the cell, a second one into its text; with Shift it draws a range. */
function pointed(event) {
  const { target } = event;
  if (!isCell(target) || event.button) return;
  if (event.shiftKey && at.field && target !== at.field && target.type !== "checkbox") {
    event.preventDefault();
    const anchor = at.anchor ?? at.field;
    goTo(target, anchor);
  } else if (target === at.field) {
    at.isEditing = isText(target);
    at.anchor = null;
    showRange();
  } else if (isText(target)) {
    event.preventDefault();
    target.focus();
  }
}

function goTo(field, anchor = null) {
  at.keepsRange = Boolean(anchor);
  at.anchor = anchor;
  field.focus();
  field.closest("td, th").scrollIntoView({ block: "nearest", inline: "nearest" });
  showRange();
}

/** Where a field stands: the number of its row, and of its cell in the row. */
export function placeOf(field) {
  const cell = field.closest("td, th");
  const row = cell.closest("tr");
  return { row: rowsOf(row.closest("table")).indexOf(row), column: cell.cellIndex };
}

/** The rows and columns of the range, or of the one cell. */
export function range() {
  if (!at.field?.isConnected) return null;
  const table = sheetOf(at.field);
  const [from, to] = [placeOf(at.anchor ?? at.field), placeOf(at.field)];
  return {
    table, rows: rowsOf(table),
    top: Math.min(from.row, to.row), bottom: Math.max(from.row, to.row),
    left: Math.min(from.column, to.column), right: Math.max(from.column, to.column),
  };
}

export const isOneCell = (box) => box.top === box.bottom && box.left === box.right;
export const isEditing = () => at.isEditing;
export const isTyped = () => at.isTyped;
export const current = () => at.field;

/** The controls of a range, row by row; null where a cell holds none to type in. */
export function fieldsIn({ rows, top, bottom, left, right }) {
  return rows.slice(top, bottom + 1).map((row) => [...row.cells].slice(left, right + 1)
    .filter(isShown).map((cell) => one("input:not([type=hidden], [type=checkbox]), select", cell)));
}

function showRange() {
  all("[data-cells] td.in").forEach((cell) => cell.classList.remove("in"));
  all(".v-fill").forEach((handle) => handle.remove());
  const box = range();
  if (!box || box.top < 0) return;
  if (!isOneCell(box)) {
    box.rows.slice(box.top, box.bottom + 1).forEach((row) => [...row.cells].slice(box.left, box.right + 1).forEach((cell) => cell.classList.add("in")));
  }
  const corner = box.rows[box.bottom]?.cells[box.right];
  if (corner && one("input:not([type=hidden], [type=checkbox]), select", corner)) showHandle(corner);
}

/** The handle lies over the table, not in it: the table would be laid out again with every step. */
function showHandle(corner) {
  const scroll = corner.closest(".v-scroll");
  const [cell, place] = [corner.getBoundingClientRect(), scroll.getBoundingClientRect()];
  const handle = document.createElement("span");
  handle.className = "v-fill";
  handle.setAttribute("aria-hidden", "true");
  handle.style.left = `${cell.right - place.left + scroll.scrollLeft}px`;
  handle.style.top = `${cell.bottom - place.top}px`;
  scroll.append(handle);
}

function edit() {
  if (!at.field) return;
  if (at.field.matches("select")) { at.field.showPicker?.(); return; }
  if (!isText(at.field)) return;
  at.isEditing = true;
  at.field.setSelectionRange(at.field.value.length, at.field.value.length);
}

function pressed(table, event) {
  const act = at.isEditing ? whileEditing(event) : whileMoving(table, event);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function whileEditing(event) {
  switch (event.key) {
    case "Escape": return restore;
    case "Enter": return () => move(event.shiftKey ? -1 : 1, 0);
    case "Tab": return beside(event);
    default: return null;
  }
}

function whileMoving(table, event) {
  const far = event.ctrlKey || event.metaKey;
  const anchor = event.shiftKey ? at.anchor ?? at.field : null;
  const step = (rows, columns) => () => move(rows, columns, { anchor, far });
  if (event.altKey) return event.key === "ArrowDown" && at.field.matches("select") ? edit : null;
  switch (event.key) {
    case "ArrowUp": return step(-1, 0);
    case "ArrowDown": return step(1, 0);
    case "ArrowLeft": return step(0, -1);
    case "ArrowRight": return step(0, 1);
    case "PageUp": return step(-PAGE, 0);
    case "PageDown": return step(PAGE, 0);
    case "Home": return () => edge(table, far, true, anchor);
    case "End": return () => edge(table, far, false, anchor);
    case "F2": return edit;
    case "Enter":
      if (at.field.matches("a")) return null;
      if (at.field.type === "checkbox") return () => at.field.click();
      return at.isTyped || event.shiftKey ? () => move(event.shiftKey ? -1 : 1, 0) : edit;
    case "Tab": return at.leaves ? leave() : beside(event);
    case "Escape": return escape;
    case "a": return far ? () => whole(table) : null;
    default: at.anchor &&= event.key.length === 1 && !far ? null : at.anchor; return null;
  }
}

/** Restores what was typed; then gives up a range; then lets Tab out of the table. */
function escape() {
  if (at.isTyped) { restore(); return; }
  if (at.anchor) { at.anchor = null; showRange(); return; }
  at.leaves = true;
}

function restore() {
  at.isEditing = at.isTyped = false;
  if (at.field.value !== at.before) {
    at.field.value = at.before;
    at.field.dispatchEvent(new Event("input", { bubbles: true }));
    at.isTyped = false;
  }
  if (isText(at.field)) at.field.select();
}

/** Tab goes on to the next thing after the table by itself, since only one cell can be reached by it. */
function leave() {
  all("tbody a, tbody button", sheetOf(at.field)).forEach((element) => { element.tabIndex = -1; });
  return null;
}

function beside(event) {
  const table = sheetOf(at.field);
  const step = event.shiftKey ? -1 : 1;
  const order = rowsOf(table).flatMap((row) => controls(row));
  const next = order[order.indexOf(controlOf(at.field.closest("td, th"))) + step];
  return next ? () => goTo(next) : null;
}

const controls = (row) => [...row.cells].filter(isShown).map(controlOf).filter(Boolean);

function move(rows, columns, { anchor = null, far = false } = {}) {
  const table = sheetOf(at.field);
  const place = placeOf(at.field);
  const list = rowsOf(table);
  at.isEditing = false;
  if (rows) {
    const to = far ? (rows < 0 ? 0 : list.length - 1) : Math.min(Math.max(place.row + rows, 0), list.length - 1);
    const step = Math.sign(rows);
    for (let row = to; row >= 0 && row < list.length; row -= step) {
      const field = controlOf(list[row].cells[place.column]);
      if (field) { goTo(field, anchor); return; }
      if (row === place.row) return;
    }
    return;
  }
  const cells = controls(list[place.row]);
  const here = cells.indexOf(controlOf(at.field.closest("td, th")));
  const to = far ? (columns < 0 ? 0 : cells.length - 1) : Math.min(Math.max(here + columns, 0), cells.length - 1);
  goTo(cells[to], anchor);
}

function edge(table, far, isBegin, anchor) {
  const list = rowsOf(table);
  const row = far ? list.at(isBegin ? 0 : -1) : at.field.closest("tr");
  const cells = controls(row).filter((field) => !anchor || field.type !== "checkbox");
  goTo(cells.at(isBegin ? 0 : -1), anchor);
}

/** All cells that one can type in. */
function whole(table) {
  const list = rowsOf(table);
  const typed = (row) => controls(row).filter((field) => field.type !== "checkbox" && !field.matches("a"));
  goTo(typed(list.at(-1)).at(-1), typed(list[0])[0]);
}
