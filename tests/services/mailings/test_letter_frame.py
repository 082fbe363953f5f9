"""How the messages of a mailing look: our name, the documents with their buttons, what stands around (S1-10, S4-22)."""

import re
from datetime import date
from decimal import Decimal
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailings.delivery import Delivery, DeliveryBody
from models.mailings.mailing import AttachMode, MailingRange
from models.people.organization import Organization
from models.sales.document import CreditNote, Invoice
from models.tenancy import current_scope
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.mail.test_letter import Nesting

LINK = re.compile(r"/l/([\w-]{43})")
LARGEST_HTML = 12_000  # bytes


@pytest.fixture
def workshop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url, processes=1)


def frozen(workshop, count=1, *, lang="es", kind=Invoice, owed=None, **fields):
    """The HTML and the text of the message to one customer with so many documents."""
    customer = make_customer(lang=lang)
    make_contact(customer)
    facts = {"issue_date": date(2026, 7, 3), "due_date": date(2026, 8, 2)}
    made = [make_document(customer, kind=kind, **facts) for _n in range(count)]
    if owed is not None:
        made[0].balance_due = owed
    mailing = make_draft(
        **{
            "ranges": [MailingRange(kind=made[0].kind, document_ids=[each.id for each in made])],
            "attach_mode": AttachMode.BOTH,
            "lang": lang,
            "body_html": "<p>Estimada clienta:</p>",
            **fields,
        }
    )
    register_mailing(mailing, workshop)
    delivery = db.session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
    head = db.session.get_one(DeliveryBody, delivery.id).head
    read = message_from_bytes(unstuffed(head), policy=policy.default)
    html, text = read.get_body(("html",)), read.get_body(("plain",))
    return html.get_content(), text.get_content().replace("\xa0", " ").replace("\r", ""), made


def test_a_document_stands_below_the_text_with_all_that_its_reader_looks_for(
    organization, workshop
):
    """S1-10: number, dates, amount and a button, in HTML and as text."""
    html, text, (document,) = frozen(workshop)

    words = re.sub(r"<[^>]*>", " ", html).replace("\xa0", " ")
    for said in (f"Factura {document.label}", "Fecha: 3 jul 2026", "Vencimiento: 2 ago 2026"):
        assert said in words
        assert said in text
    assert "Ver factura" in words
    assert html.index("Estimada clienta") < html.index(document.label)
    assert re.search(r"^https?://\S+/l/[\w-]{43}$", text, re.MULTILINE)
    assert "Importe: 119,00 €" in text


def test_it_speaks_the_language_of_its_reader(organization, workshop):
    """S1-10: Spanish and English."""
    html, text, (document,) = frozen(workshop, lang="en")

    assert f"Invoice {document.label}" in html
    assert "View invoice" in html
    assert "Due: Aug 2, 2026" in text


@pytest.mark.parametrize("count", [1, 2, 5])
def test_each_document_has_one_link_in_either_version(organization, workshop, count):
    """S1-09: a button each, or a row."""
    html, text, made = frozen(workshop, count)

    assert len(set(LINK.findall(html))) == len(LINK.findall(html)) == count
    assert sorted(LINK.findall(html)) == sorted(LINK.findall(text))
    assert all(document.label in html and document.label in text for document in made)


@pytest.mark.parametrize("count", [1, 3])
def test_a_link_in_the_text_has_no_second_button(organization, workshop, count):
    """S1-09: the field leads to the first document; the others have their buttons."""
    body = '<p>Véala <a href="{{ document.url }}">aquí</a></p>'
    html, _text, _made = frozen(workshop, count, body_html=body)

    assert len(set(LINK.findall(html))) == len(LINK.findall(html)) == count
    assert html.count("Ver factura") == count - 1


def test_what_is_attached_needs_no_button(organization, workshop):
    """S1-09: the documents are named all the same."""
    html, _text, (document,) = frozen(workshop, attach_mode=AttachMode.ATTACH)

    assert document.label in html
    assert "/l/" not in html
    assert "Ver factura" not in html


def test_what_is_paid_in_part_says_how_much_is_owed(organization, workshop):
    _html, text, _made = frozen(workshop, owed=Decimal("1.50"))

    assert "Pendiente: 1,50 €" in text


def test_invoices_are_added_up_and_nothing_else_is(organization, workshop):
    """A credit note is no amount to be paid."""
    assert "Total:" in frozen(workshop, 2)[1]
    assert "Total:" not in frozen(workshop, 2, kind=CreditNote)[1]
    assert "Total:" not in frozen(workshop, 1)[1]


def test_our_name_stands_above_in_our_colour(organization, workshop):
    """S1-10: known without a picture."""
    organization.brand_color = "#7a1f3d"
    html, text, _made = frozen(workshop)

    assert html.index(organization.name) < html.index("Estimada clienta")
    assert "#7a1f3d" in html
    assert "<img" not in html
    assert text.startswith("Estimada clienta")
    assert Nesting(html).open == []


@pytest.mark.parametrize("header", ["<html><body><div><h1>Membrete</h1>", ""])
def test_a_header_of_the_letterhead_takes_the_place_of_ours(organization, workshop, header):
    """S4-22: also one that says: nothing."""
    saved(Letterhead(header_html=header, footer_html="<p>Pie</p></div></body></html>"))
    html, text, (document,) = frozen(workshop)

    name = db.session.get_one(Organization, current_scope().organization_id).name
    assert f">{name}<" not in html
    assert html.count("<body") == html.count("</html>") == 1
    assert Nesting(html).open == []
    assert html.index("Estimada clienta") < html.index(document.label) < html.index("Pie")
    assert text.split().index("Pie") > text.split().index("Estimada")


def test_links_beside_a_letterhead_are_read_on_any_paper(organization, workshop):
    """S4-22: mail programs make the page dark; a colour of ours would stay as it is."""
    organization.brand_color = "#7a1f3d"
    in_card, _text, _made = frozen(workshop, 4)
    saved(Letterhead(header_html="<h1>Membrete</h1>"))
    beside, _text, _made = frozen(workshop, 4)

    assert in_card.count('style="color:#7a1f3d">') == 4
    assert beside.count('style="color:inherit">') == 4


def test_signature_and_footer_follow_the_documents(organization, workshop):
    """S4-23, S4-24."""
    saved(Letterhead(signature_html="<p>Lucía</p></td>", footer_html="<p>Pie</p>"))
    html, text, (document,) = frozen(workshop)

    for shown in (html, text):
        places = [shown.index(word) for word in ("Estimada", document.label, "Lucía", "Pie")]
        assert places == sorted(places)
    assert Nesting(html).open == []


def test_a_text_that_is_a_whole_document_brings_its_own_page(organization, workshop):
    body = "<!doctype html><html><body style='background-color:#fee'><p>Hola</p></body></html>"
    html, _text, (document,) = frozen(workshop, body_html=body)

    assert 'background-color:#fee"' in html
    assert "vn-card" not in html
    assert document.label in html
    assert Nesting(html).open == []


@pytest.mark.parametrize(
    ("body", "bears"), [("<p>Hola</p>", True), ("<p style='color:#333'>Hola</p>", False)]
)
def test_dark_screens_are_dark_where_the_text_can_bear_it(organization, workshop, body, bears):
    """A colour that was chosen on white stays on white."""
    html, _text, _made = frozen(workshop, body_html=body)

    assert ("prefers-color-scheme:dark" in html) is bears


@pytest.mark.parametrize("count", [1, 12])
def test_messages_stay_small(organization, workshop, count):
    html, _text, _made = frozen(workshop, count)

    assert len(html.encode()) < LARGEST_HTML
