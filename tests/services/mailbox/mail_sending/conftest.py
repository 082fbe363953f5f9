"""Somebody who writes, the account, and a server that takes it."""

from collections.abc import Callable

import pytest

from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.people.user import User
from tests.factories.mailbox import make_mailbox
from tests.factories.people import make_user
from tests.servers.smtp_server import RecordingSmtpServer

Serve = Callable[..., RecordingSmtpServer]


@pytest.fixture
def writer(organization: Organization) -> User:
    return make_user(organization, name="Lucía", email="lucia@penalba.test")


@pytest.fixture
def server(serve: Serve) -> RecordingSmtpServer:
    return serve()


@pytest.fixture
def account(writer: User, server: RecordingSmtpServer) -> MailAccount:
    return make_mailbox(
        address="lucia@penalba.test",
        owner_id=writer.id,
        smtp_port=server.port,
        password=None,
        login=None,
        signature_html="<p>Lucía Ordóñez<br>Cartera</p>",
    )
