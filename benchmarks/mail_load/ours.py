"""Our pipeline under load: a registered mailing, from `start` to *finished*, every message fenced and recorded."""

import random
import time
from collections.abc import Sequence

import psycopg
from sqlalchemy import select

from files.store import FileStore
from mail.gateway import NetworkGateway
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.tenancy import Actor, Scope, enter
from services.mailbox.servers import MailNetwork
from services.mailings.dispatch import Dispatch, DispatchPlan
from services.mailings.flow import start
from services.mailings.status import counts_of
from services.mailings.verify import verify_mailing
from settings import Settings
from tests.factories.ledger import make_ready_mailing
from tests.factories.people import make_mail_account, make_organization

PDF_BYTES = 46_800  # with text, HTML and base64 a message has 70 KB
BODY = "<p>Buenos días, {{ contact.name }}:</p>" + "<p>Le enviamos sus documentos.</p>" * 40

RESET = """
DELETE FROM delivery_attempt;
DELETE FROM audit_event WHERE entity = 'mailing';
UPDATE delivery_state SET state = 'prepared', owner = NULL, data_at = NULL, sent_at = NULL, attempt_count = 0,
  smtp_code = NULL, reason_code = NULL, not_before = now();
UPDATE mailing SET state = 'registered', started_at = NULL, finished_at = NULL;
"""


def enter_company() -> None:
    """A company to work in."""
    organization = make_organization()
    db.session.commit()
    enter(Scope(organization_id=organization.id, actor=Actor(name="benchmark")))


def make_load(
    settings: Settings, *, messages: int, accounts: int = 1, **account: object
) -> list[int]:
    """Mailings with so many messages together, one for each account; each message has its own attachment."""
    chance = random.Random(7)
    keys = []
    for _ in range(accounts):
        mailing = make_ready_mailing(
            settings,
            messages // accounts,
            make_mail_account(smtp_port=2525, **account),
            attachments=lambda: chance.randbytes(PDF_BYTES),
            body_html=BODY,
        )
        keys.append(mailing.id)
    return keys


def reset(superuser_dsn: str) -> None:
    """As it was before the start, swept."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(RESET)
        for table in ("delivery_state", "delivery_attempt", "mailing"):
            connection.execute(f"VACUUM ANALYZE {table}")  # type: ignore[arg-type]
        connection.execute("CHECKPOINT")


def point_at(superuser_dsn: str, port: int, *, ca_file: str | None = None, burst: bool) -> None:
    """Where all accounts send from now on."""
    security = "starttls" if ca_file else "none"
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE mail_account SET smtp_port = %s, smtp_security = %s, wants_burst = %s",
            (port, security, burst),
        )


def use_lines(superuser_dsn: str, mailings: Sequence[int], lines: int) -> None:
    """How many connections their accounts have."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE mail_account SET connections = %s WHERE id IN"
            " (SELECT account_id FROM mailing WHERE id = ANY(%s))",
            (lines, list(mailings)),
        )


def rate(settings: Settings, mailings: Sequence[int], *, ca_file: str | None = None) -> float:
    """Messages a second from `start` until all mailings are finished; raises if anything is not as it must be."""
    dispatch = Dispatch(
        DispatchPlan(
            dsn=settings.role_dsn("sender"),
            network=MailNetwork(ca_file=ca_file),
            most_accounts=len(mailings),
        ),
        gateway=NetworkGateway(),
        store=FileStore(settings.files_url),
    )
    began = time.monotonic()
    for key in mailings:
        start(key)
    db.session.commit()
    if len(mailings) > 1:
        began = (
            time.monotonic()
        )  # a hundred people pressed at once; here one process did it for them
    dispatch.work(stays=lambda: _are_sending(mailings))
    seconds = time.monotonic() - began
    sent = 0
    for mailing in db.session.scalars(select(Mailing).where(Mailing.id.in_(mailings))):
        counts = counts_of(mailing.id)
        sent += counts["sent"]
        assert mailing.state is MailingState.FINISHED, (mailing.state, counts)
        assert all(verify_mailing(mailing).values())
    db.session.rollback()
    return sent / seconds


def _are_sending(mailings: Sequence[int]) -> bool:
    db.session.rollback()
    sending = select(Mailing.id).where(
        Mailing.id.in_(mailings), Mailing.state == MailingState.SENDING
    )
    return db.session.scalar(sending.limit(1)) is not None
