// Pages where one writes: messages get an editor. Without script they are text boxes, which take plain text or HTML.

import { Editor, InputRule, Node, nodePasteRule } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { wireCompose } from "./compose.js";
import { FIELD, asHtml, isTooRich, withChips, withoutChips } from "./field_text.js";
import { all, onEveryPart, one } from "./query.js";

// `contact.name` and `document.date` end like domains do: only what says that it is an address becomes a link by itself.
const ADDRESS = /^(?:https?:\/\/|mailto:|www\.)|@/i;
const sprite = () => one("svg.i use").getAttribute("href").split("#")[0];
// Of the list that the text names, where a page has several.
const labels = (area) => Object.fromEntries(all(area.dataset.fieldsOf ? `#${area.dataset.fieldsOf} dt` : "[data-fields] dt").map((name) =>
  [name.textContent.replace(/[{}\s]/g, ""), name.nextElementSibling.textContent]));

const Field = Node.create({
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
  addOptions: () => ({ labels: {} }),
  addInputRules() {
    const handler = ({ state, range, match: [, name] }) => { state.tr.replaceWith(range.from, range.to, this.type.create({ name })); };
    return [new InputRule({ find: new RegExp(`${FIELD.source}$`), handler })];
  },
  addPasteRules() {
    return [nodePasteRule({ find: FIELD, type: this.type, getAttributes: ([, name]) => ({ name }) })];
  },
});

onEveryPart((part) => all("textarea[data-editor]", part).forEach(enhance));
wireCompose();

function enhance(area) {
  if (area.closest(".v-rich")) return;
  const words = one("#editor-words").dataset;
  const frame = document.createElement("div");
  frame.className = `v-rich${area.classList.contains("is-invalid") ? " is-invalid" : ""}`;
  area.replaceWith(frame);
  const page = document.createElement("div");
  const bar = document.createElement("div");
  bar.className = "v-rich-b";
  frame.append(bar, page, area);

  const editor = new Editor({
    element: page,
    injectCSS: false, // the policy allows no styles of a script's making
    extensions: [
      StarterKit.configure({ link: { openOnClick: false, protocols: ["http", "https", "mailto"], shouldAutoLink: (url) => ADDRESS.test(url) }, codeBlock: false }),
      Field.configure({ labels: labels(area) }),
    ],
    content: withChips(asHtml(area.value)),
    editorProps: { attributes: { role: "textbox", "aria-multiline": "true", "aria-label": area.labels[0]?.textContent ?? "", ...(area.getAttribute("aria-describedby") && { "aria-describedby": area.getAttribute("aria-describedby") }) } },
    onUpdate: () => tell(area, withoutChips(editor.getHTML())),
    onBlur: () => area.dispatchEvent(new Event("change", { bubbles: true })),
    onTransaction: () => frame.dispatchEvent(new Event("look")),
  });
  buildBar(bar, { area, editor, frame, page, words });
  const label = area.labels[0];
  label?.addEventListener("click", (event) => { if (area.hidden) { event.preventDefault(); editor.commands.focus(); } });
}

function tell(area, html) {
  area.value = html;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function buildBar(bar, { area, editor, frame, page, words }) {
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words.format);
  const chain = () => editor.chain().focus();
  const marks = [
    [words.bold, "bold", () => chain().toggleBold().run(), "bold"],
    [words.italic, "italic", () => chain().toggleItalic().run(), "italic"],
    [words.bullets, "list", () => chain().toggleBulletList().run(), "bulletList"],
    [words.numbers, "list-numbers", () => chain().toggleOrderedList().run(), "orderedList"],
    [words.link, "link", () => openLink(), "link"],
    [words.undo, "arrow-back-up", () => chain().undo().run()],
    [words.redo, "arrow-forward-up", () => chain().redo().run()],
  ];
  const buttons = marks.map(([label, icon, act, state]) => {
    const button = iconButton(label, icon);
    button.addEventListener("click", act);
    bar.append(button);
    return [button, state];
  });
  frame.addEventListener("look", () => buttons.forEach(([button, state]) => state && button.setAttribute("aria-pressed", editor.isActive(state))));

  const rest = document.createElement("span");
  rest.className = "push row-x";
  bar.append(rest);
  const insert = iconButton(words.insert, "braces", true);
  insert.setAttribute("aria-haspopup", "menu");
  const source = iconButton(words.source, "code", true);
  insert.hidden = !Object.keys(labels(area)).length;
  rest.append(insert, source);
  const menu = fieldMenu(area, (name) => {
    if (area.hidden) chain().insertContent([{ type: "field", attrs: { name } }, { type: "text", text: " " }]).run();
    else { area.setRangeText(`{{ ${name} }}`, area.selectionStart, area.selectionEnd, "end"); tell(area, area.value); area.focus(); }
  });
  bar.append(menu);
  insert.addEventListener("click", () => { menu.hidden = !menu.hidden; if (!menu.hidden) one("button", menu).focus(); });
  frame.addEventListener("keydown", (event) => { if (event.key === "Escape" && !menu.hidden) { menu.hidden = true; insert.focus(); event.stopPropagation(); } });
  document.addEventListener("click", (event) => { if (!bar.contains(event.target)) menu.hidden = true; });

  const note = document.createElement("p");
  note.className = "small dim px-3 pt-2 mb-0";
  note.textContent = words.rich;
  note.hidden = true;
  page.after(note);
  source.addEventListener("click", () => show(!area.hidden && !isTooRich(area.value)));
  show(!isTooRich(asHtml(area.value)));

  /** The editor, or the HTML that it makes. */
  function show(asPage) {
    if (asPage && !area.hidden) editor.commands.setContent(withChips(asHtml(area.value)), { emitUpdate: false });
    else if (!asPage && area.hidden) area.value = withoutChips(editor.getHTML());
    area.hidden = asPage;
    page.hidden = !asPage;
    note.hidden = asPage || !isTooRich(area.value);
    source.setAttribute("aria-pressed", !asPage);
    buttons.forEach(([button]) => { button.disabled = !asPage; });
  }

  const box = document.createElement("span");
  box.className = "v-linkbox";
  box.hidden = true;
  const address = document.createElement("input");
  address.className = "form-control form-control-sm";
  address.setAttribute("aria-label", words.address);
  address.placeholder = "https://";
  const apply = iconButton(words.apply, "check", true);
  const remove = iconButton(words.remove, "x", true);
  box.append(address, apply, remove);
  bar.append(box);
  function openLink() {
    box.hidden = !box.hidden;
    address.value = editor.getAttributes("link").href ?? "";
    if (!box.hidden) address.focus();
  }
  function setLink() {
    const href = address.value.trim();
    box.hidden = true;
    if (!href) return;
    const target = /^(https?:|mailto:|\{\{)/i.test(href) ? href : href.includes("@") ? `mailto:${href}` : `https://${href}`;
    if (editor.state.selection.empty && !editor.isActive("link")) chain().insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href: target } }] }).run();
    else chain().extendMarkRange("link").setLink({ href: target }).run();
  }
  apply.addEventListener("click", setLink);
  address.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); setLink(); } });
  remove.addEventListener("click", () => { box.hidden = true; chain().extendMarkRange("link").unsetLink().run(); });
}

function fieldMenu(area, choose) {
  const menu = document.createElement("div");
  menu.className = "v-menu";
  menu.setAttribute("role", "menu");
  menu.hidden = true;
  for (const [name, label] of Object.entries(labels(area))) {
    const entry = document.createElement("button");
    entry.type = "button";
    entry.setAttribute("role", "menuitem");
    const code = document.createElement("small");
    code.textContent = name;
    entry.append(label, code);
    entry.addEventListener("click", () => { menu.hidden = true; choose(name); });
    menu.append(entry);
  }
  return menu;
}

function iconButton(label, icon, hasText = false) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `btn btn-s v-quiet${hasText ? "" : " btn-i"}`;
  button.innerHTML = `<svg class="i" aria-hidden="true"><use href="${sprite()}#${icon}"/></svg>`;
  if (hasText) button.append(label);
  else { button.setAttribute("aria-label", label); button.title = label; }
  return button;
}
