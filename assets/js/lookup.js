// Look-ups: a real <select> that holds the current value; tom-select adds the search.

import TomSelect from "tom-select/base";
import { all, onEveryPart } from "./query.js";

onEveryPart((part) => [...(part.matches?.("select[data-lookup]") ? [part] : []), ...all("select[data-lookup]", part)].forEach(enhance));

function enhance(select) {
  if (select.tomselect) return;
  const url = new URL(select.dataset.lookup, location.href);
  const { placeholder, nothing } = select.dataset;
  new TomSelect(select, {
    // The server searches and sorts.
    searchField: [],
    score: () => () => 1,
    maxOptions: 20,
    preload: "focus",
    loadThrottle: 200,
    placeholder,
    hidePlaceholder: true,
    // The table of lines scrolls sideways and would cut the list of answers.
    dropdownParent: select.closest("[data-lines]") ? "body" : null,
    allowEmptyOption: false,
    render: {
      no_results: (_data, escape) => `<div class="no-results">${escape(nothing ?? "")}</div>`,
      loading: null,
    },
    load(query, done) {
      url.searchParams.set("query", query);
      this.clearActiveOption();
      this.clearOptions((option) => this.items.includes(String(option.value)));
      fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then((answer) => answer.json())
        .then((found) => done(found.map(([value, text]) => ({ value: String(value), text }))), () => done());
    },
  });
}
