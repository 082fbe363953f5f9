"""What is written waits, comes back, or is refused before it leaves."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from errors import Conflict, Invalid, NotFound
from files.store import FileStore
from jobs.mail_sending import send_written
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.draft_files import add_file
from services.mailbox.drafts import draft_of, draft_to_keep, keep
from services.mailbox.mail_sending import leave, take_back
from settings import Settings
from tests.factories.people import make_user
from tests.servers.smtp_server import RecordingSmtpServer
from tests.services.mailbox.mail_sending.writing import written


def test_what_is_asked_back_in_time_does_not_leave(
    writer: User, account: MailAccount, server: RecordingSmtpServer
) -> None:
    """S3-39, pains D-12: undo brings the same draft back."""
    draft = written(writer, to="ana@cliente.test", subject="Hola", body_html="<p>Hola</p>")
    leave(draft, writer)
    db.session.commit()
    send_written()
    take_back(draft)
    db.session.commit()
    send_written()

    assert draft.state is DraftState.WRITING
    assert draft.fields["subject"] == "Hola"
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_what_is_to_leave_later_waits_for_its_moment(
    writer: User, account: MailAccount, server: RecordingSmtpServer
) -> None:
    """X3-11: until then it can be taken back; a moment that has passed still leaves the time to do so."""
    draft = written(writer, to="ana@cliente.test", subject="Hola", body_html="<p>Hola</p>")
    leave(draft, writer, at=utc_now() + timedelta(days=1))
    db.session.commit()
    send_written()
    assert draft.state is DraftState.LEAVING
    take_back(draft)

    leave(draft, writer, at=utc_now() - timedelta(days=1))

    assert draft.leaves_at is not None
    assert draft.leaves_at > utc_now()


def test_who_may_not_send_any_more_gets_the_draft_back(
    writer: User, account: MailAccount, organization: Organization
) -> None:
    """X4-08: the right counts at the moment of leaving."""
    draft = written(writer, to="ana@cliente.test", subject="Hola")
    leave(draft, writer)
    draft.leaves_at = utc_now() - timedelta(seconds=1)
    account.owner_id = make_user(organization).id
    db.session.commit()

    send_written()
    db.session.expire_all()

    assert draft.state is DraftState.WRITING
    assert "lucia@penalba.test" in draft.fields["problem"]


def test_a_draft_is_its_writers_alone(
    writer: User, account: MailAccount, organization: Organization
) -> None:
    """Nobody else finds it, nor writes over it by its name."""
    draft = written(writer, to="ana@cliente.test")
    other = make_user(organization)

    for attempt in (
        lambda: draft_of(draft.public_id, other),
        lambda: draft_to_keep(draft.public_id, other, DraftKind.NEW, None),
        lambda: draft_of(uuid.uuid4(), writer),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_two_tabs_do_not_write_over_each_other(writer: User, account: MailAccount) -> None:
    """S3-18: the second one is told."""
    draft = written(writer, subject="Uno")
    keep(draft, {**draft.fields, "subject": "Dos"}, revision=1)

    with pytest.raises(Conflict):
        keep(draft, {**draft.fields, "subject": "Otro"}, revision=1)

    assert draft.fields["subject"] == "Dos"


def test_what_does_not_fit_is_refused_with_its_name(
    writer: User, account: MailAccount, settings: Settings
) -> None:
    """S3-37: the file and the limit; and kinds that no server takes."""
    account.largest_message_bytes = 100_000
    draft = written(writer, to="ana@cliente.test")
    store = FileStore(settings.files_url)

    with pytest.raises(Invalid, match=r"planos\.pdf.*29 KB"):
        add_file(draft, b"%PDF-1.7" + b"0" * 60_000, "planos.pdf", store)
    with pytest.raises(Invalid, match=r"juego\.exe"):
        add_file(draft, b"MZ", "juego.exe", store)
    assert draft.files == []


def test_an_invalid_address_keeps_it_from_leaving(writer: User, account: MailAccount) -> None:
    """S3-31: with the sentence about it."""
    draft = written(writer, to="oscar.lanapa.test")

    with pytest.raises(Invalid, match=r"oscar\.lanapa\.test"):
        leave(draft, writer)
