// The page where a mailing is written: kept every few seconds, languages as tabs, periods into the dates.

import { all, on, onEveryPart, one } from "./query.js";
import { wireRanges } from "./ranges.js";

const PAUSE_MS = 2000;
let timer = 0;
let isChanged = false;

export function wireCompose() {
  const form = one("form[data-mailing]");
  if (!form) return;
  onEveryPart((part) => {
    const text = part.id === "text" ? part : one("#text", part);
    if (text) wireTabs(text);
  });
  wireRanges(form);
  for (const type of ["input", "change"]) form.addEventListener(type, keepSoon);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.id === "saved" && event.detail.successful) isChanged = Boolean(timer); });
  // What somebody else has saved over is here only: leaving asks first.
  let leaves = false;
  on("click", "[data-leaves]", () => { leaves = true; });
  form.addEventListener("submit", (event) => { leaves = !event.defaultPrevented; });
  addEventListener("beforeunload", (event) => { if (!leaves && one("[data-changed]")) event.preventDefault(); });
  // Whoever leaves in between loses nothing either.
  addEventListener("pagehide", () => { if (isChanged) navigator.sendBeacon(one("[data-keep]", form).getAttribute("hx-post"), new FormData(form)); });
  // What is sent now is all that was typed: a save that waits or is under way does not come after it. A question that
  // stays on this page brings the draft along; the save comes once it has been answered.
  form.addEventListener("submit", (event) => {
    const asks = event.submitter?.hasAttribute("data-asks");
    const isWaiting = isChanged;
    hold();
    isChanged = asks && isWaiting;
    if (isChanged) keepSoon();
  });
  on("click", "[data-first][data-last]", (button, event) => {
    event.preventDefault();
    const into = button.dataset.into ?? "";
    for (const [name, value] of [["date_from", button.dataset.first], ["date_to", button.dataset.last]]) form.elements[into + name].value = value;
    form.elements[into + "date_to"].dispatchEvent(new Event("change", { bubbles: true }));
  });
  onEveryPart((part) => {
    const draft = one("[data-draft]", part)?.dataset.draft;
    if (!draft || one("[name=draft]", form)) return;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: draft });
    one("#saved").prepend(field);
  });

  function hold() {
    clearTimeout(timer);
    timer = 0;
    // Twice: when the one under way ends, the one that waits behind it begins.
    for (let each = 0; each < 2; each += 1) one("[data-keep]", form).dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: {} }));
  }

  function keepSoon() {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; if (!one("[data-changed]")) one("[data-keep]", form).dispatchEvent(new Event("keep")); }, PAUSE_MS);
  }
}

function wireTabs(text) {
  const list = one("[role=tablist]", text);
  if (!list || !list.hidden) return;
  const tabs = all("[role=tab]", list);
  const panels = tabs.map((tab) => one(`#${tab.getAttribute("aria-controls")}`, text));
  list.hidden = false;
  text.classList.add("v-tabbed");
  panels.forEach((panel, place) => { panel.setAttribute("role", "tabpanel"); panel.setAttribute("aria-labelledby", tabs[place].id); if ("open" in panel) panel.open = true; });
  const show = (chosen) => tabs.forEach((tab, place) => {
    tab.setAttribute("aria-selected", place === chosen);
    tab.tabIndex = place === chosen ? 0 : -1;
    panels[place].hidden = place !== chosen;
  });
  tabs.forEach((tab, place) => {
    tab.addEventListener("click", () => show(place));
    tab.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const next = (place + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length;
      show(next);
      tabs[next].focus();
    });
  });
  const wrong = panels.findIndex((panel) => one(".is-invalid", panel));
  show(Math.max(wrong, 0));
}
