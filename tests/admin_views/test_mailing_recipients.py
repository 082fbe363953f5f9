"""The list of recipients and of invoices: who, why not, page by page, as a sheet; and doubts settled by a person."""

import html
import io

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from models.portal.share_link import ShareLink
from models.system.audit_event import AuditEvent
from services.mailings.draft import write_draft
from services.mailings.recipients import recipients_of
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    """Five customers with an address, one without, and a name that a sheet would run."""
    documents = []
    for number in range(6):
        customer = make_customer(name="=cmd|calc" if number == 1 else f"Cliente Ñandú {number}")
        make_contact(customer, email=f"a{number}@example.com" if number < 5 else None)
        documents.append(make_document(customer, number=str(500 + number)).id)
    draft = write_draft(
        make_mail_account(),
        subject="S",
        body_html="<p>B</p>",
        ranges=[MailingRange(document_ids=documents)],
    )
    register_mailing(draft, Workshop(files_url=settings.files_url, base_url="http://localhost"))
    return draft


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    return sign_in("clerk", lang="en")


def deliveries(mailing: Mailing) -> list[Delivery]:
    query = select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    return list(db.session.scalars(query))


def settle(delivery: Delivery, state: DeliveryStatus, reason: ReasonCode | None = None) -> None:
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == delivery.id)
        .values(state=state, reason_code=reason, sent_at=utc_now() if reason is None else None)
    )
    db.session.commit()


def listed(client: FlaskClient, mailing: Mailing, query: str = "") -> str:
    return html.unescape(client.get(f"/mailings/{mailing.public_id}/recipients{query}").text)


def test_everybody_is_listed_also_who_gets_none(clerk: FlaskClient, mailing: Mailing) -> None:
    """S1-16: the count equals the ledger; the excluded stand there with the reason."""
    page = listed(clerk, mailing)

    assert page.count('<td role="cell" class="c-who">') == 6
    assert "Cliente Ñandú 5" in page and "No e-mail address" in page
    assert "a0@example.com" in page and "FV-500" in page


def test_filters_by_state_reason_and_words(clerk: FlaskClient, mailing: Mailing) -> None:
    """S1-16, X1-05."""
    settle(deliveries(mailing)[2], DeliveryStatus.FAILED, ReasonCode.RECIPIENT_REJECTED)

    failed = listed(clerk, mailing, "?show=failed")
    by_reason = listed(clerk, mailing, "?reason=recipient_rejected")
    by_name = listed(clerk, mailing, "?search=nandu+3")
    by_number = listed(clerk, mailing, "?search=FV-504")

    assert "a2@example.com" in failed and "a1@example.com" not in failed
    assert "a2@example.com" in by_reason and "a1@example.com" not in by_reason
    assert "a3@example.com" in by_name and "a2@example.com" not in by_name
    assert "a4@example.com" in by_number and "a2@example.com" not in by_number
    assert "Nobody here" in listed(clerk, mailing, "?search=%25")


def test_pages_go_forth_and_back_over_both_parts(mailing: Mailing) -> None:
    """Keyset: messages first, then those who get none, nobody twice."""
    first = recipients_of(mailing, size=4)
    second = recipients_of(mailing, after=first.after, size=4)
    back = recipients_of(mailing, before=second.before, size=4)

    assert [len(first.rows), len(second.rows)] == [4, 2]
    assert len({row.mark for row in (*first.rows, *second.rows)}) == 6
    assert (first.before, second.after) == (None, None)
    assert back.rows == first.rows


def test_the_story_tells_reason_and_cure(clerk: FlaskClient, mailing: Mailing) -> None:
    """X1-05: one code, a sentence, a button that leads to the cure."""
    delivery = deliveries(mailing)[0]
    settle(delivery, DeliveryStatus.FAILED, ReasonCode.RECIPIENT_REJECTED)

    page = listed(clerk, mailing, f"?open={delivery.public_id}")

    assert "The mail server refused this address." in page
    assert 'value="correct_address"' in page and "Correct the address" in page
    assert "Registered with 1 document" in page


def test_csv_and_xlsx_say_the_same_and_run_nothing(clerk: FlaskClient, mailing: Mailing) -> None:
    """S1-16."""
    url = f"/mailings/{mailing.public_id}/recipients/export"

    text = clerk.get(f"{url}?format=csv").data.decode("utf-8-sig")
    book = clerk.get(f"{url}?format=xlsx")

    lines = text.strip().splitlines()
    assert len(lines) == 7
    assert ",'=cmd|calc," in text
    assert "billing" not in text and "not_" not in text  # words of the reader, no codes
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert len(rows) == 7 and rows[0][0] == "Number"
    assert "attachment" in book.headers["Content-Disposition"]


def test_a_person_settles_a_doubt_with_a_reason(clerk: FlaskClient, mailing: Mailing) -> None:
    """X1-05: sent or send again; who and why are in the audit."""
    delivery = deliveries(mailing)[0]
    settle(delivery, DeliveryStatus.UNCONFIRMED, ReasonCode.CRASH_IN_DATA)
    mailing.state = MailingState.STOPPED
    db.session.commit()
    url = f"/mailings/{mailing.public_id}/cure/m{delivery.id}"

    without = clerk.post(url, data={"cure": "settle_sent", "why": " "})
    unclear = clerk.post(url, data={"cure": "perhaps", "why": "x"})
    clerk.post(url, data={"cure": "settle_sent", "why": "The customer has it"})

    assert (without.status_code, unclear.status_code) == (302, 404)
    state = db.session.scalar(
        select(DeliveryState.state).where(DeliveryState.delivery_id == delivery.id)
    )
    assert state is DeliveryStatus.SENT
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.entity == "delivery", AuditEvent.action == "resolve")
    ).one()
    assert event.reason == "The customer has it"


def test_what_is_settled_cannot_be_settled_again(clerk: FlaskClient, mailing: Mailing) -> None:
    delivery = deliveries(mailing)[0]
    url = f"/mailings/{mailing.public_id}/cure/m{delivery.id}"

    answer = clerk.post(url, data={"cure": "settle_resend", "why": "x"})

    assert answer.status_code == 302
    assert "Somebody else was faster: look at it again." in clerk.get(answer.location).text


def test_invoices_show_recipients_and_the_frozen_pdf(clerk: FlaskClient, mailing: Mailing) -> None:
    """S1-13: period, list, and the exact PDF."""
    page = html.unescape(clerk.get(f"/mailings/{mailing.public_id}/invoices").text)
    document = db.session.scalar(select(DeliveryDocument.document_id).limit(1))
    pdf = clerk.get(f"/mailings/{mailing.public_id}/invoices/{document}.pdf")

    assert "Period:" in page and "5 invoices" in page and "5 third parties" in page
    assert "FV-500" in page and "FV-505" not in page and "a0@example.com" in page
    assert pdf.mimetype == "application/pdf" and pdf.data.startswith(b"%PDF")


def test_a_document_of_no_mailing_has_no_pdf_here(clerk: FlaskClient, mailing: Mailing) -> None:
    other = make_document(make_customer(), number="900")
    db.session.commit()

    assert clerk.get(f"/mailings/{mailing.public_id}/invoices/{other.id}.pdf").status_code == 404


def test_what_was_refused_for_good_is_not_retried_and_the_page_says_why(
    clerk: FlaskClient, mailing: Mailing
) -> None:
    """X1-10: the button stays in its place; beside it stands why it would change nothing."""
    sent = deliveries(mailing)
    settle(sent[0], DeliveryStatus.FAILED, ReasonCode.RECIPIENT_REJECTED)
    page = listed(clerk, mailing)
    assert "what has failed was refused for good" in page
    assert 'id="do-retry" disabled aria-describedby="no-retry"' in page

    settle(sent[1], DeliveryStatus.FAILED, ReasonCode.QUOTA)
    page = listed(clerk, mailing)
    assert "refused for good" not in page
    assert f'href="/mailings/{mailing.public_id}/retry"' in page


def test_a_view_through_the_link_of_a_message_stands_at_its_line(
    clerk: FlaskClient, mailing: Mailing
) -> None:
    """P-24: at the very message whose link was opened, with its time, in the list and in the chain."""
    sent = deliveries(mailing)
    for delivery in sent[:2]:
        settle(delivery, DeliveryStatus.SENT)
        key = select(DeliveryDocument.document_id).where(
            DeliveryDocument.delivery_id == delivery.id
        )
        link = ShareLink(
            token_hash=f"hash-{delivery.id}",
            document_id=db.session.scalar(key),
            delivery_id=delivery.id,
        )
        if delivery is sent[0]:
            link.view_count, link.last_viewed_at = 3, utc_now()
        db.session.add(link)
    db.session.commit()

    page = listed(clerk, mailing, f"?open=m{sent[0].id}")

    assert page.count("Viewed ") == 2  # its line, its chain
    assert "Viewed 3 times through its link" in page
    links = html.unescape(clerk.get("/admin/share_link/").text)
    assert "Cliente Ñandú 0" in links
    assert 'href="/admin/share_link/revoke/' in links or "Withdraw the link" in links
