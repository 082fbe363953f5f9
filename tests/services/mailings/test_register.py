"""Registering freezes; what was shown is what is sent."""

import time
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import func, select, update

from errors import Conflict, Invalid
from files.store import FileStore
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryState
from models.mailings.mailing import MailingRange, OneMailPer
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.people.contact import Contact
from models.sales.document_file import DocumentFile
from models.system.audit_event import AuditEvent
from services.mailings import preparing, registering
from services.mailings.draft import change_draft
from services.mailings.flow import cancel
from services.mailings.frozen_rows import content_hash_of
from services.mailings.register import NotNow, check_mailing, register_mailing
from services.mailings.registering import registering_of
from services.mailings.status import counts_of, skipped_of
from services.mailings.verify import verify_mailing
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft, make_invoiced_customers
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def workshop(settings):
    return Workshop(files_url=settings.files_url, base_url="http://localhost", processes=1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"body_html": ""}, "body_html"),
        ({"ranges": []}, "ranges"),
        ({"subject": "{{ custmer.name }}"}, "subject"),
        ({"body_html": "<p>{{ documents.totals }}</p>"}, "body_html"),
        ({"body_html": "<p>{{ documents.total</p>"}, "body_html"),
        ({"ranges": [MailingRange(series="NONE")]}, "ranges"),
    ],
)
def test_what_is_missing_is_told_at_its_field(organization, workshop, fields, field):
    """S1-11: an error at the field, and nothing is registered."""
    mailing = make_draft(customers=1, **fields)
    db.session.commit()

    with pytest.raises(Invalid) as told:
        register_mailing(mailing, workshop)

    assert told.value.field == field
    db.session.rollback()
    assert mailing.state is MailingState.DRAFT


def test_the_period_of_numbers_is_that_of_their_documents(organization, workshop):
    """S1-13: the header says a period, whether dates or numbers were asked for."""
    customer = make_customer()
    make_contact(customer)
    days = (date(2026, 7, 3), date(2026, 7, 28))
    keys = [make_document(customer, issue_date=day, due_date=day).id for day in days]
    mailing = make_draft(ranges=[MailingRange(document_ids=keys)])
    db.session.commit()

    register_mailing(mailing, workshop)

    assert (mailing.period_start, mailing.period_end) == days


def test_all_problems_are_told_together(organization):
    account = make_mail_account(is_active=False)
    mailing = make_draft(account=account, subject="", body_html="", ranges=[])

    fields = [problem.field for problem in check_mailing(mailing)]

    assert fields == ["subject", "body_html", "ranges", "account_id"]


def test_a_registered_mailing_is_frozen_whole_and_nothing_is_sent(organization, workshop):
    """S1-11: state, number, recipients, documents and messages; PDFs rendered once."""
    documents = make_invoiced_customers(3, documents=2)
    make_document(make_customer())
    mailing = make_draft(ranges=[MailingRange(series="FV")])
    told = []

    done = register_mailing(mailing, workshop, progress=lambda n, of: told.append((n, of)))

    assert done.messages == 3
    assert mailing.state is MailingState.REGISTERED
    assert mailing.number == 1
    assert counts_of(mailing.id)["prepared"] == 3
    assert skipped_of(mailing.id) == {"no_address": 1}
    assert mailing.content_hash == content_hash_of(mailing.id)
    assert told[-1] == (3, 3)
    assert db.session.scalar(select(func.count()).select_from(DocumentFile)) == len(documents)
    actions = db.session.scalars(
        select(AuditEvent.action).where(
            AuditEvent.entity == "mailing", AuditEvent.action == "register"
        )
    )
    assert len(list(actions)) == 1
    store = FileStore(workshop.files_url)
    for body in db.session.scalars(select(DeliveryBody)):
        assert all(b"application/pdf" in store.read(part) for part in body.parts)


def test_keys_and_message_ids_say_what_they_belong_to(organization, workshop):
    make_invoiced_customers(1)
    mailing = make_draft(ranges=[MailingRange(series="FV")], one_mail_per=OneMailPer.DOCUMENT)
    register_mailing(mailing, workshop)

    delivery = db.session.scalars(select(Delivery)).one()

    assert delivery.idempotency_key.startswith(f"m:{mailing.id}:d:")
    assert delivery.message_id_header == f"<d.{delivery.public_id}@example.com>"
    head = db.session.scalars(select(DeliveryBody.head)).one()
    assert f"X-Ventanilla-Delivery: {delivery.public_id}".encode() in head


def test_an_interrupted_registration_goes_on_where_it_was(organization, workshop, monkeypatch):
    """Pains B-5: what is prepared stays as it is, and nobody is prepared twice."""
    make_invoiced_customers(5)
    mailing = make_draft(ranges=[MailingRange(series="FV")])
    db.session.commit()
    monkeypatch.setattr(preparing, "DOCUMENTS_PER_CHUNK", 2)

    class PowerCut(Exception):
        pass

    def cut(done, planned):
        raise PowerCut

    with pytest.raises(PowerCut):
        register_mailing(mailing, workshop, progress=cut)
    db.session.rollback()
    before = set(db.session.scalars(select(Delivery.message_id_header)))
    assert mailing.state is MailingState.DRAFT
    assert len(before) == 2

    register_mailing(mailing, workshop)

    after = set(db.session.scalars(select(Delivery.message_id_header)))
    assert before < after
    assert len(after) == 5
    assert all(verify_mailing(mailing).values())


def test_a_changed_draft_forgets_what_was_prepared(organization, workshop, monkeypatch):
    make_invoiced_customers(3)
    mailing = make_draft(ranges=[MailingRange(series="FV")])
    register_mailing(mailing, workshop)
    db.session.execute(update(type(mailing)).values(state=MailingState.DRAFT))
    db.session.commit()

    change_draft(mailing, {"subject": "Otro asunto"})
    register_mailing(mailing, workshop)

    assert set(db.session.scalars(select(Delivery.subject))) == {"Otro asunto"}
    with pytest.raises(Conflict):
        change_draft(mailing, {"subject": "Demasiado tarde"})


def test_a_second_registration_is_refused(organization, workshop):
    mailing = make_draft()
    register_mailing(mailing, workshop)

    with pytest.raises(Conflict):
        register_mailing(mailing, workshop)


def test_a_page_that_cannot_be_drawn_leaves_its_customer_out(organization, workshop, monkeypatch):
    """A message goes with all of its documents or not at all."""
    organization.logo_sha256 = FileStore(workshop.files_url).put(b"no picture").sha256
    make_invoiced_customers(2)
    mailing = make_draft(ranges=[MailingRange(series="FV")])
    db.session.commit()

    with pytest.raises(Invalid):
        register_mailing(mailing, workshop)

    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(DeliveryState)) == 0


def test_nobody_gets_it_and_the_reason_is_told_with_its_number(organization, workshop):
    """S1-11: the clerk reads what to mend, and not only that everything is excluded."""
    organization.logo_sha256 = FileStore(workshop.files_url).put(b"no picture").sha256
    make_invoiced_customers(3)
    mailing = make_draft(ranges=[MailingRange(series="FV")])
    db.session.commit()

    with pytest.raises(Invalid) as told:
        register_mailing(mailing, workshop)

    assert "3: No se pudo crear el mensaje o su documento." in told.value.message


def test_a_line_end_in_a_name_becomes_a_blank(organization, workshop):
    """It cannot begin another header, and keeps nobody from their invoice."""
    mailing = make_draft(customers=1)
    account, contact = mailing.account, db.session.scalars(select(Contact)).first()
    account.display_name = "Peñalba\r\nBcc: eve@example.com"
    contact.name = "Ana\nRuiz\x07"
    db.session.commit()

    assert register_mailing(mailing, workshop).messages == 1

    head = db.session.scalars(select(DeliveryBody)).one().head
    read = message_from_bytes(head, policy=policy.default)
    assert read["From"].addresses[0].display_name == "Peñalba Bcc: eve@example.com"
    assert read["To"].addresses[0].display_name == "Ana Ruiz"
    assert read["Bcc"] is None


def test_variants_of_the_text_follow_the_recipients_language(organization, workshop):
    """S1-10: the same mailing in two languages."""
    english = make_customer(lang="en")
    make_contact(english)
    make_document(english)
    make_invoiced_customers(1)
    mailing = make_draft(
        ranges=[MailingRange(series="FV")],
        subject="Documentos",
        variants={"en": {"subject": "Documents", "body_html": "<p>Dear {{ contact.name }}</p>"}},
    )

    register_mailing(mailing, workshop)

    assert sorted(db.session.scalars(select(Delivery.subject))) == ["Documentos", "Documents"]
    assert db.session.scalars(select(MailingExclusion)).all() == []


def test_a_mailing_that_is_cancelled_meanwhile_stays_cancelled(organization, workshop, monkeypatch):
    """Whoever gives a mailing up while it is registered is obeyed, at once."""
    monkeypatch.setattr(preparing, "DOCUMENTS_PER_CHUNK", 1)
    mailing = make_draft(customers=3)
    db.session.commit()

    def cancel_after_the_first(done: int, _planned: int) -> None:
        cancel(mailing.id)
        db.session.commit()

    with pytest.raises(NotNow):
        register_mailing(mailing, workshop, progress=cancel_after_the_first)
    db.session.rollback()

    assert mailing.state is MailingState.CANCELLED
    assert mailing.register_error is None
    assert counts_of(mailing.id)["cancelled"] == sum(counts_of(mailing.id).values()) == 1


def test_progress_of_registering_is_read_from_the_rows(organization, workshop, monkeypatch):
    """Registering shows its rate and what is left, as soon as there are two moments to compare."""
    monkeypatch.setattr(preparing, "DOCUMENTS_PER_CHUNK", 1)
    monkeypatch.setattr(registering, "SHORTEST", timedelta(0))
    mailing = make_draft(customers=3)
    seen = []

    def look(_done: int, _planned: int) -> None:
        seen.append(registering_of(mailing))

    register_mailing(mailing, workshop, progress=look)

    assert [(each.prepared, each.planned) for each in seen] == [(1, 3), (2, 3), (3, 3)]
    assert seen[0].rate_per_minute is None
    assert seen[1].rate_per_minute
    assert seen[1].seconds_left is not None
    assert seen[-1].seconds_left is None


def test_the_rate_of_registering_stays_between_two_chunks(organization, workshop, monkeypatch):
    """What comes many at once is no rate that falls, and jumps with the next ones."""
    monkeypatch.setattr(preparing, "DOCUMENTS_PER_CHUNK", 1)
    monkeypatch.setattr(registering, "SHORTEST", timedelta(0))
    mailing = make_draft(customers=3)
    seen = []

    def look(done: int, _planned: int) -> None:
        if done == 2:
            seen.append(registering_of(mailing))
            time.sleep(0.3)
            seen.append(registering_of(mailing))

    register_mailing(mailing, workshop, progress=look)

    assert seen[0].rate_per_minute
    assert seen[0] == seen[1]


def test_many_documents_are_drawn_by_several_processes(organization, settings):
    """Every core helps; what is drawn ahead is what is sent."""
    mailing = make_draft(customers=30)
    shop = Workshop(files_url=settings.files_url, base_url="http://localhost", processes=2)

    done = register_mailing(mailing, shop)

    assert done.messages == 30
    assert db.session.scalar(select(func.count()).select_from(DocumentFile)) == 30
    assert verify_mailing(mailing)["I1"]
