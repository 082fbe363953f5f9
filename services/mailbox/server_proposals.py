"""The servers of accounts that have an address and none yet: as their colleagues have, else as the domain says (X4-04)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from errors import Invalid
from mail.envelope import EmailAddress
from models.base import db
from models.mailbox.mail_account import MailAccount
from services.mailbox.account_cells import TypedRow
from services.mailbox.autoconfig import ServerSuggestion, suggest
from services.mailbox.cell_rules import address_in

MOST_DOMAINS = 3  # asked of the network at a time: somebody waits


def propose_servers(
    typed: Iterable[TypedRow], domains: Mapping[int, str]
) -> dict[int, dict[str, str]]:
    """By person, the cells that fill an empty server; `domains` are the people's default ones."""
    wanted: dict[str, list[int]] = defaultdict(list)
    addresses: dict[str, EmailAddress] = {}
    for row in typed:
        if row.cells.get("smtp_host", "").strip() or not row.cells.get("address", "").strip():
            continue
        try:
            address = address_in(row.cells["address"], domains.get(row.user_id, ""))
        except Invalid:
            continue
        wanted[address.domain].append(row.user_id)
        addresses[address.domain] = address
    known = _of_colleagues(set(wanted))
    unknown = [domain for domain in wanted if domain not in known]
    for domain in unknown[:MOST_DOMAINS]:
        if found := suggest(str(addresses[domain])):
            known[domain] = _cells_of(found)
    return {
        key: known[domain] for domain, keys in wanted.items() for key in keys if domain in known
    }


def _of_colleagues(domains: set[str]) -> dict[str, dict[str, str]]:
    """The servers that most accounts of the organization at each of these domains use."""
    used: dict[str, Counter[tuple[str, int, str]]] = defaultdict(Counter)
    if not domains:
        return {}
    columns = (
        MailAccount.address_norm,
        MailAccount.smtp_host,
        MailAccount.smtp_port,
        MailAccount.smtp_security,
    )
    for norm, host, port, security in db.session.execute(select(*columns)):
        domain = norm.rpartition("@")[2]
        if domain in domains:
            used[domain][(host, port, security.value)] += 1
    return {
        domain: dict(
            zip(
                ("smtp_host", "smtp_port", "smtp_security"),
                map(str, counter.most_common(1)[0][0]),
                strict=True,
            )
        )
        for domain, counter in used.items()
    }


def _cells_of(found: ServerSuggestion) -> dict[str, str]:
    return {
        "smtp_host": found.smtp_host,
        "smtp_port": str(found.smtp_port),
        "smtp_security": found.smtp_security.value,
    }
