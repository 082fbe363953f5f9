"""E-7: whatever leaves, leaves by a mail account of the one table and by the one sender."""

from mail.gateway import NetworkGateway
from mail.headers import Mailbox
from models.base import db
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.checks import ask_check
from services.mailbox.letterhead_preview import send_example
from services.mailbox.letterheads import Letterheads, Level, LevelKind
from services.mailings.flow import start
from services.mailings.notices import Notice, email
from tests.factories.mailings import make_registered
from tests.factories.people import make_mail_account
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, ServerOptions


@email("account-works-again")
def works_again() -> Notice:
    return Notice(
        cause="one kind of account",
        to=Mailbox("ana@acme.com", "Ana"),
        lang="es",
        values={"account": "ventas@acme.com", "name": "Ana", "url": "https://acme.com"},
    )


def test_mailings_notices_tests_and_checks_sign_in_the_same_way(organization, settings):
    """E-7: there is no second place where a server or a password would have to be written."""
    with RecordingSmtpServer(ServerOptions(login="ventas", password="the only one")) as server:
        account = make_mail_account(
            address="ventas@penalba.test",
            smtp_host="localhost",
            smtp_port=server.port,
            login="ventas",
            password="the only one",
        )
        mailing = make_registered(settings, customers=2, account=account)
        start(mailing.id)
        works_again(account)
        send_example(Letterheads().at(Level(LevelKind.ORGANIZATION)), None, "qa@penalba.test")
        ask_check([account], wants_message=True)
        db.session.commit()

        make_dispatch(settings).work(stays=is_under_way, seconds=30)
        carry_out_checks(CheckTools(gateway=NetworkGateway()))

        assert {each.login for each in server.accepted} == {"ventas"}
        assert {each.sender for each in server.accepted} == {"ventas@penalba.test"}
        assert len(server.accepted) == 2 + 1 + 1 + 1
