"""P-09: a link opens one document without signing in, until it expires or is withdrawn."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import ProgrammingError

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryDocument
from models.mailings.mailing import AttachMode, MailingRange
from models.portal.portal_event import PortalEvent
from models.portal.share_link import ShareLink
from models.sales.document import Document, Quote
from models.sales.document_state import DocumentKind
from models.sales.quote_answer import QuoteAnswer
from models.tenancy import OutOfScope, Scope, enter
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from services.sales.posting import void_document
from tests.browser import new_browser
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_user
from tests.factories.sales import make_document

TOKEN = re.compile(rb"/l/([\w-]{43})")


@pytest.fixture
def workshop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url, processes=1)


@pytest.fixture
def token(organization, workshop):
    """The link that a customer got with a message."""
    mailing = make_draft(customers=1, attach_mode=AttachMode.LINK)
    register_mailing(mailing, workshop)
    head = db.session.scalars(select(DeliveryBody.head)).one().replace(b"=\r\n", b"")
    found = TOKEN.search(head)
    assert found
    db.session.commit()
    return found[1].decode()


def test_a_link_shows_the_document_and_its_very_file(app, token, workshop):
    label = db.session.scalars(select(Document.label)).one()
    sent = db.session.scalars(select(DeliveryDocument.file_sha256)).one()
    browser = new_browser(app)

    page = browser.get(f"/l/{token}")
    pdf = browser.get(f"/l/{token}/document.pdf")

    assert page.status_code == 200
    assert label in page.text
    assert pdf.data == workshop.store.read(sent)
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    "spoil",
    [
        {"revoked_at": utc_now()},
        {"expires_at": utc_now() - timedelta(seconds=1)},
        {"token_hash": "0" * 64},
    ],
)
def test_a_link_that_does_not_work_says_the_same_whatever_the_reason(app, token, spoil):
    link = db.session.scalars(select(ShareLink)).one()
    for name, value in spoil.items():
        setattr(link, name, value)
    db.session.commit()
    browser = new_browser(app)

    answers = [
        browser.get(f"/l/{token}{rest}") for rest in ("", "/document.pdf", "/files/" + "0" * 64)
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub('nonce="[^"]*"', "", answer.text) for answer in answers}) == 1


def test_staff_who_open_a_link_see_what_its_customer_sees(app, token, organization):
    """A test e-mail is opened in the browser in which one is signed in."""
    browser = new_browser(app).enter_as(make_user(organization), organization)

    assert browser.get(f"/l/{token}").status_code == 200
    assert browser.get(f"/l/{token}/document.pdf").status_code == 200
    assert browser.get("/").status_code == 200


def test_a_void_document_asks_nobody_to_pay(app, token):
    document = db.session.scalars(select(Document)).one()
    void_document(document)
    db.session.commit()

    page = new_browser(app).get(f"/l/{token}").text

    assert "Anulada" in page
    assert "vence" not in page


def test_looking_changes_nothing(app, token):
    """Mail scanners open every link."""
    before = db.session.execute(text("SELECT to_jsonb(l) FROM share_link l")).scalar_one()
    db.session.commit()
    new_browser(app).get(f"/l/{token}")

    after = db.session.execute(text("SELECT to_jsonb(l) FROM share_link l")).scalar_one()
    assert before == after


def test_whoever_works_for_a_customer_sees_nobody_elses_rows(organization, app):
    """The second wall: the database itself, by the role of the portal."""
    mine, other = make_customer(), make_customer()
    for customer in (mine, other):
        make_document(customer)
    here, mine_id = organization.id, mine.id
    db.session.commit()
    enter(Scope(organization_id=here, customer_id=mine_id))

    seen = db.session.scalars(select(Document.customer_id)).all()
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(text("UPDATE document SET notes = 'x'"))
    db.session.rollback()

    assert seen == [mine_id]


def test_a_transaction_has_one_role(organization):
    make_customer()

    with pytest.raises(OutOfScope):
        enter(Scope(organization_id=organization.id, customer_id=1))


def press(browser, token, verb, *, headers=None, **fields):
    where = f"/l/{token}"
    return browser.submit(f"{where}/{verb}", fields, form_at=where, headers=headers)


def test_P_09_only_a_person_who_looks_is_counted(app, token):
    """GET, HEAD and prefetching count nothing; the page's script and the button do."""
    browser = new_browser(app)
    for _time in range(3):
        browser.get(f"/l/{token}", headers={"Sec-Purpose": "prefetch"})
        browser.get(f"/l/{token}/document.pdf")
        browser.head(f"/l/{token}")
    link = db.session.scalars(select(ShareLink)).one()
    assert (link.view_count, link.last_viewed_at) == (0, None)
    db.session.commit()

    assert press(browser, token, "seen", touched="1").status_code == 204
    loaded = press(browser, token, "load")

    assert loaded.headers["Location"] == f"/l/{token}/document.pdf"
    db.session.expire_all()
    assert link.view_count == 1
    assert link.last_viewed_at is not None
    assert db.session.scalars(select(Document.first_viewed_at)).one() is not None
    events = db.session.scalars(select(PortalEvent).order_by(PortalEvent.id)).all()
    assert [event.kind for event in events] == ["viewed_first", "downloaded"]
    assert {event.actor for event in events} == {"link"}


@pytest.mark.parametrize("who", ["staff", "Googlebot/2.1", "WhatsApp-Preview", "prefetch"])
def test_P_09_staff_and_programs_are_not_counted(app, token, organization, who):
    """Scripts run in some of them too."""
    browser, headers = new_browser(app), {"User-Agent": who}
    if who == "staff":
        browser.enter_as(make_user(organization), organization)
    if who == "prefetch":
        headers = {"Sec-Purpose": "prefetch;prerender"}

    assert press(browser, token, "seen", headers=headers).status_code == 204
    assert press(browser, token, "load", headers=headers).status_code == 303

    assert db.session.scalars(select(ShareLink.view_count)).one() == 0
    assert db.session.scalars(select(Document.first_viewed_at)).one() is None
    assert db.session.scalars(select(PortalEvent)).all() == []


@pytest.mark.parametrize(
    ("sent", "touched", "counts"),
    [
        (None, "", False),  # while the receiving server still thinks about it
        (timedelta(seconds=5), "", False),
        (timedelta(seconds=5), "1", True),
        (None, "1", True),
        (timedelta(minutes=5), "", True),
    ],
)
def test_C_4_a_scanner_that_stays_is_not_counted(app, token, sent, touched, counts):
    """Pains C-4: it runs the page's script under a browser's name, but at once, and it moves nothing."""
    document = db.session.scalars(select(Document)).one()
    document.first_sent_at = utc_now() - sent if sent is not None else None
    db.session.commit()

    answer = press(new_browser(app), token, "seen", touched=touched)

    assert answer.status_code == (204 if counts else 202)
    assert db.session.scalars(select(ShareLink.view_count)).one() == counts
    assert (db.session.scalars(select(Document.first_viewed_at)).one() is not None) is counts
    assert len(db.session.scalars(select(PortalEvent)).all()) == counts


def test_who_only_downloads_has_seen_it_too(app, token):
    """Without script the button is what tells a person from a scanner."""
    press(new_browser(app), token, "load")

    assert db.session.scalars(select(ShareLink.view_count)).one() == 1


def link_to_a_quote(workshop, *roles):
    """The link that went to a contact with these roles, beside the primary one."""
    customer = make_customer()
    make_contact(customer, roles=())
    make_contact(customer, roles=roles, is_primary=False)
    quote = make_document(customer, kind=Quote, due_date=utc_now().date() + timedelta(days=9))
    mailing = make_draft(
        ranges=[MailingRange(kind=DocumentKind.QUOTE, document_ids=[quote.id])],
        attach_mode=AttachMode.LINK,
    )
    register_mailing(mailing, workshop)
    head = db.session.scalars(select(DeliveryBody.head)).one().replace(b"=\r\n", b"")
    db.session.commit()
    return TOKEN.search(head)[1].decode()


@pytest.fixture
def quote_token(organization, workshop):
    return link_to_a_quote(workshop, "billing", "approver")


def test_P_03_a_quote_is_accepted_by_its_link_with_a_name(app, quote_token):
    browser = new_browser(app)

    unsigned = press(browser, quote_token, "answer", answer="accepted", agreed="yes", name=" ")
    done = press(browser, quote_token, "answer", answer="accepted", agreed="yes", name="Ana Peña")
    again = press(browser, quote_token, "answer", answer="declined", name="Eva", reason="x")

    assert (unsigned.status_code, done.status_code, again.status_code) == (422, 303, 409)
    answer = db.session.scalars(select(QuoteAnswer)).one()
    sent = db.session.scalars(select(DeliveryDocument.file_sha256)).one()
    link = db.session.scalars(select(ShareLink)).one()
    assert (answer.name, answer.pdf_sha256) == ("Ana Peña", sent)
    assert (answer.share_link_id, answer.portal_user_id) == (link.id, None)
    assert "Ana Peña" in browser.get(f"/l/{quote_token}").text


def test_what_follows_an_answer_is_no_part_of_its_request(app, quote_token):
    """Pain C-2: without an account that can send, the link shows, counts and takes the answer; the notice waits."""
    db.session.execute(update(MailAccount).values(is_active=False))
    sent = db.session.scalar(select(func.count(Delivery.id)))
    db.session.commit()
    browser = new_browser(app)

    shown = browser.get(f"/l/{quote_token}")
    looked = press(browser, quote_token, "seen", touched="1")
    answered = press(
        browser, quote_token, "answer", answer="accepted", agreed="yes", name="Ana Peña"
    )

    assert (shown.status_code, looked.status_code, answered.status_code) == (200, 204, 303)
    db.session.rollback()
    assert db.session.scalar(select(func.count(Delivery.id))) == sent
    waiting = select(PortalEvent.kind).where(PortalEvent.told_at.is_(None)).order_by(PortalEvent.id)
    assert db.session.scalars(waiting).all() == ["viewed_first", "accepted"]


def test_a_link_that_went_to_who_may_not_answer_is_only_to_read(app, organization, workshop):
    token = link_to_a_quote(workshop, "billing")
    browser = new_browser(app)

    page = browser.get(f"/l/{token}").text
    answer = press(browser, token, "answer", answer="accepted", agreed="yes", name="Ana")

    assert 'name="agreed"' not in page
    assert answer.status_code == 403


def test_who_is_switched_off_answers_by_no_link(app, quote_token):
    """Whoever left the customer keeps the messages that they got."""
    db.session.execute(text("UPDATE contact SET is_active = false"))
    db.session.commit()

    answer = press(new_browser(app), quote_token, "answer", answer="declined", name="A", reason="x")

    assert answer.status_code == 403


def test_P_09_the_customer_sees_the_links_in_force_and_withdraws_one(app, quote_token, stand):
    customer = db.session.scalars(select(Document)).first().customer
    window = stand(customer, roles=("approver",), is_primary=False)
    link = db.session.scalars(select(ShareLink)).one()
    link.view_count, link.last_viewed_at = 3, utc_now()
    db.session.commit()

    page = window.get("/links").text
    answer = window.submit(f"/links/{link.id}/revoke", form_at="/links")

    assert "3" in page
    assert answer.status_code == 302
    assert new_browser(app).get(f"/l/{quote_token}").status_code == 404
    assert db.session.scalars(select(PortalEvent.kind)).all() == ["revoked_link"]
    assert window.submit(f"/links/{link.id}/revoke", form_at="/").status_code == 404


def test_the_admin_shows_how_often_a_link_was_viewed(app, token, organization):
    db.session.execute(text("UPDATE share_link SET view_count = 4273"))
    browser = new_browser(app).enter_as(make_user(organization), organization)

    assert "4273" in browser.get("/admin/share_link/").text.replace("\u202f", "").replace(".", "")
