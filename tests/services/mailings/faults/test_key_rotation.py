"""Keys: renewed and dropped while a sender of its own signs in again and again, and the web takes passwords."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.sealing import Keyring, keyring
from services.system.keys import drop_old, rotate
from settings import Settings, read_keys
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_mail_account
from tests.servers.ready_python import ReadyPython
from tests.servers.smtp_server import Rule
from tests.services.mailings.faults.laboratory import Laboratory, check, wait_until

RECIPIENTS = 200
LOGIN, PASSWORD = "norte", "canary password"


class LaboratoryWithFile(Laboratory):
    """Its processes have their keys from the file."""

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "ENCRYPTION_KEYS": ""}


@pytest.fixture
def with_file(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    file = tmp_path / "secret.keys"
    file.write_text("\n".join(settings.encryption_keys) + "\n")
    keyring.use(settings.encryption_keys, file=file)
    yield dataclasses.replace(settings, key_file=file, ventanilla_data=tmp_path)
    keyring.use(settings.encryption_keys, file=settings.key_file)


def test_keys_change_while_sender_and_web_are_running(
    organization: Organization,
    with_file: Settings,
    tmp_path: Path,
    sign_in: SignIn,
    ready_python: ReadyPython,
) -> None:
    """Issue's "Keys": every message leaves once, and nothing needs the old key any more."""
    lab = LaboratoryWithFile(with_file, tmp_path, ready_python)
    # Each line ends after ten messages, so that the password is wanted all the time.
    lab.serve(
        login=LOGIN,
        password=PASSWORD,
        reply_delay_seconds=0.01,
        rules=[Rule(point="replied", action="drop", every=10)],
    )
    mailing = lab.mailing(RECIPIENTS, login=LOGIN, password=PASSWORD, connections=2)
    other = make_mail_account(password="before")
    db.session.commit()
    client, before = sign_in(), read_keys(with_file.key_file)[0]
    page = f"/addons/mail-accounts/checks/{other.public_id}/password"
    lab.start(mailing)
    lab.sender()

    try:
        wait_until(lambda: len(lab.accepted()) > RECIPIENTS // 10, 30)
        rotate(with_file)
        assert client.post(page, data={"password": "written by the web"}).status_code == 302
        drop_old(with_file, settled_after=0)
        at_the_change = len(lab.accepted())
        lab.wait_for_end(mailing)
    finally:
        lab.close()

    assert at_the_change < RECIPIENTS, "the mailing was over before the keys had changed"
    assert check(lab, mailing) == {"sent": RECIPIENTS}
    newest = Keyring()
    after = read_keys(with_file.key_file)[0]
    newest.use(after)
    assert len(after) == 1 and not set(after) & set(before)
    for account in db.session.scalars(db.select(MailAccount)):
        bound_to = f"mail_account:{account.public_id}:password"
        told = newest.open(account.password_sealed or "", bound_to=bound_to)
        assert told == ("written by the web" if account.id == other.id else PASSWORD)
