// What was typed into the table and is not saved: how many users, what is wrong or odd there, and only that is sent.

import htmx from "htmx.org";

import { fieldOf, write } from "./sheet_blocks.js";
import { all, on, onEveryPart, one } from "./query.js";
import { fillServers } from "./sheet_servers.js";

const PATIENCE_MS = 500;
const OF_A_ROW = /^r-(\d+)-/;
const changed = new Set();
let timer = 0;
let asked = null;

export function wireSheetChanges() {
  onEveryPart((part) => all("[data-cells]", part).forEach(begin));
  on("input", "[data-cells]", (_table, { target }) => note(target));
  on("change", "[data-cells]", (_table, { target }) => note(target));
  on("input", "[data-default-domain]", (field) => {
    all("[data-cells] tr[data-user]").forEach((row) => { if (changed.has(row)) showSuffix(row, field); });
    later();
  });
  on("change", "[data-sheet]", countSelected);
  on("click", "[data-clear-selection]", (button) => countSelected(button.closest("[data-sheet]")));
  on("click", "[data-propose]", (button, event) => { event.preventDefault(); propose(button); });
  on("click", "[data-take-all]", take);
  on("click", "[data-do-post]", (button, event) => { event.preventDefault(); post(button); });
  document.addEventListener("passwords-asked", ({ detail: { cells } }) => Object.entries(cells).forEach(([user, words]) => {
    one(`[name="r-${user}-password"]`)?.setAttribute("placeholder", words);
  }));
  document.addEventListener("htmx:configRequest", onlyChanged);
  keepPasswords();
}

function begin(table) {
  changed.clear();
  all("tr[data-user]", table).forEach((row) => { if ("typed" in row.dataset) changed.add(row); });
  table.marked = new Set(changed);
  show(table);
  countSelected(table.closest("[data-sheet]"));
}

const fields = (row) => all("[name^='r-']:not([type=hidden])", row);

function isAsBefore(field) {
  if (field.type === "checkbox") return field.checked === (field.dataset.was === undefined && field.defaultChecked);
  if (field.dataset.was !== undefined) return field.value === field.dataset.was;
  if (field.options) return [...field.options].every((option) => option.selected === option.defaultSelected);
  return field.value === field.defaultValue;
}

function note(field) {
  const row = field.closest("tr[data-user]");
  if (!row || !field.name?.startsWith("r-")) return;
  const isForget = field.matches("[data-forget]");
  field.closest("td").classList.toggle(isForget ? "forgets" : "changed", isForget ? field.checked : !isAsBefore(field));
  if (fields(row).every(isAsBefore)) changed.delete(row); else changed.add(row);
  if (field.closest(".k-address")) showSuffix(row, one("[data-default-domain]"));
  show(row.closest("table"));
  later();
}

/** The domain that a bare name gets: what is typed above counts where no nearer level has its own. */
function showSuffix(row, domain) {
  const field = fieldOf(row, "address");
  const suffix = field && one("[data-suffix]", field.parentElement);
  if (!suffix) return;
  const isLevels = !row.dataset.domain || row.dataset.domain === domain?.defaultValue || row.dataset.domain === domain?.placeholder;
  const typed = domain?.value.trim() || domain?.placeholder || "";
  const meant = isLevels ? typed : suffix.textContent.slice(1);
  put(suffix, `@${meant}`);
  const isBare = !field.value.trim() || field.value.includes("@") || !meant;
  if (suffix.hidden !== isBare) {
    suffix.hidden = isBare;
    suffix.parentElement.classList.toggle("bare", isBare);
  }
}

/** Text that stands already is not written again: every change makes the browser look at the table. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(table) {
  const text = one("[data-changed]", table.closest("form"));
  if (!text) return;
  const { none, one: single, other } = text.dataset;
  const count = changed.size;
  put(text, !count ? none : count === 1 ? single : other.replace("{n}", count));
  text.closest(".v-save").classList.toggle("dirty", count > 0);
}

function countSelected(sheet) {
  const button = sheet && one("[data-do-apply]", sheet);
  if (!button) return;
  const count = all("tbody [name=rowid]:checked", sheet).length;
  sheet.classList.toggle("picked", count > 0);
  all("[data-other]", one(".v-apply", sheet)).filter((each) => each.matches("button")).forEach((each) => {
    put(one("span", each), each.dataset.other.replace("{n}", count));
  });
}

// -- what is wrong or odd --------------------------------------------------------------------------

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => check().catch(() => {}), PATIENCE_MS);
}

/** Everything of the form that matters for `rows`; of passwords only that one was written. */
function bodyOf(form, rows) {
  const body = new URLSearchParams({ csrf_token: one("[name=csrf_token]", form).value });
  const domain = one("[data-default-domain]");
  if (domain) body.set("default_domain", domain.value);
  for (const row of rows) {
    for (const field of all("[name^='r-']:not([type=checkbox]:not(:checked))", row)) {
      body.set(field.name, field.type === "password" && field.value ? "x" : field.value);
    }
  }
  return body;
}

async function check() {
  const table = one("[data-cells]");
  if (!table) return;
  const rows = [...changed].filter((row) => row.isConnected);
  asked?.abort();
  asked = new AbortController();
  let found = {};
  if (rows.length) {
    const answer = await fetch(one("[data-sheet]").dataset.check, { method: "POST", body: bodyOf(table.closest("form"), rows), signal: asked.signal, credentials: "same-origin" });
    if (!answer.ok) return;
    found = await answer.json();
  }
  for (const row of new Set([...rows, ...(table.marked ?? [])])) if (row.isConnected) say(row, changed.has(row) ? found[row.dataset.user] ?? {} : {});
  table.marked = new Set(rows);
  await fillServers([...changed].filter((row) => row.isConnected), (some) => bodyOf(table.closest("form"), some));
}

/** The sentences stand in a row below, each tied to its field. */
function say(row, found) {
  const table = row.closest("table");
  let says = row.nextElementSibling?.matches(".v-told") ? row.nextElementSibling : null;
  const meanwhile = says && one("li:not([id])", says);
  for (const field of fields(row)) {
    const name = field.name.replace(OF_A_ROW, "");
    const tone = found[name]?.tone;
    field.classList.toggle("bad", tone === "bad");
    field.classList.toggle("warn", tone === "warn");
    if (tone === "bad") field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    if (tone) field.setAttribute("aria-describedby", `e-${row.dataset.user}-${name}`); else field.removeAttribute("aria-describedby");
  }
  if (!Object.keys(found).length && !meanwhile) { says?.remove(); row.classList.remove("said"); return; }
  if (!says) {
    says = one("#says").content.firstElementChild.cloneNode(true);
    row.after(says);
    row.classList.add("said");
  }
  const list = one("ul", says);
  list.replaceChildren(...(meanwhile ? [meanwhile] : []));
  for (const field of fields(row)) {
    const name = field.name.replace(OF_A_ROW, "");
    if (found[name]) list.append(sentence(table, row, field, name, found[name]));
  }
}

function sentence(_table, row, field, name, { tone, text, cure, words }) {
  const line = one(`#says-${tone}`).content.firstElementChild.cloneNode(true);
  line.id = `e-${row.dataset.user}-${name}`;
  one("b", line).textContent = `${field.closest("td").dataset.label}:`;
  one("b + span", line).textContent = text;
  const button = one("button", line);
  if (button && words) { button.textContent = words; button.dataset.cure = JSON.stringify(cure); } else button?.remove();
  return line;
}

// -- addresses by a pattern ------------------------------------------------------------------------

async function propose(button) {
  const form = one("#accounts");
  const box = one("#proposals");
  if (!form || !box) return;
  const body = bodyOf(form, [...changed].filter((row) => row.isConnected));
  body.set("pattern", one("#pattern").value);
  all("tbody [name=rowid]:checked", form).forEach((each) => body.append("rowid", each.value));
  const answer = await fetch(button.dataset.propose, { method: "POST", body, credentials: "same-origin" });
  if (answer.ok) box.innerHTML = await answer.text();
}

function take(button) {
  const pairs = all("[data-take]:checked", button.closest("#proposals")).map((box) => [one(`[name="r-${box.dataset.take}-address"]`), box.value]);
  one("#generate").hidePopover();
  one("#proposals").replaceChildren();
  write(pairs.map(([field, text]) => [field, short(field, text)]));
  pairs.find(([field]) => field)?.[0].focus();
}

/** Without the domain that stands behind the cell anyway. */
function short(field, address) {
  const domain = field?.closest("tr").dataset.domain;
  return domain && address.endsWith(`@${domain}`) ? address.slice(0, -domain.length - 1) : address;
}

/** What is done with the ticked users as they are saved, such as a test; what is typed stays where it is. */
function post(button) {
  const form = button.form;
  const values = { csrf_token: one("[name=csrf_token]", form).value, rowid: all("tbody [name=rowid]:checked", form).map((box) => box.value) };
  htmx.ajax("POST", button.getAttribute("formaction"), { values, source: "#testing", target: "#testing", swap: "none" });
}

// -- sending ---------------------------------------------------------------------------------------

function onlyChanged({ detail }) {
  if (detail.elt.id !== "accounts") return;
  const keys = new Set([...changed].map((row) => row.dataset.user));
  for (const name of new Set(detail.formData.keys())) {
    const found = name.match(OF_A_ROW);
    if (found && !keys.has(found[1])) detail.formData.delete(name);
  }
}

/** The server never sends a password back: those of rows that were refused go over to the new page here. */
function keepPasswords() {
  let kept = new Map();
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target?.id !== "grid") return;
    kept = new Map(all("[data-cells] input[type=password]").filter((field) => field.value).map((field) => [field.name, field.value]));
  });
  onEveryPart((part) => {
    all("tr[data-typed] input[type=password]", part).forEach((field) => {
      if (kept.has(field.name)) { field.value = kept.get(field.name); field.closest("td").classList.add("changed"); }
    });
    if (one("[data-cells]", part)) kept = new Map();
  });
}
