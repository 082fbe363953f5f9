"""S1-09: documents go attached, as links, or both; what would be too large goes as a link."""

import re
from email import message_from_bytes

import pytest
from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryBody
from models.mailings.mailing import AttachMode
from models.mailings.mailing_exclusion import MailingExclusion
from models.portal.portal_settings import PortalSettings
from models.portal.share_link import ShareLink
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.system.file import File
from services.mailings.register import register_mailing
from services.portal.share_links import find_link, hash_of
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_mail_account

LINK = re.compile(r"http://localhost/l/([\w-]{43})")


@pytest.fixture
def workshop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url, processes=1)


def registered(workshop, **fields):
    """A mailing with one message: how it brings its document, its parts, its HTML."""
    account = make_mail_account(largest_message_bytes=fields.pop("largest", None))
    mailing = make_draft(customers=1, account=account, **fields)
    register_mailing(mailing, workshop)
    delivery = db.session.scalars(select(Delivery)).one()
    body = db.session.get_one(DeliveryBody, delivery.id)
    parsed = message_from_bytes(unstuffed(body.head))
    html = next(p for p in parsed.walk() if p.get_content_type() == "text/html")
    return delivery, body.parts, html.get_payload(decode=True).decode()


@pytest.mark.parametrize(
    ("mode", "parts", "links"),
    [(AttachMode.ATTACH, 1, 0), (AttachMode.LINK, 0, 1), (AttachMode.BOTH, 1, 1)],
)
def test_documents_go_as_the_mailing_says(organization, workshop, mode, parts, links):
    delivery, found, html = registered(workshop, attach_mode=mode)

    tokens = LINK.findall(html)
    assert (delivery.attach_mode, len(found), len(tokens)) == (mode, parts, links)
    stored = db.session.scalars(select(ShareLink)).all()
    assert [link.token_hash for link in stored] == [hash_of(token) for token in tokens]
    assert all(find_link(token).document_id == stored[0].document_id for token in tokens)


def test_the_text_may_say_where_the_link_goes(organization, workshop):
    body = '<p>Look <a href="{{ document.url }}">here</a></p>'
    delivery, parts, html = registered(workshop, body_html=body)

    assert len(LINK.findall(html)) == 1
    assert delivery.attach_mode is AttachMode.BOTH
    assert len(parts) == 1


def test_what_would_be_too_large_goes_as_a_link(organization, workshop):
    """The issue's 40 MB attachment: nobody is left out for it."""
    big = workshop.store.put(b"<x>" + b"0" * 400_000 + b"</x>")
    mailing = make_draft(
        customers=1,
        account=make_mail_account(largest_message_bytes=200_000),
        extra_file_kinds=["xml"],
    )
    file = File(
        sha256=big.sha256, size_bytes=big.size_bytes, media_type="text/xml", name="FV-1.xml"
    )
    db.session.add(file)
    db.session.flush()
    document_id = mailing.ranges[0].document_ids[0]
    db.session.add(
        DocumentFile(document_id=document_id, file_id=file.id, kind=DocumentFileKind.XML)
    )
    register_mailing(mailing, workshop)

    delivery = db.session.scalars(select(Delivery)).one()
    assert delivery.attach_mode is AttachMode.LINK
    assert delivery.size_bytes < 200_000
    assert db.session.scalars(select(MailingExclusion)).all() == []


def test_files_of_a_document_go_along(organization, workshop):
    """S1-09: the XML of an invoice beside its PDF, for the documents that have one."""
    kept = workshop.store.put(b"<factura/>")
    mailing = make_draft(customers=2, extra_file_kinds=["xml"])
    file = File(
        sha256=kept.sha256, size_bytes=kept.size_bytes, media_type="text/xml", name="FV-1.xml"
    )
    db.session.add(file)
    db.session.flush()
    document_id = mailing.ranges[0].document_ids[0]
    db.session.add(
        DocumentFile(document_id=document_id, file_id=file.id, kind=DocumentFileKind.XML)
    )
    register_mailing(mailing, workshop)

    counts = sorted(len(body.parts) for body in db.session.scalars(select(DeliveryBody)))
    assert counts == [1, 2]


def test_S2_07_links_lead_to_the_portals_own_domain(organization, workshop):
    """As soon as it is verified; a rehearsal finds nothing wrong with them."""
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.custom_domain, settings.domain_verified_at = "clientes.penalba.example", utc_now()
    db.session.flush()

    _delivery, _parts, html = registered(workshop, attach_mode=AttachMode.LINK)

    assert re.search(r"http://clientes\.penalba\.example/l/[\w-]{43}", html)
    assert not LINK.search(html)
