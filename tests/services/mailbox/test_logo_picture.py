"""The logo and pasted pictures in the messages of a company: they go along, and nothing is loaded (S4-21)."""

import email
import email.policy

import pytest
from sqlalchemy import select

from files.logo_pixels import MOST_BYTES, logo_in_pixels
from files.store import FileStore
from mail.headers import Mailbox
from mail.mime import Head, assemble, unstuffed, wire_bytes
from mail.pictures import Picture, put_back
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody
from models.mailings.mailing import AttachMode, MailingRange
from models.people.organization import Organization
from models.tenancy import current_scope
from services.mailbox.letterhead_preview import example_with, send_example
from services.mailbox.letterheads import Letterheads, Level, LevelKind
from services.mailings.frozen_message import attached_papers, pictures_of
from services.mailings.notices import Notice
from services.mailings.notices import email as e_mail
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.accounts import make_letterhead
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document
from tests.mail.test_pictures import DOT, PNG

COMPANY = Level(LevelKind.ORGANIZATION)
LOGO = '<img src="cid:logo" alt="{{ organization.name }}" height="48">'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="80"><rect width="300" height="80" fill="#0b5a73"/></svg>'


def has_logo(settings: Settings, content: bytes) -> None:
    organization = db.session.get_one(Organization, current_scope().organization_id)
    organization.logo_sha256 = FileStore(settings.files_url).put(content).sha256


def newest(settings: Settings) -> tuple[email.message.EmailMessage, DeliveryBody, Delivery]:
    """What a mail program gets of the newest delivery."""
    delivery = db.session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
    body = db.session.get_one(DeliveryBody, delivery.id)
    store = FileStore(settings.files_url)
    pieces = assemble(Head.stored(body.head), [wire_bytes(store.read(part)) for part in body.parts])
    read = email.message_from_bytes(unstuffed(b"".join(pieces)), policy=email.policy.default)
    return read, body, delivery


def shown_in(read: email.message.EmailMessage) -> dict[str, bytes]:
    """By name, the pictures that stand beside the HTML."""
    related = next(part for part in read.walk() if part.get_content_type() == "multipart/related")
    return {
        part["Content-ID"].strip("<>"): part.get_payload(decode=True)
        for part in related.iter_parts()
        if part.get_content_maintype() == "image"
    }


def register(settings: Settings, **fields: object) -> None:
    customer = make_customer()
    make_contact(customer)
    document = make_document(customer)
    mailing = make_draft(
        ranges=[MailingRange(kind=document.kind, document_ids=[document.id])],
        attach_mode=AttachMode.ATTACH,
        body_html="<p>Estimada clienta:</p>",
        **fields,
    )
    register_mailing(
        mailing,
        Workshop(files_url=settings.files_url, base_url=settings.public_base_url, processes=1),
    )


@pytest.mark.usefixtures("organization")
def test_a_mailing_brings_the_logo_of_its_letterhead(settings: Settings) -> None:
    """S4-21, S1-10: named by cid, beside the HTML; it is none of the files of the message."""
    has_logo(settings, DOT)
    make_letterhead(header_html=f"<div>{LOGO}</div>")

    register(settings)

    read, body, delivery = newest(settings)
    assert shown_in(read) == {PNG.content_id: DOT}
    html = read.get_body(("html",)).get_content()
    assert (
        f'src="{PNG.url}"' in html and "data:" not in html and "http" not in html.split("<body")[1]
    )
    assert delivery.attach_mode is AttachMode.ATTACH
    store = FileStore(settings.files_url)
    assert [paper.media_type for paper in attached_papers(body.parts, store)] == ["application/pdf"]
    assert pictures_of(body.parts, store) == [PNG]


@pytest.mark.usefixtures("organization")
def test_without_a_letterhead_the_card_of_a_mailing_shows_the_logo(settings: Settings) -> None:
    has_logo(settings, SVG)

    register(settings)

    read, _body, _delivery = newest(settings)
    (content,) = shown_in(read).values()
    assert content.startswith(b"\x89PNG") and len(content) <= MOST_BYTES


@pytest.mark.usefixtures("organization")
def test_the_size_of_a_message_counts_its_pictures(settings: Settings) -> None:
    has_logo(settings, DOT)

    register(settings)

    _read, body, delivery = newest(settings)
    store = FileStore(settings.files_url)
    size = len(body.head) + sum(store.size(part) for part in body.parts)
    assert 0 < delivery.size_bytes - size < 400


@pytest.mark.usefixtures("organization")
def test_pasted_pictures_go_along_too(settings: Settings) -> None:
    """Many mail programs show no picture that stands in the text itself."""
    make_letterhead(signature_html=f'<p>Ana</p><img src="{PNG.data_url}" alt="Sello">')

    register(settings)

    read, _body, _delivery = newest(settings)
    assert shown_in(read) == {PNG.content_id: DOT}
    assert "data:" not in read.get_body(("html",)).get_content()


@pytest.mark.usefixtures("organization")
def test_without_a_logo_its_place_is_left_out(settings: Settings) -> None:
    make_letterhead(header_html=f"<div>Acme {LOGO}</div>")

    register(settings)

    read, _body, _delivery = newest(settings)
    assert "<img" not in read.get_body(("html",)).get_content()
    assert all(part.get_content_type() != "multipart/related" for part in read.walk())


@e_mail("account-works-again")
def works_again(cause: str) -> Notice:
    return Notice(
        cause=cause,
        to=Mailbox("ana@acme.com", "Ana"),
        lang="es",
        values={"account": "ventas@acme.com", "name": "Ana", "url": "https://acme.com"},
    )


@pytest.mark.usefixtures("organization")
def test_a_notice_brings_it_as_well(settings: Settings) -> None:
    has_logo(settings, DOT)
    make_letterhead(header_html=LOGO)

    works_again(make_mail_account(), "prueba")

    read, _body, _delivery = newest(settings)
    assert shown_in(read) == {PNG.content_id: DOT}


@pytest.mark.usefixtures("organization")
def test_the_preview_and_its_test_show_it(settings: Settings) -> None:
    """X4-10."""
    has_logo(settings, DOT)
    make_letterhead(header_html=LOGO)
    make_mail_account()
    stands = Letterheads().at(COMPANY)

    letter = example_with(stands, None).letter
    send_example(stands, None, "ana@acme.com")

    assert PNG.data_url in put_back(letter.html, letter.pictures)
    assert shown_in(newest(settings)[0]) == {PNG.content_id: DOT}


def test_a_logo_is_drawn_small_whatever_it_is() -> None:
    assert logo_in_pixels(DOT) is DOT
    drawn = logo_in_pixels(SVG)
    assert Picture.of(drawn) and len(drawn) < 10_000
    assert int.from_bytes(drawn[20:24], "big") == 160
