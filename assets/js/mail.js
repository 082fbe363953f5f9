// The mail area: choosing conversations, opening one beside the list, its keys, frames as tall as their message.

import { all, on, onEveryPart, one } from "./query.js";

const FIELDS = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable=true]";
const COMING = "#mail-list a.htmx-request"; // the row of a conversation that has been asked for
const list = () => one("#mail-list");
const rows = () => all("#mail-list li[data-thread]");
const boxes = () => all("#mail-list [name=rowid]");
const opens = (row) => new URL(one("a[id^=open-]", row).href).searchParams.get("open");
const current = () => {
  const id = one("#mail-read")?.dataset.threadOf;
  return id ? rows().find((row) => opens(row) === id) : undefined;
};
let last = null;
let scrolled = 0;
let place = -1;
let held = -1;
let chosen = new Set();
let isMenuOpen = false;
let isStateOpen = false;
const asked = [];

export function wireMail() {
  on("change", "select[data-sends]", (select) => select.form.requestSubmit());
  on("click", "[data-mail-offer]", offer);
  if (!list()) return;
  onEveryPart(measure);
  onEveryPart(showFolder);
  count();
  on("click", "#mail-list [name=rowid]", range);
  on("change", "#mail-list", (_list, event) => {
    if (event.target.matches("[data-mail-page]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-mail-page], [data-mail-all] input, [name=rowid]")) count();
  });
  // The others are gone with the list; a menu that closes takes the focus, and with it what htmx knows of the button.
  on("click", "#mail-acts [data-asks]", () => one("#mail-acts").hidePopover());
  on("click", "[data-mail-back]", back);
  watchSwaps();
  if (document.body.dataset.keys !== "off") document.addEventListener("keydown", key);
}

/** On a phone the folders are one line: the one that is shown stands in sight. */
function showFolder() {
  const folders = one("#mail-folders");
  const shown = one("[aria-current]", folders);
  if (shown && folders.scrollWidth > folders.clientWidth) {
    folders.scrollLeft += shown.getBoundingClientRect().left - folders.getBoundingClientRect().left - 12;
  }
}

/** A field for the search: written behind what stands there. */
function offer(button) {
  const field = one("#q");
  field.value = `${field.value.trim()} ${button.dataset.mailOffer}`.trim();
  field.focus();
}

/** With Shift, all rows between the last box and this one. */
function range(box, event) {
  const found = boxes();
  if (event.shiftKey && found.includes(last)) {
    const [from, to] = [found.indexOf(last), found.indexOf(box)].sort((a, b) => a - b);
    found.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    count();
  }
  last = box;
}

/** Say how many are chosen; what needs some, or just one, works only then. */
function count() {
  const found = boxes();
  const chosen = found.filter((box) => box.checked).length;
  const text = one("[data-mail-count]");
  if (text) {
    const words = text.dataset;
    text.textContent = !chosen ? words.none : chosen === 1 ? words.one : words.other.replace("{n}", chosen);
  }
  all("#mail-list [data-needs=some]").forEach((button) => { button.disabled = !chosen; });
  all("#mail-list [data-needs=one]").forEach((button) => { button.disabled = chosen !== 1; });
  all("[data-mail-page]").forEach((box) => {
    box.checked = chosen > 0 && chosen === found.length;
    box.indeterminate = chosen > 0 && chosen < found.length;
  });
  const whole = one("[data-mail-all]");
  if (whole) {
    whole.hidden = !chosen || chosen < found.length;
    if (whole.hidden) one("input", whole).checked = false;
  }
  sum(found.filter((box) => box.checked));
}

/** How much that is, as the menu says it: conversations, and the messages in them. */
function sum(boxes) {
  const text = one("[data-mail-sum]");
  if (!text) return;
  const words = text.dataset;
  const messages = boxes.reduce((count, box) => count + Number(box.closest("li").dataset.messages), 0);
  const say = (kind, count) => (count === 1 ? words[`${kind}One`] : words[`${kind}Other`].replace("{n}", count));
  text.textContent = one("[data-mail-all] input")?.checked ? say("thread", Number(words.total)) : `${say("thread", boxes.length)}, ${say("message", messages)}`;
}

/** What is asked for while an answer is on its way waits for the list that comes with it: this one is about to go. */
function wait(event) {
  const { target, submitter } = event;
  if (!submitter || submitter.hasAttribute("data-asks") || !target.matches("#mail-list > form.htmx-request")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  asked.push(submitter.id ? `#${submitter.id}` : `#mail-list [name=do][value="${submitter.value}"]`);
}

function watchSwaps() {
  document.addEventListener("submit", wait, true);
  for (const type of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(type, () => { asked.length = 0; });
  // What asks first is posted by the dialog, not by htmx as well.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.triggeringEvent?.submitter?.hasAttribute("data-asks")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const isChosen = detail.requestConfig?.triggeringEvent?.submitter?.closest("#mail-acts");
    if (isChosen) isMenuOpen = false;
    if (detail.target.id === "mail-list") keep(!isChosen);
    if (detail.target.id !== "mail-state") return;
    // What has come meanwhile waits until nobody is choosing from the menu, or reading of the mailboxes.
    if (one("#mail-acts:popover-open, #mail-states:popover-open:not(:has(progress))")) detail.shouldSwap = false;
    else keep();
    isStateOpen = detail.shouldSwap && Boolean(one("#mail-states:popover-open"));
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id === "mail-list") keep();
  });
  document.addEventListener("htmx:oobAfterSwap", () => { mark(); tell(); });
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id === "mail-list") restore();
    if (event.detail.elt.id === "mail-state" && isStateOpen) one("#mail-states")?.showPopover();
    if (event.detail.elt.id === "mail-read" && event.detail.elt.matches("[data-thread-of]")) opened();
  });
}

function keep(withMenu = true) {
  // Stays said until the list that comes is there: another answer may come between.
  isMenuOpen ||= withMenu && Boolean(one("#mail-acts:popover-open"));
  scrolled = list()?.scrollTop ?? 0;
  place = rows().indexOf(current());
  held = one(":is(#mail-list, #mail-read) :focus") ? rows().findIndex((row) => row.matches(":has([name=rowid]:checked, :focus)")) : -2;
  chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
}

/** The list stays where it was, with what was chosen while the answer was on its way; when the open conversation has left it, the one at its place is opened. */
function restore() {
  list().scrollTop = scrolled;
  boxes().forEach((box) => { box.checked = chosen.has(box.value); });
  mark();
  count();
  if (isMenuOpen && !asked.length) one("#mail-acts:not(:popover-open)")?.showPopover();
  isMenuOpen = false;
  const deed = asked.shift();
  if (deed) ready(() => one(deed)?.click());
  hold();
  const isOpen = one("#mail-read[data-thread-of]");
  if (!isOpen || place < 0 || current()) return;
  const next = rows()[Math.min(place, rows().length - 1)];
  if (next && !one(".v-main.reading .v-back")?.checkVisibility()) one("a", next).click();
  else back();
}

/** The focus went away with its button: it stays in the list, where the next key goes on from. */
function hold() {
  if (held < -1 || document.activeElement !== document.body) return;
  const row = current() ?? rows()[Math.min(Math.max(held, place, 0), rows().length - 1)];
  (row ? one("a", row) : one("#mail-folders [aria-current]"))?.focus({ preventScroll: true });
}

function opened() {
  one("#content").classList.add("reading");
  mark();
}

/** The row of the open conversation. */
function mark() {
  const open = current();
  rows().forEach((row) => {
    const link = one("a[id^=open-]", row);
    const isOpen = row === open;
    row.classList.toggle("cur", isOpen);
    if (isOpen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}

/** The entry of the menu counts what the folders count. */
function tell() {
  const entry = one("#nav a[aria-current=page]");
  const { waiting } = one("#mail-folders").dataset;
  if (!entry) return;
  one(".v-count", entry)?.remove();
  if (waiting !== "0") entry.append(Object.assign(document.createElement("span"), { className: "v-count", textContent: waiting }));
}

/** On a phone the panes are pages: back to the list. */
function back(link, event) {
  event?.preventDefault();
  const address = new URL(location.href);
  address.searchParams.delete("open");
  history.replaceState(history.state, "", address);
  one("#content").classList.remove("reading");
  const read = one("#mail-read");
  if (read) { delete read.dataset.threadOf; read.replaceChildren(); }
  const row = current();
  mark();
  if (row) one("a", row)?.focus();
}

/** Frames take the height of what is in them. */
function measure(part) {
  const frames = part.matches?.("[data-mail-frame]") ? [part] : all("[data-mail-frame]", part);
  frames.forEach((frame) => {
    const fit = () => {
      const inside = frame.contentDocument?.documentElement;
      if (inside) frame.style.height = `${Math.min(Math.ceil(inside.getBoundingClientRect().height) + 16, 20000)}px`;
    };
    frame.addEventListener("load", () => {
      fit();
      const body = frame.contentDocument?.body;
      if (body) new ResizeObserver(fit).observe(body);
    });
  });
}

const DEEDS = { "#": "trash", Delete: "trash", e: "archive", i: "read", u: "unread", r: "reply", a: "reply_all", f: "forward", b: "snooze" };

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !list()) return;
  if (one("dialog[open]") || one(":popover-open:not(#nav)") || event.target.matches(FIELDS)) return;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = acting(pressed, event);
  if (!act) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

function acting(pressed, event) {
  if (pressed === "j" || pressed === "k") return () => walk(pressed === "j" ? 1 : -1);
  if (pressed === "x") { const row = event.target.closest("li[data-thread]") ?? current(); return row && (() => one("[name=rowid]", row)?.click()); }
  if (pressed === "s") { const row = current(); return row && (() => ready(() => one(".v-star", current() ?? row)?.click())); }
  if (pressed === "Escape") return boxes().some((box) => box.checked) && (() => { boxes().forEach((box) => { box.checked = false; }); count(); });
  const deed = DEEDS[pressed];
  if (!deed) return null;
  const isChosen = boxes().some((box) => box.checked);
  const button = () => (isChosen ? one(`#mail-list [name=do][value=${deed}]:not(:disabled)`) : one(`#mail-read [data-read-key="${pressed === "Delete" ? "#" : pressed}"]`));
  return (button() || one(COMING)) && (() => ready(() => button()?.click()));
}

/** What is on its way comes first, so that a key never means the conversation before; and a part that has just come is htmx's a moment later. */
function ready(act) {
  if (one(`#mail-read.htmx-added, #mail-list.htmx-added, ${COMING}`)) setTimeout(ready, 20, act);
  else act();
}

/** Open the next or the previous conversation: of the one that has the focus, as what was asked for may still be on its way. */
function walk(step) {
  const found = rows();
  const from = found.find((row) => row.matches(":focus-within")) ?? current();
  const next = found[Math.max(0, Math.min(found.length - 1, found.indexOf(from) + step))];
  if (!next || next === current()) return;
  next.scrollIntoView({ block: "nearest" });
  const link = one("a[id^=open-]", next);
  link.focus({ preventScroll: true });
  ready(() => link.click());
}
