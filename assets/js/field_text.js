// Messages as text and as the editor's document: `{{ customer.name }}` is a chip there and exactly that in the HTML.

export const FIELD = /\{\{\s*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\s*\}\}/g;
const LINKED_FIELD = /\{\{\s*<a\b[^>]*>\s*([a-z][a-z0-9_.]*)\s*<\/a>\s*\}\}/gi;
const KEPT = new Set(["A", "B", "BLOCKQUOTE", "BR", "CODE", "EM", "H1", "H2", "H3", "HR", "I", "LI", "OL", "P", "S", "STRONG", "U", "UL"]);
const VOID = new Set(["BR", "HR"]);
const TAG = /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?\/?>/i;

const parsed = (html) => new DOMParser().parseFromString(`<body>${html}</body>`, "text/html").body;

/** What people type without markup, as paragraphs; text with tags as it is, but for links around the name of a field. */
export function asHtml(text) {
  const clean = text.replace(/\r\n?/g, "\n").trim().replace(LINKED_FIELD, "{{ $1 }}");
  if (!clean || TAG.test(clean)) return clean;
  const box = document.createElement("p");
  return clean.split(/\n[ \t]*(?:\n[ \t]*)+/).map((paragraph) => {
    box.textContent = paragraph.trim();
    return `<p>${box.innerHTML.replaceAll("\n", "<br>")}</p>`;
  }).join("");
}

/** Whether the editor would lose something of it: tables, styles, classes, pictures. */
export function isTooRich(html) {
  return [...parsed(html).querySelectorAll("*")].some(({ tagName, attributes }) =>
    !KEPT.has(tagName) || [...attributes].some(({ name }) => !(tagName === "A" && name === "href")));
}

/**
 * Whether the editor gives all of it back, down to the tags of the source: a header may open what the footer closes, and
 * the parser mends that before anybody sees it.
 */
export function losesNothing(html) {
  const tags = [...html.matchAll(/<(\/?)([a-z!?][^\s/>]*)/gi)].map(([, end, name]) => ({ isEnd: Boolean(end), name: name.toUpperCase() }));
  if (tags.some(({ name }) => !KEPT.has(name)) || isTooRich(html)) return false;
  const opened = tags.filter(({ isEnd }) => !isEnd);
  const ends = opened.filter(({ name }) => !VOID.has(name)).length;
  return opened.length === parsed(html).querySelectorAll("*").length && tags.length - opened.length === ends;
}

/** The HTML with a span for each field of its text; fields in addresses stay as they are. */
export function withChips(html) {
  const body = parsed(html);
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = text.data.split(FIELD);
    if (parts.length === 1) continue;
    text.replaceWith(...parts.map((part, place) => {
      if (place % 2 === 0) return document.createTextNode(part);
      const chip = document.createElement("span");
      chip.dataset.field = part;
      return chip;
    }));
  }
  return body.innerHTML;
}

/** The editor's HTML with the fields written out again. */
export function withoutChips(html) {
  const body = parsed(html);
  for (const chip of body.querySelectorAll("span[data-field]")) chip.replaceWith(`{{ ${chip.dataset.field} }}`);
  const written = body.innerHTML;
  return written === "<p></p>" ? "" : written;
}

/** Plain text of one line as HTML, with a span for each of its fields. */
export function asLine(text) {
  const box = document.createElement("p");
  box.textContent = text;
  return withChips(box.innerHTML);
}

/** Whatever HTML there is as one line: its text, with its fields. */
export function lineOf(html) {
  return asLine(parsed(withoutChips(html)).textContent.replace(/\s*\n\s*/g, " ").trim());
}
