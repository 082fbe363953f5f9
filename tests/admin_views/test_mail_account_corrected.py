"""Whoever corrects a mailbox that cannot be read sees it read: not after the wait of an hour that its failures have earned (S3-03)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.base import db, utc_now
from models.mailbox.mail_sync import MailSync
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_account_people import edit_url, fields_at
from tests.factories.mailbox import make_mailbox


@pytest.mark.parametrize(
    ("written", "waits"),
    [({"imap_port": "143"}, False), ({"imap_login": "cartera"}, False), ({}, True)],
)
def test_a_corrected_server_is_asked_at_once(
    sign_in: SignIn, organization: Organization, written: dict[str, str], waits: bool
) -> None:
    """Another signature is no reason to try a refused password again."""
    account = make_mailbox(is_shared=True, imap_port=993)
    later = utc_now() + timedelta(hours=1)
    db.session.add(MailSync(account_id=account.id, failures_in_a_row=3, next_poll_at=later))
    db.session.commit()
    admin = sign_in()
    fields = fields_at(admin, edit_url(account))

    answer = admin.post(
        edit_url(account), data=fields | {"signature_html": "<p>Cartera</p>"} | written
    )

    assert answer.status_code == 302
    db.session.rollback()
    row = db.session.scalars(select(MailSync)).one()
    assert row.next_poll_at is not None
    assert (row.next_poll_at > utc_now()) is waits
