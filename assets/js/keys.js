// Keys. All of them can be switched off: single letters must not surprise screen-reader users.

import { clear } from "./selection.js";
import { all, on, one } from "./query.js";

const FIELDS = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable=true]";
let begun = "";

export function wireKeys() {
  on("click", "button[data-keys]", () => one("#keys").showModal());
  if (document.body.dataset.keys === "off") return;
  document.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey ? withControl(event) : !event.altKey && single(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function withControl(event) {
  if (event.key === "s") {
    const form = one("form[data-unsaved]");
    return form && (() => form.requestSubmit());
  }
  const find = event.key === "k" && one("#find");
  return find && (() => find.focus());
}

function single(event) {
  if (one("dialog[open]") || one(":popover-open:not(#nav)")) return null;
  if (event.target.matches(FIELDS)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (begun === "g") { begun = ""; return follow(`[data-go="${key}"]`); }
  switch (key) {
    case "g": return () => { begun = "g"; setTimeout(() => { begun = ""; }, 1500); };
    case "/": return focusOn(one("#q") ?? one("#find"));
    case "?": return () => one("#keys")?.showModal();
    case "n": return follow("[data-key=n]");
    case "z": return follow(".v-toast:last-of-type [data-key=z]") ?? follow("[data-key=z]");
    case "j": return follow("[data-key=next]") ?? (() => walk(1));
    case "k": return follow("[data-key=previous]") ?? (() => walk(-1));
    case "ArrowRight": return follow("[data-key=next]");
    case "ArrowLeft": return follow("[data-key=previous]");
    case "+": case "=": return follow("[data-zoom=larger]");
    case "-": return follow("[data-zoom=smaller]");
    case "0": return follow("[data-zoom=fit]");
    case "f": return follow("[data-full-screen]");
    case "x": return current() && (() => one("[name=rowid]", current())?.click());
    case "Enter": return current() && event.target.closest("tr") === null && (() => one("a.id", current())?.click());
    case "Escape": return chosen() && (() => clear(one(".v-list")));
    default: return null;
  }
}

const chosen = () => one(".v-list input[name=rowid]:checked");
const current = () => one(".v-list tr.cur");

function focusOn(field) {
  return field && (() => { field.focus(); field.select(); });
}

function follow(selector) {
  const link = one(selector);
  return link && (() => link.click());
}

/** Move the mark of the current row, and the focus to its link. */
function walk(step) {
  const rows = all(".v-list tbody tr[id]");
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(current()) + step))];
  if (!next) return;
  current()?.classList.remove("cur");
  next.classList.add("cur");
  one("a.id", next)?.focus();
}
