"""Sending and registering in the background. The rows are the queue; these only ring."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from flask import current_app
from sqlalchemy import select

from errors import AppError
from jobs.queue import job
from mail.gateway import MailGateway
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.servers import MailNetwork
from services.mailings.dispatch import Dispatch, DispatchPlan
from services.mailings.reaper import start_scheduled
from services.mailings.register import note_problem, register_mailing
from services.sales.pdf import Workshop
from settings import Settings

LONGEST_RUN_SECONDS = 1800.0


@job(queue="mailings", timeout_seconds=7200)
def deliver_due() -> None:
    """Take the accounts that have something to send, until nothing is due; twice does no harm."""
    start_scheduled()
    dispatch = make_dispatch()

    with stopped_by_signals(dispatch):
        dispatch.work(seconds=LONGEST_RUN_SECONDS)
    if dispatch.has_more:
        deliver_due.enqueue()


@job(queue="mailings", timeout_seconds=7200)
def register(mailing_id: int, actor_id: int | None = None, actor_name: str | None = None) -> None:
    """Freeze the messages of a draft; what goes wrong is written at the mailing."""
    with across_organizations():
        organization_id = db.session.scalar(
            select(Mailing.organization_id).where(
                Mailing.id == mailing_id, Mailing.state == MailingState.DRAFT
            )
        )
    if organization_id is None:
        return  # registered or cancelled since it was queued
    kind = "system" if actor_id is None else "user"
    actor = Actor(kind=kind, id=actor_id, name=actor_name, source="job")
    with acting_in(organization_id, actor=actor):
        mailing = db.session.get_one(Mailing, mailing_id)
        try:
            register_mailing(mailing, workshop())
        except AppError as problem:
            db.session.rollback()
            note_problem(mailing, problem.message)
            db.session.commit()


@contextmanager
def stopped_by_signals(dispatch: Dispatch) -> Iterator[None]:
    """Who is asked to end finishes the messages on the wire first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        dispatch.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def make_dispatch() -> Dispatch:
    """A sender with this installation's settings."""
    settings: Settings = current_app.extensions["settings"]
    gateway: MailGateway = current_app.extensions["mail_gateway"]
    plan = DispatchPlan(
        dsn=settings.role_dsn("sender"),
        network=MailNetwork(
            timeout_seconds=settings.mail_timeout_seconds, ca_file=settings.mail_ca_file
        ),
    )
    return Dispatch(plan, gateway=gateway, store=workshop().store)


def workshop() -> Workshop:
    """Where this installation renders and keeps PDFs."""
    settings: Settings = current_app.extensions["settings"]
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
