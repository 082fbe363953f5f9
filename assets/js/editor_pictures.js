// Pictures inside a message: it names them by `cid:`, the page fetches them below an address of ours.

import { Node } from "@tiptap/core";

export const Picture = Node.create({
  name: "picture",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => ({ src: { default: "" }, alt: { default: "" } }),
  parseHTML: () => [{ tag: "img[src]" }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
});

/** `at` is where the pictures of this draft lie. */
export const asShown = (html, at) => html.replace(/(<img\b[^>]*?\ssrc=")cid:/gi, `$1${at}`);
export const asNamed = (html, at) => html.replaceAll(`src="${at}`, 'src="cid:');
