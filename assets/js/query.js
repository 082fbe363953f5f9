// Shorthands for finding elements and for listening on the whole document.

export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Call `act(element, event)` when `type` happens on or inside an element that matches. */
export function on(type, selector, act) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element && event.target.closest(selector);
    if (element) act(element, event);
  });
}

/** Now, and again for every part that htmx brings. */
export function onEveryPart(act) {
  act(document);
  document.addEventListener("htmx:load", (event) => act(event.detail.elt));
}
