"""Sending and registering in the background. The rows are the queue; these only ring."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from flask import current_app

from jobs.queue import job
from mail.gateway import MailGateway
from mail.reach import Reach
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.servers import MailNetwork
from services.mailings import rehearsing
from services.mailings.dispatch import Dispatch, DispatchPlan
from services.mailings.reaper import start_scheduled
from services.mailings.registration import carry_out, left_behind
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
def register(mailing_id: int) -> None:
    """Freeze the messages of a draft; what goes wrong is written at the mailing."""
    carry_out(mailing_id, workshop())


@job(queue="system", timeout_seconds=60)
def ring_for_registrations() -> None:
    """Have registrations go on whose worker is gone; one that still works is left alone by its lock."""
    for mailing_id in left_behind():
        register.enqueue(mailing_id)


@job(queue="mailings", timeout_seconds=7200)
def rehearse(rehearsal_id: int) -> None:
    """Hand a whole mailing to the viewer; nothing leaves."""
    rehearsing.carry_out(rehearsal_id, workshop())


@job(queue="system", timeout_seconds=60)
def ring_for_rehearsals() -> None:
    """Have rehearsals go on whose worker is gone."""
    for rehearsal_id in rehearsing.left_behind():
        rehearse.enqueue(rehearsal_id)


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
        network=mail_network(),
        base_url=settings.public_base_url,
    )
    return Dispatch(plan, gateway=gateway, store=workshop().store)


def mail_network() -> MailNetwork:
    """How this installation reaches mail servers, and which."""
    settings: Settings = current_app.extensions["settings"]
    return MailNetwork(
        timeout_seconds=settings.mail_timeout_seconds,
        ca_file=settings.mail_ca_file,
        endpoints=OAuthEndpoints(**settings.oauth_urls()),
        reach=Reach(ports=settings.reachable_ports(), has_private=settings.mail_private_networks),
    )


def workshop() -> Workshop:
    """Where this installation renders and keeps PDFs."""
    settings: Settings = current_app.extensions["settings"]
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
