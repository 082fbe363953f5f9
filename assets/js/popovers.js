// Native popovers stand beside the button that opens them.

import { all, on } from "./query.js";

const GAP = 4;
const EDGE = 8;

/** Put `popover` under `opener` (a cell's form over it), above it where there is no room, inside the window always. */
export function place(popover, opener) {
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = at.left + width > innerWidth - EDGE ? at.right - width : at.left;
  const below = popover.matches(".v-incell") ? at.top : at.bottom + GAP;
  const top = below + height > innerHeight - EDGE && at.top - GAP - height > EDGE ? at.top - GAP - height : below;
  popover.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  popover.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  popover.classList.add("placed");
}

export function wirePopovers() {
  document.addEventListener("toggle", (event) => {
    const popover = event.target;
    if (!popover.matches?.(".v-pop")) return;
    const openers = all(`[popovertarget="${popover.id}"]`);
    const opener = popover.opener ?? openers.find((button) => button.checkVisibility());
    opener?.setAttribute("aria-expanded", event.newState === "open");
    if (event.newState !== "open") { popover.classList.remove("placed"); return; }
    if (opener) place(popover, opener);
    if (popover.contains(document.activeElement)) return;
    popover.querySelector("[autofocus], a[href], button, input:not([type=hidden]), select")?.focus({ preventScroll: true });
  }, true);
  addEventListener("resize", () => all(".v-pop:popover-open:not(.v-tour)").forEach((popover) => popover.hidePopover()));
  on("keydown", ".v-pop[role=menu], .v-pop .dropdown-item", walk);
}

/** Arrow keys walk through the entries of a menu. */
function walk(element, event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const entries = all(".dropdown-item:not(:disabled, [hidden])", element.closest(".v-pop"));
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = (entries.indexOf(document.activeElement) + step + entries.length) % entries.length;
  entries[next]?.focus();
  event.preventDefault();
}
