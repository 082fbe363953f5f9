"""A process that sends what is due and can be killed: short waits, so that faults are over soon.

    python -m tests.servers.sender_process [--seconds S]

It ends when no mailing is being sent any more; settings come from the environment.
"""

import argparse
import gc
import signal
from typing import Any

from sqlalchemy import select

from app import create_app
from files.store import FileStore
from mail.gateway import NetworkGateway
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.tenancy import across_organizations
from services.mailbox.servers import MailNetwork
from services.mailings.dispatch import Dispatch, DispatchPlan
from services.mailings.ledger_record import RetryPlan
from settings import Settings

UNDER_WAY = (MailingState.SENDING, MailingState.STOPPING)


def make_dispatch(settings: Settings, **plan: Any) -> Dispatch:
    """A sender that waits tenths of a second where the real one waits minutes."""
    return Dispatch(
        DispatchPlan(
            **{
                "dsn": settings.role_dsn("sender"),
                "network": MailNetwork(
                    timeout_seconds=2, total_deadline_seconds=4, ca_file=settings.mail_ca_file
                ),
                "retries": RetryPlan(waits=(0.2, 0.4), most_attempts=30),
                "pauses": (0.3, 0.5),
                **plan,
            }
        ),
        gateway=NetworkGateway(),
        store=FileStore(settings.files_url),
    )


def is_under_way() -> bool:
    """Whether any mailing is being sent or stopped."""
    db.session.rollback()
    with across_organizations():
        return (
            db.session.scalar(select(Mailing.id).where(Mailing.state.in_(UNDER_WAY)).limit(1))
            is not None
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=55)
    arguments = parser.parse_args()
    settings = Settings.from_env()
    app = create_app(settings)
    gc.freeze()
    gc.enable()
    with app.app_context():
        dispatch = make_dispatch(settings)
        signal.signal(signal.SIGTERM, lambda *_: dispatch.stop())
        dispatch.work(seconds=arguments.seconds, stays=is_under_way)


if __name__ == "__main__":
    main()
