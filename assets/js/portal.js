// The customers' pages: nothing here is needed to read, to load or to answer; it says that somebody looks.

import { wireFiles } from "./files.js";
import { all, one } from "./query.js";
import { wireReveal } from "./reveal.js";
import { wireToasts } from "./toasts.js";

const LOOKED_AFTER_MS = 1000; // scanners load a page and leave
const TOUCHES = ["pointerdown", "pointermove", "touchmove", "wheel", "keydown"];
const DOUBTFUL = 202; // some scanners stay, but move nothing

wireFiles();
wireReveal();
wireToasts();
const seen = one("form[data-seen]");
const touched = new Promise((resolve) => {
  TOUCHES.forEach((kind) => addEventListener(kind, resolve, { once: true, passive: true }));
});
if (seen) {
  whenSomebodyLooks(async () => {
    const answer = await tell(seen.action, seen);
    if (answer?.status === DOUBTFUL) touched.then(() => tell(seen.action, seen, { touched: 1 }));
  });
}
all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.form) tell(button.form.action, button.form);
    print();
  });
});

/** Once, when the page has been before a person's eyes for a moment. */
function whenSomebodyLooks(tellThem) {
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible" && !document.prerendering) {
      timer = setTimeout(() => { document.removeEventListener("visibilitychange", look); tellThem(); }, LOOKED_AFTER_MS);
    }
  };
  document.addEventListener("visibilitychange", look);
  if (document.prerendering) document.addEventListener("prerenderingchange", look, { once: true });
  look();
}

/** The answer, or nothing where the line is gone: the page is read all the same, and the next look is told. */
function tell(url, form, more = {}) {
  const body = new URLSearchParams([...new FormData(form), ...Object.entries(more)]);
  return fetch(url, { method: "POST", body, keepalive: true }).catch(() => null);
}
