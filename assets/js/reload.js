// A choice that decides what else there is to choose loads the page again with it.

import { all, on, one } from "./query.js";

export function wireReload() {
  all("button[name=show]").forEach((button) => { button.hidden = true; });
  on("change", "[data-reloads]", (field) => field.form.requestSubmit(one("button[name=show]", field.form)));
}
