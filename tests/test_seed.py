"""The demo company."""

from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from stdnum.co import nit
from stdnum.es import cif
from stdnum.mx import rfc

from embedded.mail_server.mailboxes import Mailboxes
from mail.parsing import parse_message
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryDocument
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.contact import Contact, ContactEmail
from models.people.customer import Customer
from models.people.organization import Organization
from models.people.user import User
from models.portal.portal_user import PortalUser
from models.portal.review import Review
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.tenancy import across_organizations, acting_in
from models.work.comment import Comment
from models.work.project import Project
from models.work.time_entry import TimeEntry
from seed.accounts import DemoServer
from seed.demo import is_made, make_demo
from seed.mail_files import XLSX
from seed.mailboxes import fill_mailboxes
from seed.mailing import register_demo_mailing
from seed.portal import LOGIN
from seed.staff import DEMO_PASSWORD
from services.mailbox.account_rows import AccountRows, Choice
from services.mailbox.checks import newest_checks
from services.mailbox.default_domain import DefaultDomains
from services.people.departments import DepartmentTree
from services.people.passwords import hasher
from services.sales.pdf import Workshop
from settings import Settings

SERVER = DemoServer(smtp_port=2525, imap_port=2143)
CHECKS = {"co.nit": nit, "es.cif": cif, "mx.rfc": rfc}


def has_a_portal(organization: Organization) -> bool:
    """Somebody who signs in for two customers, and finds something to answer and to read."""
    with acting_in(organization.id):
        user = db.session.scalars(PortalUser.by_login(LOGIN)).one()
        first = user.memberships[0].customer
        group = first.customer_group
        quotes = select(func.count(Document.id)).where(
            Document.customer_id == first.id,
            Document.kind == DocumentKind.QUOTE,
            Document.state == DocumentState.POSTED,
            Document.due_date >= date(2026, 7, 31),
        )
        found = [
            select(func.count(model.id)).where(model.customer_id == first.id)
            for model in (Project, Comment, TimeEntry, Review)
        ]
        return (
            hasher.verify(user.password_hash or "", DEMO_PASSWORD)
            and group is not None
            and group.uses_portal
            and len(user.memberships) == 2
            and all(db.session.scalar(query) for query in (quotes, *found))
        )


def test_the_demo_has_what_it_promises_and_valid_tax_ids(app: Flask) -> None:
    organizations = make_demo(today=date(2026, 7, 31), server=SERVER)
    db.session.commit()
    counts = {}
    with across_organizations():
        for model in (Organization, User, Customer, Contact, Document):
            counts[model.__name__] = db.session.scalar(select(func.count()).select_from(model))
        currencies = db.session.scalars(select(Document.currency).distinct()).all()
        tax_ids = db.session.execute(select(Customer.tax_id_type, Customer.tax_id)).all()

    assert counts == {
        "Organization": 3,
        "User": 40,
        "Customer": 400,
        "Contact": 900,
        "Document": 6000 + 3 * 30,  # the statements of account of the last month
    }
    assert sorted(currencies) == ["COP", "EUR", "MXN"]
    assert all(CHECKS[kind].is_valid(tax_id) for kind, tax_id in tax_ids)
    assert is_made()
    assert has_a_portal(organizations[0])


def test_the_accounts_of_the_demo_are_worth_looking_at(app: Flask) -> None:
    """S4-10: departments with sub-departments; people without account, and accounts of every kind, all to be tested."""
    organization = make_demo(today=date(2026, 7, 31), server=SERVER)[0]
    db.session.commit()

    with acting_in(organization.id):
        tree = DepartmentTree()
        ventas = next(each for each in tree.entries() if each.department.name == "Ventas")
        rows = AccountRows(tree, DefaultDomains(tree)).chosen(Choice())
        accounts = [row.account for row in rows if row.account]
        checks = newest_checks([account.id for account in accounts])
        assert ventas.people_below > ventas.people > 0
        assert 0 < len(accounts) < len(rows)
        assert any(account.password_sealed is None for account in accounts)
        assert any(not account.is_active for account in accounts)
        assert {check.is_open for check in checks.values()} == {True}
        assert len(checks) < len(accounts)


def test_one_mailing_of_120_invoices_waits_to_be_started(app: Flask, settings: Settings) -> None:
    organizations = make_demo(today=date(2026, 7, 31), server=SERVER)
    db.session.commit()
    workshop = Workshop(settings.files_url, settings.public_base_url)

    register_demo_mailing(organizations[0], workshop)
    register_demo_mailing(organizations[0], workshop)

    with acting_in(organizations[0].id):
        mailing = db.session.scalars(select(Mailing)).one()
        documents = select(func.count(DeliveryDocument.document_id.distinct()))
        assert mailing.state is MailingState.REGISTERED
        assert db.session.scalar(documents) == 120


def test_the_mailboxes_of_the_demo_look_like_a_billing_desk(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    organization = make_demo(today=date(2026, 7, 31), server=SERVER)[0]
    db.session.commit()
    mailboxes = Mailboxes(tmp_path / "mailboxes.sqlite3")
    workshop = Workshop(settings.files_url, settings.public_base_url)

    for _time in range(2):
        fill_mailboxes(organization, mailboxes, workshop, datetime(2026, 7, 31, 15, tzinfo=UTC))

    letters = []
    with acting_in(organization.id):
        read = select(MailAccount.address).where(MailAccount.imap_host.is_not(None))
        addresses = db.session.scalars(read).all()
        known = set(db.session.scalars(select(ContactEmail.address_norm)))
    for folder in [each for address in addresses for each in mailboxes.folders(address)]:
        for uid in mailboxes.flags(folder):
            letters.append((folder.path, mailboxes.message(folder, uid)))
    mailboxes.close()
    parsed = [parse_message(letter.raw) for _path, letter in letters if letter]
    assert 40 <= len({each.message_id for each in parsed}) <= 60
    assert sum(bool(letter and letter.lost_bytes) for _path, letter in letters) == 1  # X3-16
    assert {path for path, _letter in letters} == {"INBOX", "Sent", "Archive", "Trash", "Junk"}
    assert all(letter and letter.received_at < 1785510000 for _path, letter in letters)
    senders = [party.address for each in parsed for party in each.parties if party.field == "from"]
    assert sum(address in known for address in senders) > 20
    assert sum(each.is_bounce for each in parsed) == 1
    assert sum(each.is_automatic for each in parsed) >= 3
    kinds = {file.media_type for each in parsed for file in each.attachments}
    assert {"application/pdf", "image/png", XLSX} <= kinds
