"""Asking many servers whether something has changed: sign in, one question, leave; threads talk, this one writes.

Connections are not kept: a server has a process for each, and providers allow few. One hash says whether there is anything to do.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from sqlalchemy import select

from errors import AppError
from mail.errors import MailError, ServerUnreachable
from mail.gateway import MailGateway
from mail.imap import ImapServer
from mail.imap_mailbox import Mailbox
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.tenancy import Actor, acting_in
from services.mailbox.folder_list import poll_token
from services.mailbox.servers import imap_server_of
from services.mailbox.sync_run import SyncTools
from services.mailbox.sync_state import (
    claim_due,
    give_back,
    know_mailboxes,
    note_failed,
    note_unchanged,
    organizations_with_mailboxes,
)

logger = logging.getLogger(__name__)
AT_ONCE = 8
CLAIMED_AT_ONCE = 100
PATIENCE_SECONDS = 15.0  # for an answer; reading has more
SILENCE = 2  # visits to a server in vain, and the others to it are left for later


@dataclass(frozen=True)
class _Visit:
    """A server to ask, and what it said when all was here."""

    account_id: int
    server: ImapServer
    known_roles: dict[str, str]
    token: bytes | None

    @property
    def place(self) -> tuple[str, int]:
        return self.server.host, self.server.port


def poll_mailboxes(tools: SyncTools, ring: Callable[[int], object], *, seconds: float = 50) -> int:
    """Ask the servers of all mailboxes whose turn it is; `ring` for those that have changed. How many were asked.

    Those that answered last come first; of those that did not, some at a time, so that they hold up nobody.
    Commits as it goes; several may do this at the same time.
    """
    ends, asked = time.monotonic() + seconds, 0
    organizations = organizations_with_mailboxes()
    for failing in (False, True):
        for organization_id in organizations:
            with acting_in(organization_id, actor=Actor(source="job")):
                know_mailboxes()
                db.session.commit()
                while time.monotonic() < ends:
                    visits = _claim(tools, failing=failing)
                    if not visits:
                        break
                    asked += _visit_all(visits, tools.gateway, ring, ends)
                    if failing:
                        break
    return asked


def _claim(tools: SyncTools, *, failing: bool) -> list[_Visit]:
    most = AT_ONCE if failing else CLAIMED_AT_ONCE
    due = {each.account_id: each.poll_token for each in claim_due(most, failing=failing)}
    db.session.commit()
    visits = []
    accounts = db.session.scalars(select(MailAccount).where(MailAccount.id.in_(due))).all()
    for account in accounts:
        try:
            server = imap_server_of(account, tools.network)
        except AppError as problem:
            note_failed(account.id, problem)
            continue
        if server is not None:
            patient = min(server.timeout_seconds, PATIENCE_SECONDS)
            roles = {str(role): str(path) for role, path in account.folders.items()}
            server = replace(server, timeout_seconds=patient)
            visits.append(_Visit(account.id, server, roles, due[account.id]))
    db.session.commit()
    return visits


def _visit_all(
    visits: Sequence[_Visit], gateway: MailGateway, ring: Callable[[int], object], ends: float
) -> int:
    """How many were asked; when time is up, the others are given back."""
    unchanged: list[int] = []
    changed: list[int] = []
    left: list[int] = []
    silence: Counter[tuple[str, int]] = Counter()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="polling") as pool:
        asked = {pool.submit(_ask, visit, gateway, silence, ends): visit for visit in visits}
        for each in as_completed(asked):
            visit = asked[each]
            try:
                is_same = each.result()
            except MailError as problem:
                silence[visit.place] += isinstance(problem, ServerUnreachable)
                note_failed(visit.account_id, problem)
                continue
            if is_same is None:
                left.append(visit.account_id)
            else:
                (unchanged if is_same else changed).append(visit.account_id)
    if unchanged:
        note_unchanged(unchanged)
    if left:
        give_back(left)
    db.session.commit()
    for account_id in changed:
        ring(account_id)
    return len(visits) - len(left)


def _ask(
    visit: _Visit, gateway: MailGateway, silence: Counter[tuple[str, int]], ends: float
) -> bool | None:
    """Whether everything is as it was; None if there was no time. Raises MailError."""
    if time.monotonic() >= ends:
        return None
    if silence[visit.place] >= SILENCE:
        raise ServerUnreachable("The mail server did not answer for other accounts.")
    mailbox = Mailbox(gateway.open_mailbox(visit.server))
    try:
        return poll_token(mailbox.folders(visit.known_roles)) == visit.token
    finally:
        mailbox.close()
