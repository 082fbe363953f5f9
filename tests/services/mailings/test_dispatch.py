from sqlalchemy import select

from files.store import FileStore
from mail.gateway import NetworkGateway
from models.base import db
from models.mailings.delivery import DeliveryState
from services.mailings.dispatch import Dispatch, DispatchPlan
from services.mailings.flow import start
from tests.factories.mailings import make_invoiced_customers, make_registered
from tests.factories.people import make_mail_account
from tests.servers.smtp_server import RecordingSmtpServer


def test_a_started_mailing_is_delivered(organization, settings):
    make_invoiced_customers(5)
    with RecordingSmtpServer() as server:
        account = make_mail_account(smtp_port=server.port)
        mailing = make_registered(settings, account)
        start(mailing.id)
        db.session.commit()
        Dispatch(
            DispatchPlan(dsn=settings.role_dsn("sender")),
            gateway=NetworkGateway(),
            store=FileStore(settings.files_url),
        ).work()
        db.session.refresh(mailing)
        assert mailing.state == "finished"
        assert len(server.accepted) == 5
        assert {s.state for s in db.session.scalars(select(DeliveryState))} == {"sent"}
