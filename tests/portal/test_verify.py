"""Pains C-10: whoever holds a PDF learns whether it is ours and unchanged, and nobody learns anything else."""

import hashlib
import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from extensions import limiter
from files.store import FileStore
from models.base import db, utc_now
from models.people.organization import Organization
from models.sales.document import Document, Quote
from models.sales.document_state import DocumentState
from models.tenancy import acting_in
from services.portal.portal_sessions import open_staff_look
from services.sales.pdf import Workshop, pdf_of
from settings import Settings
from tests.browser import new_browser
from tests.factories.people import make_customer, make_organization, make_user
from tests.factories.sales import make_document
from tests.factories.statements import pay
from tests.portal.conftest import Stand
from tests.portal.door import Door

OURS, STRANGE = "Este documento es nuestro", "Ninguno de nuestros documentos"


@pytest.fixture
def door(app: Flask, organization: Organization) -> Door:
    return Door(app)


Draw = Callable[[Document], bytes]


@pytest.fixture
def draw(settings: Settings) -> Draw:
    """The bytes of a document's PDF."""

    def drawn(document: Document) -> bytes:
        workshop = Workshop(settings.files_url, "http://localhost", processes=1)
        sha256 = pdf_of(document, workshop).sha256
        db.session.commit()
        return FileStore(settings.files_url).read(sha256)

    return drawn


def shown(door: Door, content: bytes) -> str:
    """What the page says of a file."""
    return door.post("/verify", form_at="/verify", file=(io.BytesIO(content), "x.pdf")).text


def test_C_10_the_very_file_is_ours(door: Door, draw: Draw) -> None:
    """By itself, and by the hash that its holder knows of it, in whatever way it was copied."""
    invoice = make_document(make_customer(), number="10518")
    pdf = draw(invoice)
    typed = hashlib.sha256(pdf).hexdigest().upper()

    for page in (
        shown(door, pdf),
        door.post("/verify", form_at="/verify", sha256=f" {typed[:32]} {typed[32:]}\n").text,
    ):
        assert OURS in page
        assert "Factura FV-10518" in page
        assert "15 jul 2026" in page
        assert "119,00" in page


def test_C_10_one_changed_byte_makes_it_strange(door: Door, draw: Draw) -> None:
    """Somebody wrote another account into it: the page says so, and nothing of the document."""
    pdf = draw(make_document(make_customer(), number="10518"))

    page = shown(door, pdf[:-20] + b"x" + pdf[-19:])

    assert STRANGE in page
    assert OURS not in page
    assert "10518" not in page


def test_C_10_an_older_copy_is_ours_too_and_a_void_document_says_so(door: Door, draw: Draw) -> None:
    """What was sent before somebody paid is as true as what is drawn today."""
    invoice = make_document(make_customer())
    before = draw(invoice)
    invoice.customer.name = "x"
    db.session.get_one(Organization, invoice.organization_id).phone = "601 555 0100"
    assert draw(invoice) != before

    assert OURS in shown(door, before)

    invoice.change_state(DocumentState.VOID)
    db.session.commit()
    assert "anulad" in shown(door, before)


def test_C_10_a_draft_is_nothing_that_was_issued(door: Door, draw: Draw) -> None:
    """Neither before nor after the document was issued."""
    quote = make_document(make_customer(), kind=Quote, state=DocumentState.DRAFT)
    pdf = draw(quote)

    assert STRANGE in shown(door, pdf)

    quote.state, quote.posted_at = DocumentState.POSTED, utc_now()
    db.session.commit()
    assert STRANGE in shown(door, pdf)


def test_C_10_a_document_of_another_company_is_not_ours(
    door: Door, draw: Draw, organization: Organization
) -> None:
    other = make_organization()
    with acting_in(other.id):
        pdf = draw(make_document(make_customer(), number="777"))

    page = shown(door, pdf)

    assert STRANGE in page
    assert "777" not in page


@pytest.mark.parametrize("typed", ["", "x", "g" * 64, "a" * 63, "a" * 5_000, "' OR 1=1 --"])
def test_C_10_what_is_no_hash_is_refused_with_a_sentence(door: Door, typed: str) -> None:
    assert door.post("/verify", form_at="/verify", sha256=typed).status_code == 422


def test_C_10_nothing_is_kept_of_a_file(
    door: Door, settings: Settings, digest: Callable[[], dict[str, str]]
) -> None:
    """Neither as a row nor in the store."""
    before = digest()

    shown(door, b"%PDF-1.7 stranger's")

    assert digest() == before
    kept = FileStore(settings.files_url)
    assert not kept.exists(hashlib.sha256(b"%PDF-1.7 stranger's").hexdigest())


def test_C_10_a_file_that_is_too_large_is_answered(door: Door) -> None:
    """Nothing of it is read."""
    answer = door.post("/verify", form_at="/verify", file=(io.BytesIO(b"0" * 5_000_000), "x.pdf"))

    assert answer.status_code == 303
    assert "SHA-256" in door.get("/verify?too_large=1").text


@pytest.fixture
def limits(application: Flask) -> Iterator[None]:
    """The rate limits, as in real life."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.mark.usefixtures("limits")
def test_C_10_nobody_tries_many(door: Door) -> None:
    """20 a minute from one address; the minute of the clock may end in between."""
    written = {"csrf_token": door.browser.csrf_token(door.url("/verify")), "sha256": "a" * 64}

    statuses = [door.browser.post(door.url("/verify"), data=written).status_code for _ in range(41)]

    assert statuses[0] == 200
    assert 429 in statuses


def test_C_10_the_way_to_it_stands_where_documents_are(door: Door) -> None:
    assert f'href="{door.url("/verify")}"' in door.get("/sign-in").text


def test_C_10_staff_who_look_as_a_customer_verify_too(
    app: Flask, door: Door, organization: Organization
) -> None:
    """The way to it stands at the foot of their pages as well, and it changes nothing."""
    browser = new_browser(app)
    look = open_staff_look(make_user(organization).id, make_customer().id, ip=None, user_agent=None)
    db.session.commit()
    browser.set_cookie("portal", look)
    where = door.url("/verify")

    answer = browser.post(where, data={"csrf_token": browser.csrf_token(where), "sha256": "a" * 64})

    assert answer.status_code == 200
    assert STRANGE in answer.text


def test_C_10_it_says_how_to_pay_and_since_when(door: Door, draw: Draw, stand: Stand) -> None:
    """On an open invoice, its PDF, its page and here; once it is paid, nowhere."""
    window = stand()
    invoice = make_document(window.customer)
    company = db.session.get_one(Organization, invoice.organization_id)
    company.payment_instructions = "Banco Uno, cuenta 111-222"
    db.session.commit()
    pdf, where = draw(invoice), f"/documents/{invoice.public_id}"

    assert "111-222" in shown(door, pdf)
    page = window.get(where).text
    assert page.count("111-222") == 2  # as it is said, and as it is printed
    assert "Vigente desde el" in page
    assert '<p class="mb-0 v-any" lang="es">Banco Uno, cuenta 111-222</p>' in page

    pay(window.customer, 119, (invoice, 119))
    db.session.commit()
    assert "111-222" not in shown(door, pdf)
    assert "111-222" not in window.get(where).text
