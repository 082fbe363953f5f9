"""The door to the outside world."""

import pytest

from mail.errors import ServerUnreachable
from mail.gateway import LocalGateway
from mail.smtp import Security, SmtpServer
from tests.servers.smtp_server import RecordingSmtpServer


def test_in_the_demo_nothing_leaves_the_machine() -> None:
    far = SmtpServer(host="192.0.2.1", port=25, security=Security("starttls"))

    with pytest.raises(ServerUnreachable, match="leaves"):
        LocalGateway().dial(far)


def test_the_demos_own_server_is_reached() -> None:
    with RecordingSmtpServer() as mail:
        near = SmtpServer(host="127.0.0.1", port=mail.port, security=Security("none"))
        line = LocalGateway().dial(near)
        line.quit()

    assert not line.is_open
