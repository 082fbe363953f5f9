// Questions come from the server: into the dialog with script, as a page without.

import { all, on, one } from "./query.js";

const dialog = () => one("#dialog");
const AS_PART = { headers: { "HX-Request": "true", "HX-Target": "dialog" }, credentials: "same-origin" };

/** Show what the server answers: a question, or (when it has nothing to ask) the page it leads to. */
async function ask(url, options = {}) {
  const opener = document.activeElement;
  const answer = await fetch(url, { ...AS_PART, ...options });
  const next = answer.headers.get("HX-Redirect");
  if (next) { location.assign(next); return; }
  const text = await answer.text();
  // What was posted and refused has no page that one could go to.
  if (options.method && !answer.ok && !text.includes("data-question")) { fail(); return; }
  if (answer.redirected || !text.includes("data-question")) { location.assign(answer.url); return; }
  const box = dialog();
  box.innerHTML = text;
  all("[data-must]", box).forEach(compare);
  // What htmx brings is enhanced by this event; a question is no different.
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: box } }));
  if (!box.open) {
    box.showModal();
    box.addEventListener("close", () => { box.replaceChildren(); opener?.focus?.(); }, { once: true });
  }
  (one("[data-takes-focus]", box) ?? one("[autofocus]", box) ?? one("h2", box))?.focus();
}

const fail = () => document.dispatchEvent(new CustomEvent("toast", { detail: { text: document.body.dataset.failed, tone: "bad" } }));

/** The button works once the text that the question asks for is written. */
function compare(field) {
  const button = one("[data-needs-must]", field.form);
  if (button) button.disabled = field.value.trim() !== field.dataset.must;
}

export function wireDialogs() {
  on("click", "a[data-dialog]", (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !link.hasAttribute("href")) return;
    event.preventDefault();
    ask(link.href).catch(() => location.assign(link.href));
  });
  on("click", "#dialog [data-close]", (_button, event) => { event.preventDefault(); dialog().close(); });
  on("click", "#dialog", (_element, event) => { if (event.target === dialog()) dialog().close(); });
  all("[data-must]").forEach(compare);
  on("input", "[data-must]", compare);
  // A batch: the buttons stand outside their form, so htmx does not see them. And a form that may come back with errors.
  document.addEventListener("submit", (event) => {
    const { submitter, target: form } = event;
    const staysHere = form.matches("#dialog [data-stays]");
    if (!staysHere && !submitter?.hasAttribute("data-asks")) return;
    event.preventDefault();
    ask(submitter.getAttribute("formaction") ?? form.getAttribute("action"), { method: "POST", body: new FormData(form, submitter) }).catch(fail);
  });
}
