// Pages where one writes: messages get an editor. Without script they are text boxes, which take plain text or HTML.

import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { wireCompose } from "./compose.js";
import { Field, fieldMenu, iconButton, labels } from "./field_chips.js";
import { asHtml, isTooRich, losesNothing, withChips, withoutChips } from "./field_text.js";
import { Picture, asNamed, asShown } from "./editor_pictures.js";
import { all, on, onEveryPart, one } from "./query.js";
import { enhanceSubject } from "./subject.js";

// `contact.name` and `document.date` end like domains do: only what says that it is an address becomes a link by itself.
const ADDRESS = /^(?:https?:\/\/|mailto:|www\.)|@/i;

onEveryPart((part) => {
  all("textarea[data-editor]", part).forEach(enhance);
  all("input[data-takes-fields]", part).forEach(enhanceSubject);
  all("[data-visual]", part).forEach((group) => { group.hidden = false; });
});
on("click", "[data-visual] button", (button) => look(button.closest("[data-visual]"), button.value === "visual"));
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

  const editor = edited(area, page, frame);
  buildBar(bar, { area, editor, frame, page, words });
  const label = area.labels[0];
  label?.addEventListener("click", (event) => { if (area.hidden) { event.preventDefault(); editor.commands.focus(); } });
  if (area.autofocus) editor.commands.focus();
}

/** The same text as HTML or as it looks; the editor is made when somebody wants it, and is gone with the HTML. */
function look(group, isVisual) {
  const area = one(`#${group.dataset.visual}`);
  const source = area.closest("[data-numbered]");
  const why = one(`#${group.getAttribute("aria-describedby")}`);
  why.hidden = !isVisual || losesNothing(area.value);
  if (!why.hidden) isVisual = false;
  for (const button of all("button", group)) {
    const isOn = (button.value === "visual") === isVisual;
    button.classList.toggle("on", isOn);
    button.setAttribute("aria-pressed", isOn);
  }
  const before = source.previousElementSibling?.matches(".v-rich") ? source.previousElementSibling : null;
  source.hidden = area.hidden = isVisual;
  if (!isVisual) {
    before?.dispatchEvent(new Event("done"));
    before?.remove();
    area.dispatchEvent(new Event("scroll"));
    return;
  }
  if (before) return;
  const [frame, bar, page] = ["div", "div", "div"].map((name) => document.createElement(name));
  frame.className = "v-rich";
  bar.className = "v-rich-b";
  frame.append(bar, page);
  source.before(frame);
  const editor = edited(area, page, frame);
  buildBar(bar, { area, editor, frame, page, words: one("#editor-words").dataset, hasSource: false });
  const insert = ({ detail }) => editor.chain().focus().insertContent([{ type: "field", attrs: { name: detail } }, { type: "text", text: " " }]).run();
  area.addEventListener("insert-field", insert);
  frame.addEventListener("done", () => { area.removeEventListener("insert-field", insert); editor.destroy(); });
  editor.commands.focus("end");
}

function edited(area, page, frame) {
  const editor = new Editor({
    element: page,
    injectCSS: false, // the policy allows no styles of a script's making
    extensions: [
      StarterKit.configure({ link: { openOnClick: false, protocols: ["http", "https", "mailto"], shouldAutoLink: (url) => ADDRESS.test(url) }, codeBlock: false }),
      area.dataset.pictures ? Picture : Field.configure({ labels: labels(area) }),
    ],
    content: inside(area),
    editable: !area.matches(":disabled"),
    editorProps: { handlePaste: (_view, event) => offered(area, event.clipboardData?.files), handleDrop: (_view, event) => offered(area, event.dataTransfer?.files), attributes: { role: "textbox", "aria-multiline": "true", "aria-label": area.labels[0]?.textContent ?? "", ...(area.getAttribute("aria-describedby") && { "aria-describedby": area.getAttribute("aria-describedby") }) } },
    onUpdate: () => tell(area, outside(area, editor)),
    onBlur: () => area.dispatchEvent(new Event("change", { bubbles: true })),
    onTransaction: () => frame.dispatchEvent(new Event("look")),
  });
  area.addEventListener("insert-picture", ({ detail }) => editor.chain().focus().insertContent({ type: "picture", attrs: { src: detail } }).run());
  area.addEventListener("insert-html", ({ detail }) => editor.chain().focus().insertContent(detail).run());
  return editor;
}

/** What stands in the text box as the editor shows it. */
function inside(area) {
  const html = asHtml(area.value);
  return area.dataset.pictures ? asShown(html, area.dataset.pictures) : withChips(html);
}

/** And back. */
function outside(area, editor) {
  const html = withoutChips(editor.getHTML());
  return area.dataset.pictures ? asNamed(html, area.dataset.pictures) : html;
}

/** Whether the editor would lose something of it; in a text that takes pictures these stay. */
function loses(area, html) {
  return isTooRich(area.dataset.pictures ? html.replace(/<img\b[^>]*>/gi, "") : html);
}

/** Pictures that are pasted or dropped into a text that takes some: whoever wires the page brings them in. */
function offered(area, files) {
  const pictures = [...files ?? []].filter(({ type }) => /^image\/(png|jpeg|gif)$/.test(type));
  if (!area.dataset.pictures || !pictures.length) return false;
  pictures.forEach((file) => area.dispatchEvent(new CustomEvent("picture", { detail: file, bubbles: true })));
  return true;
}

function tell(area, html) {
  area.value = html;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function buildBar(bar, { area, editor, frame, page, words, hasSource = true }) {
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
  const source = iconButton(words.source, "code", true);
  insert.hidden = !Object.keys(labels(area)).length;
  rest.append(...(hasSource ? [insert, source] : [insert]));
  bar.append(fieldMenu(frame, insert, (name) => {
    if (area.hidden) chain().insertContent([{ type: "field", attrs: { name } }, { type: "text", text: " " }]).run();
    else { area.setRangeText(`{{ ${name} }}`, area.selectionStart, area.selectionEnd, "end"); tell(area, area.value); area.focus(); }
  }, labels(area)));

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
  if (!hasSource) return;

  const note = document.createElement("p");
  note.className = "small dim px-3 pt-2 mb-0";
  note.textContent = words.rich;
  note.hidden = true;
  page.after(note);
  source.addEventListener("click", () => show(!area.hidden && !loses(area, area.value)));
  show(!loses(area, asHtml(area.value)));

  /** The editor, or the HTML that it makes. */
  function show(asPage) {
    if (asPage && !area.hidden) editor.commands.setContent(inside(area), { emitUpdate: false });
    else if (!asPage && area.hidden) area.value = outside(area, editor);
    area.hidden = asPage;
    page.hidden = !asPage;
    note.hidden = asPage || !loses(area, area.value);
    source.setAttribute("aria-pressed", !asPage);
    buttons.forEach(([button]) => { button.disabled = !asPage; });
  }
}
