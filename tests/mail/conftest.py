from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings

from mail.smtp import Security, SmtpServer, dial
from mail.smtp_line import SmtpLine
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.rude_smtp import Connection, RudeServer
from tests.servers.smtp_server import RecordingSmtpServer, ServerOptions

# A busy machine is no reason to fail a property.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def serve() -> Iterator[Callable[..., RecordingSmtpServer]]:
    """Start a recording server with these ServerOptions; it ends with the test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(RecordingSmtpServer(ServerOptions(**options)))


@pytest.fixture
def serve_rudely() -> Iterator[Callable[[Callable[[Connection], None]], RudeServer]]:
    """Start a server that says what the script says; it ends with the test."""
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(RudeServer(script))


@pytest.fixture
def call() -> Iterator[Callable[..., SmtpLine]]:
    """Dial a server of this test, without encryption unless told; the line is closed after it."""
    with ExitStack() as stack:

        def to(server: RecordingSmtpServer | RudeServer, **fields: object) -> SmtpLine:
            line = dial(at(server, **fields))
            stack.callback(line.abort)
            return line

        yield to


def at(server: RecordingSmtpServer | RudeServer, **fields: object) -> SmtpServer:
    """Where the server listens, with short patience."""
    return SmtpServer(
        **{
            "host": "127.0.0.1",
            "port": server.port,
            "security": Security.NONE,
            "timeout_seconds": 5,
            "total_deadline_seconds": 10,
            **fields,
        }
    )


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of a check has a second; `test_a_step_has_ten_seconds` proves of SMTP that it has ten."""
    monkeypatch.setattr("mail.imap_check.STEP_SECONDS", 1.0)
    monkeypatch.setattr("mail.smtp_check.STEP_SECONDS", 1.0)
