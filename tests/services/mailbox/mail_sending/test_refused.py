"""Whoever did not get it is named, with what the server said."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from errors import Invalid
from files.store import FileStore
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole
from models.mailbox.message import Message
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.user import User
from services.mailbox.conversation_details import deliveries_of
from services.mailbox.draft_files import add_file
from services.mailbox.mail_limits import limits_of
from services.mailbox.mail_sending import leave
from services.mailings.message import LARGEST_MESSAGE
from services.mailings.not_reached import not_reached
from settings import Settings
from tests.factories.mailbox import make_folder
from tests.factories.saving import saved
from tests.servers.smtp_rules import Rule
from tests.servers.smtp_server import RecordingSmtpServer
from tests.services.mailbox.mail_sending.writing import send_now, written


def test_whoever_did_not_get_it_is_named_with_the_reason(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """Pains D-5, S3-19: refused by the server, or left out by us: at that recipient, after it has left."""
    make_folder(account, FolderRole.SENT)
    gone = Rule(point="rcpt", reply="550 5.1.1 gone", recipient="falta@cliente.test")
    server.options.rules.append(gone)
    text = "ana@cliente.test, falta@cliente.test"
    joint = written(writer, to=text, cc="rebota@cliente.test", subject="Hola")
    alone = written(writer, to="falta@cliente.test", subject="Hola")
    leave(joint, writer)
    saved(Suppression(address_norm="rebota@cliente.test"))  # since Send was pressed
    joint.leaves_at = utc_now()
    send_now(alone, writer, settings)

    states = deliveries_of(db.session.scalars(select(Message)).all())
    found = not_reached(states.values())

    assert [(each.address, each.reason) for each in found[joint.delivery_id or 0]] == [
        ("falta@cliente.test", ReasonCode.RECIPIENT_REJECTED),
        ("rebota@cliente.test", ReasonCode.SUPPRESSED),
    ]
    assert found[joint.delivery_id or 0][0].answer == "550 5.1.1 gone"
    [one] = found[alone.delivery_id or 0]
    assert (one.address, one.reason) == ("falta@cliente.test", ReasonCode.RECIPIENT_REJECTED)


def test_what_is_refused_as_a_whole_names_all_of_them(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """Pains D-5, S3-19: after the last line, so that nobody has got it."""
    make_folder(account, FolderRole.SENT)
    server.options.rules.append(Rule(point="dot", reply="554 5.6.0 unwanted"))
    draft = written(writer, to="ana@cliente.test, eva@cliente.test", cc="luz@cliente.test")
    send_now(draft, writer, settings)

    [found] = not_reached(
        deliveries_of(db.session.scalars(select(Message)).all()).values()
    ).values()

    assert [each.address for each in found] == [
        "ana@cliente.test",
        "eva@cliente.test",
        "luz@cliente.test",
    ]
    assert {each.reason for each in found} == {ReasonCode.CONTENT_REJECTED}
    assert all("unwanted" in each.answer for each in found)


def test_what_the_server_takes_is_known_before_the_next_message(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-37: said by it (SIZE) when it was greeted last; a limit that somebody has set counts where it is smaller."""
    server.options = replace(server.options, longest_message=5_000_000)
    make_folder(account, FolderRole.SENT)
    assert limits_of(account).largest == LARGEST_MESSAGE

    send_now(written(writer, to="ana@cliente.test", subject="Hola"), writer, settings)

    assert limits_of(account).largest == 5_000_000
    account.largest_message_bytes = 1_000_000
    assert limits_of(account).largest == 1_000_000
    draft = written(writer, to="ana@cliente.test")
    with pytest.raises(Invalid, match=r"planos\.pdf"):
        add_file(draft, b"%PDF-1.7" + b"0" * 1_200_000, "planos.pdf", FileStore(settings.files_url))
