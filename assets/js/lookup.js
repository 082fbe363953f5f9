// Look-ups: a real <select> that holds the current value; tom-select adds the search. With `data-lookup` the server
// searches among many; with `data-search` all choices are there already.

import TomSelect from "tom-select/base";
import { all, onEveryPart } from "./query.js";

const SELECTS = "select[data-lookup], select[data-search]";

onEveryPart((part) => [...(part.matches?.(SELECTS) ? [part] : []), ...all(SELECTS, part)].forEach(enhance));

function enhance(select) {
  if (select.tomselect) return;
  const { placeholder, nothing } = select.dataset;
  new TomSelect(select, {
    placeholder,
    hidePlaceholder: true,
    // The table of lines scrolls sideways and would cut the list of answers.
    dropdownParent: select.closest("[data-lines]") ? "body" : null,
    allowEmptyOption: false,
    ...(select.dataset.lookup ? asked(new URL(select.dataset.lookup, location.href)) : { maxOptions: null }),
    render: {
      no_results: (_data, escape) => `<div class="no-results">${escape(nothing ?? "")}</div>`,
      loading: null,
    },
  });
  select.setAttribute("aria-hidden", "true"); // the box beside it has its name
}

/** The server searches and sorts; what is chosen already stands among its answers only if it is one. */
function asked(url) {
  let answers = new Set();
  return {
    searchField: [],
    score: () => ({ value }) => Number(answers.has(String(value))),
    maxOptions: 20,
    preload: "focus",
    loadThrottle: 200,
    load(query, done) {
      url.searchParams.set("query", query);
      this.clearActiveOption();
      this.clearOptions((option) => this.items.includes(String(option.value)));
      fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then((answer) => answer.json())
        .then((found) => {
          answers = new Set(found.map(([value]) => String(value)));
          done(found.map(([value, text]) => ({ value: String(value), text })));
        }, () => done());
    },
  };
}
