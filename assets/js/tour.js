// A guided tour: the steps of `[data-tour]` point at parts of the page, one after the other. Without script it is not offered.

import { place } from "./popovers.js";
import { all, on, one } from "./query.js";

let steps = [];
let at = 0;
let opener = null;

export function wireTour() {
  const tour = one("[data-tour]");
  if (!tour) return;
  all("[data-tour-start]").forEach((button) => { button.hidden = false; });
  on("click", "[data-tour-start]", (button) => begin(tour, button));
  on("click", "[data-tour-next]", () => show(tour, at + 1));
  on("click", "[data-tour-back]", () => show(tour, at - 1));
  on("click", "[data-tour-end]", () => end(tour));
  tour.addEventListener("keydown", (event) => {
    const act = { ArrowRight: () => show(tour, at + 1), ArrowLeft: () => show(tour, at - 1), Escape: () => end(tour) }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  addEventListener("resize", () => {
    const element = tour.matches(":popover-open") && target(steps[at]);
    if (element) place(tour, element);
  });
}

/** Only what can be seen now is pointed at. */
function begin(tour, button) {
  opener = button;
  steps = all("[data-at]", tour).filter((step) => target(step));
  if (steps.length) show(tour, 0);
}

const target = (step) => all(step.dataset.at).find((element) => element.checkVisibility());

function show(tour, number) {
  if (number >= steps.length) { end(tour); return; }
  unmark();
  at = Math.max(0, number);
  const step = steps[at];
  const element = target(step);
  all("[data-at]", tour).forEach((each) => { each.hidden = each !== step; });
  one("[data-tour-count]", tour).textContent = `${at + 1} / ${steps.length}`;
  one("[data-tour-back]", tour).disabled = at === 0;
  const next = one("[data-tour-next]", tour);
  next.textContent = at === steps.length - 1 ? next.dataset.last : next.dataset.next;
  if (!tour.matches(":popover-open")) tour.showPopover();
  if (element) {
    element.classList.add("v-tour-at");
    element.scrollIntoView({ block: "center" });
    place(tour, element);
  }
  one("h2", step).focus({ preventScroll: true });
}

function end(tour) {
  unmark();
  if (tour.matches(":popover-open")) tour.hidePopover();
  opener?.focus();
}

function unmark() {
  all(".v-tour-at").forEach((element) => element.classList.remove("v-tour-at"));
}
