// Writing a message: kept every few seconds, addresses as chips, files with their progress, pictures into the text.

import { all, on, one } from "./query.js";
import { draw, wireAddresses } from "./mail_addresses.js";
import { inTurn, leaveInTurn, settled } from "./turns.js";

const PAUSE_MS = 2000;
let timer = 0;
let isChanged = false;
let leaves = false;

const form = () => one("form[data-compose]");
const token = () => form().elements.csrf_token.value;
const broken = () => say(document.body.dataset.offline);
const say = (text, tone = "bad") => document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone } }));

export function wireMailCompose() {
  if (one("[data-mail-leaving]") || one(".v-toast form[action$='/unsend']")) setTimeout(ring, 10500);
  if (!form()) return;
  all("[data-addresses]").forEach((box) => wireAddresses(box, keep));
  wireFields();
  wireFiles();
  for (const type of ["input", "change"]) form().addEventListener(type, (event) => { if (!event.target.closest("[data-not-kept]")) keepSoon(); });
  leaveInTurn(form(), () => { leaves = true; clearTimeout(timer); });
  addEventListener("pagehide", () => { if (isChanged && !leaves) navigator.sendBeacon(form().dataset.keep, new FormData(form())); });
  document.addEventListener("submit", (event) => {
    if (event.target === form() || !isChanged || event.defaultPrevented) return;
    event.preventDefault();
    keep().then(() => event.target.requestSubmit(event.submitter));
  });
  if (form().hasAttribute("data-takes-along")) keep();
  if (form().dataset.at && !location.search.includes("draft=")) standAt(form().dataset.at);
  form().addEventListener("keydown", sendByKeys, true);
}

/** Ctrl+Enter, before the editor makes a new line of it; an address that is still being typed comes along. Enter alone in a field presses none of the form's buttons. */
function sendByKeys(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  if (!(event.ctrlKey || event.metaKey)) {
    if (event.target.matches("input:not([type=checkbox], [type=file])")) event.preventDefault();
    return;
  }
  if (event.repeat || event.target.closest("[popover]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  document.activeElement.blur();
  one("#compose-send").click();
}

function ring() {
  const body = new FormData();
  body.set("csrf_token", one("[name=csrf_token]").value);
  fetch("/mail/compose/leaving", { method: "POST", body, credentials: "same-origin" });
}

function keepSoon() {
  isChanged = true;
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE_MS);
}

/** One after the other: each brings the revision that the one before has made. */
function keep() {
  clearTimeout(timer);
  isChanged = false;
  return inTurn(async () => {
    const answer = await post(form().dataset.keep, new FormData(form())).catch(() => null);
    if (!answer) { isChanged = true; state(document.body.dataset.offline); return; }
    taken(answer);
  }, broken);
}

async function post(url, body) {
  const answer = await fetch(url, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } });
  return { ok: answer.ok, ...await answer.json().catch(() => ({})) };
}

function state(text) { one("[data-saved]").textContent = text ?? ""; }

/** What the server says of what it was given. */
function taken(answer) {
  if (answer.changed) {
    one("[data-changed-elsewhere]").hidden = false;
    one("[data-changed-words]").textContent = answer.changed;
    return false;
  }
  if (!answer.ok) { say(answer.problem ?? document.body.dataset.failed); return false; }
  if (answer.revision !== undefined) form().elements.revision.value = answer.revision;
  if (answer.saved) state(answer.saved);
  if (answer.url && !location.search.includes("draft=")) {
    standAt(answer.url);
    if (form().hasAttribute("data-takes-along")) refresh();
  }
  if (answer.html !== undefined) one("#compose-files").outerHTML = answer.html;
  if (answer.chips) Object.entries(answer.chips).forEach(([name, chips]) => draw(one(`[data-addresses=${name}]`), chips, keep));
  return true;
}

/** The draft has an address of its own: a page that answered *Send* cannot be loaded again, nor come back to. */
function standAt(url) {
  history.replaceState(history.state, "", url);
  all("[name=next]").forEach((field) => { field.value = url; }); // where another language leads back to
}

async function refresh() {
  const answer = await fetch(form().dataset.files, { credentials: "same-origin" });
  if (answer.ok) one("#compose-files").outerHTML = await answer.text();
}

// ---- The other fields

function wireFields() {
  on("click", "[data-shows]", (button) => {
    const row = one(`#${button.dataset.shows}`);
    row.hidden = !row.hidden;
    button.setAttribute("aria-pressed", !row.hidden);
    if (!row.hidden) one("input:not([type=hidden])", row)?.focus();
  });
  on("change", "#compose-account", async ({ value }) => {
    const answer = await fetch(`/mail/compose/signature?${new URLSearchParams({ account: value })}`, { credentials: "same-origin" });
    if (answer.ok) one("#compose-signature").outerHTML = await answer.text();
  });
  on("change", "[name=customer]", () => keep().then(refresh));
  on("change", "[data-plain]", ({ checked }) => plain(checked));
  on("change", "[data-saved-text]", async (select) => {
    if (!select.value) return;
    const asks = new URLSearchParams({ name: select.value, account: one("#compose-account").value, customer: one("[name=customer]").value });
    select.value = "";
    const answer = await fetch(`/mail/compose/text?${asks}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    const { subject, html } = await answer.json();
    const field = form().elements.subject;
    if (!field.value.trim()) field.value = subject;
    if (one("[data-plain]").checked) {
      const area = form().elements.body_text;
      area.setRangeText(new DOMParser().parseFromString(html.replace(/<\/p>|<br>/g, "$&\n"), "text/html").body.textContent, area.selectionStart, area.selectionEnd, "end");
    } else one("#compose-body").dispatchEvent(new CustomEvent("insert-html", { detail: html }));
    keepSoon();
  });
  on("click", "[data-new-tab]", (link) => { link.href = `/mail/compose?${address()}`; });
  on("click", "[data-compose-fold]", fold);
}

/** The draft's, or that of a message of which nothing is kept yet. */
function address() {
  const { kind, message, revision } = form().elements;
  return new URLSearchParams(revision.value === "0" ? { kind: kind.value, message: message.value } : { draft: form().dataset.compose });
}

/** Down to its title, and up again. */
function fold(button) {
  const isFolded = one(".v-comp").classList.toggle("folded");
  button.setAttribute("aria-expanded", !isFolded);
}

/** To plain text: what was written comes along (which of the two fields is seen is said by the style). */
function plain(isPlain) {
  const area = form().elements.body_text;
  if (isPlain && !area.value.trim()) area.value = new DOMParser().parseFromString(form().elements.body_html.value.replace(/<\/p>|<br>|<\/li>/g, "$&\n"), "text/html").body.textContent.trim();
}

// ---- Files

function wireFiles() {
  on("change", "[data-compose-files]", (field) => { [...field.files].forEach(upload); field.value = ""; });
  on("click", "[data-file-act]", async (button) => {
    const body = new FormData();
    body.set("csrf_token", token());
    body.set("as_link", button.value);
    await settled();
    taken(await post(button.dataset.fileAct, body));
  });
  on("change", "[data-document]", async (select) => {
    if (!select.value) return;
    await settled();
    const body = new FormData(form());
    body.set("document", select.value);
    taken(await post(select.dataset.document, body));
  });
  form().addEventListener("picture", ({ detail }) => picture(detail));
  on("change", "[data-compose-picture]", (field) => { [...field.files].forEach(picture); field.value = ""; });
  for (const type of ["dragover", "drop"]) {
    form().addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files") || event.defaultPrevented) return;
      event.preventDefault();
      form().classList.toggle("dragged", type === "dragover");
      if (type === "drop") [...event.dataTransfer.files].forEach(upload);
    });
  }
  form().addEventListener("dragleave", () => form().classList.remove("dragged"));
}

/** What cannot fit is not sent for nothing; everything else one after the other, with how far it is. */
function upload(file) {
  const { blocked, blockedWords, mostWords } = one("#compose-limits").dataset;
  const { most, limits } = one("#compose-signature").dataset; // of the account that is chosen now
  const ending = file.name.split(".").pop().toLowerCase();
  if (blocked.split(", ").includes(ending)) { say(blockedWords.replace("{file}", file.name).replace("{ending}", ending)); return; }
  if (file.size > Number(most)) { say(mostWords.replace("{file}", file.name).replace("{limits}", limits)); return; }
  const row = one("#compose-upload").content.firstElementChild.cloneNode(true);
  one("[data-name]", row).textContent = file.name;
  const bar = one("progress", row);
  bar.max = file.size || 1;
  one("#compose-uploads").append(row);
  row.scrollIntoView({ block: "center" }); // below the text, where nobody would see it
  inTurn(() => sent(file, bar).finally(() => row.remove()).then(taken), broken);
}

function sent(file, bar) {
  const body = new FormData(form());
  body.set("file", file);
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", form().dataset.files);
    request.upload.addEventListener("progress", ({ loaded }) => { bar.value = loaded; });
    request.addEventListener("load", () => {
      try { done({ ok: request.status < 400, ...JSON.parse(request.responseText) }); } catch { done({ ok: false }); }
    });
    request.addEventListener("error", failed);
    request.send(body);
  });
}

function picture(file) {
  inTurn(async () => {
    const body = new FormData(form());
    body.set("file", file);
    const answer = await post(form().dataset.pictures, body);
    if (taken(answer)) one("#compose-body").dispatchEvent(new CustomEvent("insert-picture", { detail: answer.url }));
  }, broken);
}
