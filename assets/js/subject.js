// The subject of a message: one line, with the same chips for fields as the message has. Without script it is a text box.

import { Editor, Node } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { Field, fieldMenu, iconButton, labels } from "./field_chips.js";
import { asLine, lineOf } from "./field_text.js";
import { one } from "./query.js";

const Line = Node.create({ name: "doc", topNode: true, content: "inline*" });
const NOT_IN_A_LINE = ["document", "paragraph", "heading", "blockquote", "bulletList", "orderedList", "listItem", "listKeymap", "codeBlock", "horizontalRule",
  "hardBreak", "bold", "italic", "underline", "strike", "code", "link", "dropcursor", "gapcursor", "trailingNode"];

export function enhanceSubject(input) {
  if (input.closest(".v-rich")) return;
  const { id, labels: [label] } = input;
  const frame = document.createElement("div");
  frame.className = `v-rich v-oneline${input.classList.contains("is-invalid") ? " is-invalid" : ""}`;
  input.replaceWith(frame);
  const page = document.createElement("div");
  const insert = iconButton(one("#editor-words").dataset.insertSubject, "braces");
  // The line takes the place of the box: its label, its name in links, what is said of it.
  input.type = "hidden";
  input.dataset.was = input.value;
  input.removeAttribute("id");
  label.id = `${id}-label`;
  label.removeAttribute("for");

  const editor = new Editor({
    element: page,
    injectCSS: false, // the policy allows no styles of a script's making
    extensions: [Line, StarterKit.configure(Object.fromEntries(NOT_IN_A_LINE.map((name) => [name, false]))), Field.configure({ labels: labels(input) })],
    content: asLine(input.value),
    parseOptions: { preserveWhitespace: "full" },
    editorProps: {
      attributes: {
        id, role: "textbox", "aria-multiline": "false", "aria-labelledby": label.id,
        ...(input.getAttribute("aria-describedby") && { "aria-describedby": input.getAttribute("aria-describedby") }),
        ...(input.getAttribute("aria-invalid") && { "aria-invalid": "true" }),
      },
      handleKeyDown: (_view, { key }) => key === "Enter",
      transformPastedText: (text) => text.replace(/\s*\n\s*/g, " "),
      transformPastedHTML: lineOf,
    },
    onUpdate: () => {
      input.value = editor.getText();
      input.dispatchEvent(new Event("input", { bubbles: true }));
    },
    onBlur: () => input.dispatchEvent(new Event("change", { bubbles: true })),
  });
  const menu = fieldMenu(frame, insert, (name) => editor.chain().focus().insertContent({ type: "field", attrs: { name } }).run(), labels(input));
  frame.append(page, insert, menu, input);
  label.addEventListener("click", () => editor.commands.focus());
}
