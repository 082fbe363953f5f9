// Fields as chips, in messages and in their subjects: the chip itself, and the menu to insert one.

import { InputRule, Node, nodePasteRule } from "@tiptap/core";
import { FIELD } from "./field_text.js";
import { all, one } from "./query.js";

const sprite = () => one("svg.i use").getAttribute("href").split("#")[0];
/** Of the list that the text names (`data-fields-of`), where a page has several. */
export const labels = ({ dataset: { fieldsOf } } = { dataset: {} }) => Object.fromEntries([
  ...all(fieldsOf === undefined ? "[data-fields] dt" : `#${fieldsOf || "none"} dt`).map((name) => [name.textContent.replace(/[{}\s]/g, ""), name.nextElementSibling.textContent]),
  ...all("button[data-field]").map((button) => [button.dataset.field, button.title.replace(/ \(.*\)$/, "")]),
]);

export const Field = Node.create({
  name: "field",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ name: { default: "", parseHTML: (element) => element.dataset.field, renderHTML: ({ name }) => ({ "data-field": name }) } }),
  parseHTML: () => [{ tag: "span[data-field]" }],
  renderHTML({ node, HTMLAttributes }) {
    const label = this.options.labels[node.attrs.name];
    return ["span", { ...HTMLAttributes, class: label ? "v-field" : "v-field bad", title: `{{ ${node.attrs.name} }}` }, label ?? `{{ ${node.attrs.name} }}`];
  },
  renderText: ({ node }) => `{{ ${node.attrs.name} }}`,
  addOptions: () => ({ labels: {} }),
  addInputRules() {
    const handler = ({ state, range, match: [, name] }) => { state.tr.replaceWith(range.from, range.to, this.type.create({ name })); };
    return [new InputRule({ find: new RegExp(`${FIELD.source}$`), handler })];
  },
  addPasteRules() {
    return [nodePasteRule({ find: FIELD, type: this.type, getAttributes: ([, name]) => ({ name }) })];
  },
});

/** The menu of fields that `opener` opens; closed by Escape within `frame`, and by a press elsewhere. */
export function fieldMenu(frame, opener, choose, named = labels()) {
  const menu = document.createElement("div");
  menu.className = "v-menu";
  menu.setAttribute("role", "menu");
  menu.hidden = true;
  for (const [name, label] of Object.entries(named)) {
    const entry = document.createElement("button");
    entry.type = "button";
    entry.setAttribute("role", "menuitem");
    const code = document.createElement("small");
    code.textContent = name;
    entry.append(label, code);
    entry.addEventListener("click", () => { menu.hidden = true; choose(name); });
    menu.append(entry);
  }
  opener.setAttribute("aria-haspopup", "menu");
  opener.addEventListener("click", () => { menu.hidden = !menu.hidden; if (!menu.hidden) one("button", menu).focus(); });
  frame.addEventListener("keydown", (event) => { if (event.key === "Escape" && !menu.hidden) { menu.hidden = true; opener.focus(); event.stopPropagation(); } });
  document.addEventListener("click", (event) => { if (!menu.contains(event.target) && !opener.contains(event.target)) menu.hidden = true; });
  return menu;
}

export function iconButton(label, icon, hasText = false) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `btn btn-s v-quiet${hasText ? "" : " btn-i"}`;
  button.innerHTML = `<svg class="i" aria-hidden="true"><use href="${sprite()}#${icon}"/></svg>`;
  if (hasText) button.append(label);
  else { button.setAttribute("aria-label", label); button.title = label; }
  return button;
}
