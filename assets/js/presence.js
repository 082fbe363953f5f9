// Who else is at the open conversation: asked every few seconds while somebody looks, and said there.

import { all, one } from "./query.js";

const BEAT_MS = 4000;
const here = new Map(); // address -> what is done there

export function wirePresence() {
  if (!one("#mail-read, [data-presence]")) return;
  setInterval(beat, BEAT_MS);
  for (const type of ["htmx:load", "visibilitychange"]) document.addEventListener(type, beatIfNew);
  addEventListener("pagehide", () => here.forEach(leave));
  beat();
}

const shown = () => (document.visibilityState === "visible" ? all("[data-presence]") : []);
const name = ({ dataset }) => `${dataset.mode} ${dataset.presence}`;

function beatIfNew() {
  const names = shown().map(name);
  if (names.length !== here.size || names.some((each) => !here.has(each))) beat();
}

function beat() {
  const lines = shown();
  const names = new Set(lines.map(name));
  for (const [key, place] of here) if (!names.has(key)) { here.delete(key); leave(place); }
  for (const line of lines) {
    const { presence: url, mode } = line.dataset;
    here.set(name(line), { url, mode });
    tell(line, url, mode);
  }
}

async function tell(line, url, mode) {
  const answer = await fetch(url, { method: "POST", body: body(mode), credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || !line.isConnected) return;
  const { words } = await answer.json().catch(() => ({ words: "" }));
  // Shown before it is said, and said only when it is another: whoever hears it hears it once.
  line.hidden = !words;
  if (one("span", line).textContent !== words) requestAnimationFrame(() => { one("span", line).textContent = words; });
}

function leave({ url, mode }) {
  const fields = body(mode);
  fields.set("leaves", "1");
  navigator.sendBeacon(url, fields);
}

function body(mode) {
  const fields = new FormData();
  fields.set("csrf_token", one("[name=csrf_token]")?.value ?? "");
  fields.set("mode", mode);
  fields.set("begun", one("form[data-compose] [name=begun]")?.value ?? "");
  return fields;
}
