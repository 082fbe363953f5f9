"""A clerk with a mailbox on a real server, read by our workers."""

from collections.abc import Iterator

import pytest
from flask import Flask

from jobs.queue import QUEUES, queue_named
from tests.journeys.conftest import Company
from tests.journeys.mail_area.mailbox import Mailbox, fill_with_a_morning
from tests.journeys.mail_area.store import STORES, MailStore
from tests.journeys.other_program import eventually
from tests.journeys.product import Product


@pytest.fixture(scope="session")
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MailStore]:
    """One server for all of them."""
    with STORES[request.config.getoption("--mail-store")](tmp_path_factory) as server:
        yield server


@pytest.fixture(autouse=True)
def calm(app: Flask) -> Iterator[None]:
    """The workers have nothing to do any more when the rows of a journey go."""
    yield
    queues = [queue_named(name) for name in QUEUES]

    def is_calm() -> bool:
        waiting = sum(queue.empty() for queue in queues)
        return not waiting and not any(queue.started_job_registry.count for queue in queues)

    eventually(is_calm)


@pytest.fixture
def mailbox(company: Company, product: Product, store: MailStore) -> Mailbox:
    """Still empty, and not read yet."""
    return Mailbox(company, product, store)


@pytest.fixture
def morning(mailbox: Mailbox) -> Mailbox:
    """With what a morning brings: all of it is here."""
    fill_with_a_morning(mailbox.elsewhere)
    mailbox.read("INBOX", "Sent", "Reclamos")
    return mailbox


@pytest.fixture
def desk(company: Company, product: Product, store: MailStore) -> Mailbox:
    """For whoever writes: with a signature, and a limit for what goes along."""
    desk = Mailbox(
        company,
        product,
        store,
        signature_html="<p>Lucía Ordóñez<br>Cartera</p>",
        largest_message_bytes=1_000_000,
    )
    desk.read("Sent", "Drafts")
    return desk
