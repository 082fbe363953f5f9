"""P-09: a link opens one document without signing in, until it expires or is withdrawn."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from models.base import db, utc_now
from models.mailings.delivery import DeliveryBody, DeliveryDocument
from models.mailings.mailing import AttachMode
from models.portal.share_link import ShareLink
from models.sales.document import Document
from models.tenancy import OutOfScope, Scope, enter
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from services.sales.posting import void_document
from tests.browser import new_browser
from tests.factories.mailings import make_draft
from tests.factories.people import make_customer, make_user
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
    assert len({answer.data for answer in answers}) == 1


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
