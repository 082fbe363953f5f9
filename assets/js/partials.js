// htmx: settings that keep it inside the content security policy, focus after a swap, the progress line.

import htmx from "htmx.org";
import { all, one } from "./query.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  // htmx would copy the `style` attribute of a positioned popover, which the policy refuses.
  attributesToSettle: ["class", "width", "height"],
  // A history cache would keep customers' data in the browser after sign-out.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  scrollBehavior: "auto",
  timeout: 30000,
});

/** Watch htmx's events; only requests longer than 300 ms show that something is under way. */
export function wirePartials() {
  one("[data-takes-focus]")?.focus();
  let waiting = 0;
  let timer = 0;
  const line = one(".v-progress");
  const show = (busy) => { if (line) line.hidden = !busy; };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.closest("[data-live]")) { askLess(event); return; }
    if (!waiting++) timer = setTimeout(show, 300, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.closest("[data-live]")) return;
    waiting = Math.max(0, waiting - 1);
    if (!waiting) { clearTimeout(timer); show(false); }
  });
  document.addEventListener("htmx:sendError", () => tell(document.body.dataset.offline));
  document.addEventListener("htmx:responseError", () => tell(document.body.dataset.failed));
  document.addEventListener("htmx:timeout", () => tell(document.body.dataset.offline));
  // A refused form comes back with status 422: show it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = one("[data-takes-focus]", event.detail.elt);
    if (target) target.focus();
    announce(event.detail.elt);
  });
}

/** Live parts of a page that nobody looks at ask every ten seconds. */
let asked = 0;
function askLess(event) {
  if (document.hidden && Date.now() - asked < 10000) event.preventDefault();
  else asked = Date.now();
}

function announce(part) {
  const text = all("[data-announce]", part).map((element) => element.textContent.trim()).join(". ");
  if (text) one("#announcer").textContent = text;
}

function tell(text) {
  if (text) document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "bad" } }));
}
