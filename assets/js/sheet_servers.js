// An address without a server gets that of its colleagues, or what its domain says of itself. A server that stands
// there of its own accord goes along when the address moves to another domain; one that somebody wrote stays.

import { fieldOf, write } from "./sheet_blocks.js";
import { one } from "./query.js";

const SERVER = ["smtp_host", "smtp_port", "smtp_security"];
// By person: their row, and .known of each domain that was asked, .domain and .cells. A refused save brings a new row.
const filled = new Map();

/** Fill the servers of these rows; `bodyOf` gives what is sent of some of them. */
export async function fillServers(rows, bodyOf) {
  const asked = rows.filter(isWanted).map((row) => ({ row, domain: domainOf(row), before: serverOf(row) }));
  if (!asked.length) return;
  asked.forEach(({ row, domain, before }) => remember(row, domain, before));
  const body = bodyOf(asked.map(({ row }) => row));
  asked.forEach(({ row }) => body.set(fieldOf(row, "smtp_host").name, ""));
  const answer = await fetch(one("[data-sheet]").dataset.servers, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) return;
  const found = await answer.json();
  const still = asked.filter(({ row, domain, before }) => row.isConnected && domainOf(row) === domain && stands(row, before));
  write(still.flatMap(({ row, domain, before }) => {
    const cells = found[row.dataset.user] ?? knownOf(row)[0].cells; // or what stood there at first
    const isTyped = !before.smtp_host && before.smtp_port; // a port that somebody wrote before there was a server
    const next = { ...before, ...cells, ...(isTyped ? { smtp_port: before.smtp_port } : {}) };
    remember(row, domain, next);
    return Object.entries(next).map(([name, text]) => [fieldOf(row, name), text]);
  }), { joins: true });
}

function isWanted(row) {
  const domain = fieldOf(row, "address") && domainOf(row);
  if (!domain) return false;
  const known = knownOf(row);
  if (!fieldOf(row, "smtp_host").value.trim()) return !known.some((each) => each.domain === domain);
  const ours = known.filter(({ cells }) => stands(row, cells));
  return ours.length > 0 && !ours.some((each) => each.domain === domain);
}

function remember(row, domain, cells) {
  filled.set(row.dataset.user, { row, known: [...knownOf(row), { domain, cells }] });
}

/** What was found for this person, as long as it is not saved. */
function knownOf(row) {
  const before = filled.get(row.dataset.user);
  if (!before) return [];
  if (before.row !== row) {
    if (!("typed" in row.dataset)) { filled.delete(row.dataset.user); return []; }
    before.row = row;
  }
  return before.known;
}

const serverOf = (row) => Object.fromEntries(SERVER.map((name) => [name, fieldOf(row, name).value.trim()]));

const stands = (row, cells) => SERVER.every((name) => fieldOf(row, name).value.trim() === cells[name]);

/** The domain of the address; nothing while it is being typed. */
function domainOf(row) {
  const field = fieldOf(row, "address");
  const address = field.value.trim();
  if (!address) return "";
  const suffix = one("[data-suffix]", field.parentElement)?.textContent ?? "";
  const domain = (address.includes("@") ? address : suffix).split("@").pop().toLowerCase();
  return /\.[^.]{2,}$/.test(domain) ? domain : "";
}
