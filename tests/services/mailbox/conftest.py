import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.checks import ask_check, newest_checks
from tests.servers import dovecot
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import running
from tests.servers.services import short_folder
from tests.servers.smtp_server import RecordingSmtpServer, ServerOptions


@pytest.fixture
def serve() -> Iterator[Callable[..., RecordingSmtpServer]]:
    """Start a recording server with these ServerOptions; it ends with the test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(RecordingSmtpServer(ServerOptions(**options)))


def outcome_of(account: MailAccount, **how: Any) -> AccountCheck:
    """Asked for and carried out."""
    ask_check([account], **how)
    db.session.commit()
    carry_out_checks(CheckTools(gateway=NetworkGateway()))
    return newest_checks([account.id])[account.id]


def now(account: MailAccount) -> MailAccount:
    return db.session.get_one(MailAccount, account.id, populate_existing=True)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def store(certificates: Certificates) -> Iterator[Dovecot]:
    """A Dovecot for the people `p0` to `p59`: each test takes another."""
    if not dovecot.is_installed():
        pytest.skip("Dovecot is not installed")
    people = [f"p{number}" for number in range(60)]
    folder = short_folder()  # a parallel run closes pytest's own to Dovecot's account
    try:
        with running(folder, certificates.valid, *people) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
