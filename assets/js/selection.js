// Selection in a list: the box for the whole page, Shift for a range, how many are chosen.

import { all, on, onEveryPart, one } from "./query.js";

const LIST = ".v-list, .v-sheet";
const boxes = (list) => all("tbody input[name=rowid]", list);
let last = null;

export function wireSelection() {
  onEveryPart((part) => all(LIST, part).forEach(count));
  on("click", ":is(.v-list, .v-sheet) input[name=rowid]", (box, event) => {
    const rows = boxes(box.closest(LIST));
    if (event.shiftKey && rows.includes(last)) {
      const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
      rows.slice(from, to + 1).forEach((row) => { row.checked = box.checked; });
    }
    last = box;
  });
  on("change", LIST, (list, event) => {
    if (event.target.matches("[data-whole-page]")) boxes(list).forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-whole-page], [name=rowid], [name=all]")) count(list);
  });
  on("click", "[data-clear-selection]", (button) => clear(button.closest(LIST)));
  // What is for the whole view is for the chosen rows while there are some: as the button of their bar.
  on("click", "a[data-for-chosen]", (link, event) => {
    if (!one(".v-list tbody input[name=rowid]:checked")) return;
    event.preventDefault();
    one(`.v-list [name=action][value=${link.dataset.forChosen}]`).click();
  });
}

export function clear(list) {
  all("input[name=rowid], input[name=all], [data-whole-page]", list).forEach((box) => { box.checked = false; });
  count(list);
}

/** Say how many rows are chosen; a list without any has nothing to say. */
function count(list) {
  const rows = boxes(list);
  const chosen = rows.filter((box) => box.checked).length;
  const whole = one("input[name=all]", list);
  const text = one("[data-count]", list);
  rows.forEach((box) => box.closest("tr").classList.toggle("on", box.checked));
  all("[data-whole-page]", list).forEach((box) => {
    box.checked = rows.length > 0 && chosen === rows.length;
    box.indeterminate = chosen > 0 && chosen < rows.length;
  });
  if (whole && chosen < rows.length) whole.checked = false;
  addUp(one("[data-sum]", list), whole?.checked ? [] : rows.filter((box) => box.checked));
  if (!text) return;
  const { one: single, other } = text.dataset;
  text.textContent = whole?.checked ? text.dataset.all : (chosen === 1 ? single : other.replace("{n}", chosen.toLocaleString(document.documentElement.lang)));
}

/** What the chosen rows come to, each currency for itself. */
function addUp(place, chosen) {
  if (!place) return;
  const sums = new Map();
  for (const { dataset: { amount, currency } } of chosen) {
    if (amount) sums.set(currency, (sums.get(currency) ?? 0) + Number(amount));
  }
  const lang = document.documentElement.lang;
  const words = [...sums].map(([currency, sum]) =>
    `${sum.toLocaleString(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: "always" })} ${currency}`);
  place.textContent = words.join(" + ");
  place.hidden = !words.length;
}
