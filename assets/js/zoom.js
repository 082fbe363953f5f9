// The pages of a PDF over the whole width: larger, smaller, over the whole screen. Without script they fill the width.

import { all, on, onEveryPart, one } from "./query.js";

const STEPS = [50, 75, 100, 125, 150, 200]; // percent
const WHOLE = 800; // pixels of a page at 100 percent
let percent = 0; // 0: as wide as there is room; kept from one message to the next

const inPercent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format;
const paper = () => one(".v-pdf-w .v-paper");
const page = () => one("img", paper());
const shown = () => (page().offsetWidth * 100) / WHOLE;
const larger = () => STEPS.find((step) => step > shown() + 1);
const smaller = () => STEPS.findLast((step) => step < shown() - 1);
const STEP_TO = { larger, smaller, fit: () => 0 };

export function wireZoom() {
  onEveryPart((part) => { if (one("[data-zoom]", part)) show(); });
  on("click", "[data-zoom]", (button) => {
    percent = STEP_TO[button.dataset.zoom]() ?? percent;
    keepingPlace(show);
  });
  on("click", "[data-full-screen]", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else one("#content").requestFullscreen();
  });
  for (const happens of ["resize", "fullscreenchange"]) window.addEventListener(happens, () => paper() && show());
}

function show() {
  if (!page()) return;
  paper().classList.toggle("zoomed", percent > 0);
  paper().style.setProperty("--zoom", percent / 100);
  all("[data-zoom-bar]").forEach((bar) => { bar.hidden = false; });
  one("[data-zoom=larger]").disabled = !larger();
  one("[data-zoom=smaller]").disabled = !smaller();
  const fit = one("[data-zoom=fit]");
  one("span", fit).textContent = percent ? inPercent(percent / 100) : fit.dataset.width;
  fit.setAttribute("aria-pressed", String(!percent));
  const full = one("[data-full-screen]");
  full.hidden = !document.fullscreenEnabled;
  full.setAttribute("aria-pressed", String(!!document.fullscreenElement));
}

/** What is read stays where it is: the part of the paper that has gone by is the same before and after. */
function keepingPlace(change) {
  const sheet = paper();
  const inside = sheet.classList.contains("zoomed");
  const gone = inside ? sheet.scrollTop : -sheet.getBoundingClientRect().top;
  const part = Math.max(0, gone) / sheet.scrollHeight;
  change();
  if (sheet.classList.contains("zoomed")) {
    sheet.scrollTop = part * sheet.scrollHeight;
    sheet.scrollLeft = (sheet.scrollWidth - sheet.clientWidth) / 2;
  } else if (inside) {
    (document.fullscreenElement ?? window).scrollBy(0, sheet.getBoundingClientRect().top + part * sheet.scrollHeight);
  }
}
