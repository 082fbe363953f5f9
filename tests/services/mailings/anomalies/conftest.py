"""Mailings are registered for invoices."""

from collections.abc import Callable
from typing import Any

import pytest

from models.mailings.mailing import Mailing, MailingRange
from models.people.organization import Organization
from models.sales.document import Document
from settings import Settings
from tests.factories.mailings import make_registered

Register = Callable[..., Mailing]


@pytest.fixture
def register(organization: Organization, settings: Settings) -> Register:
    """A mailing with these documents."""

    def registered(*documents: Document, **fields: Any) -> Mailing:
        ranges = [MailingRange(kind=each.kind, document_ids=[each.id]) for each in documents]
        return make_registered(settings, ranges=ranges, **fields)

    return registered
