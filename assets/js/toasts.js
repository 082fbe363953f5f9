// Toasts: ten seconds, longer under pointer or focus; errors stay until they are closed.

import { all, on, one } from "./query.js";

const SECONDS = 10;

export function wireToasts() {
  all(".v-toast").forEach(begin);
  on("click", ".v-toast [data-close]", (button) => button.closest(".v-toast").remove());
  document.addEventListener("toast", (event) => add(event.detail));
  document.addEventListener("htmx:load", (event) => all(".v-toast", event.detail.elt).forEach(begin));
}

/** A copy of the page's empty toast with this text; with `undo`, its button posts there. */
function add({ text, tone, undo }) {
  const template = one(undo ? "#toast-undo" : "#toast");
  if (!template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  if (tone) toast.classList.add(tone);
  if (undo) {
    one("form", toast).setAttribute("action", undo);
    one("[name=url]", toast).value = location.pathname + location.search;
  }
  one("[data-text]", toast).textContent = text;
  one(".v-toasts").append(toast);
  begin(toast);
}

function begin(toast) {
  if (toast.matches(".bad") || toast.begun) return;
  toast.begun = true;
  let left = SECONDS;
  const tick = setInterval(() => {
    if (!toast.isConnected) clearInterval(tick);
    else if (!toast.matches(":hover, :focus-within") && --left <= 0) { clearInterval(tick); toast.remove(); }
  }, 1000);
}
