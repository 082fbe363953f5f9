"""A portal with something behind every address, and the browsers that walk through it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from models.base import db
from models.mailings.delivery import DeliveryBody
from models.mailings.mailing import AttachMode
from models.people.organization import Organization
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import PortalUser
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from services.mailings.register import register_mailing
from services.portal.invitations import invite
from services.portal.portal_keys import make_key
from services.portal.portal_sessions import open_staff_look
from services.sales.pdf import Workshop
from settings import Settings
from tests.browser import Browser, new_browser
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_mail_account, make_user
from tests.factories.portal import portal_name, sign_in_to_portal
from tests.factories.saving import saved
from tests.portal.door import letters, link_in
from tests.portal.furnished import forms, furnish, pages

SENT = re.compile(rb"/l/([\w-]{43})")
EMAIL_CHANGE = "portal-security_address.link"
TOKENS = {
    "portal-magic_links.link": PortalTokenKind.MAGIC_LINK,
    "portal-forgotten.reset": PortalTokenKind.PASSWORD_RESET,
    EMAIL_CHANGE: PortalTokenKind.EMAIL_CHANGE,
}


@dataclass
class House:
    """A portal with something behind every address, and the browsers that walk through it."""

    pages: list[tuple[str, str]]
    browsers: dict[str, Browser]
    forms: list[tuple[str, str]]


@pytest.fixture
def house(
    app: Flask, organization: Organization, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> House:
    """A customer has one of everything, all of it is switched on, and every link still works."""
    monkeypatch.setitem(app.extensions, "settings", replace(settings, ventanilla_demo=True))
    make_mail_account()
    customer = make_customer(name="Ferretería La Ñapa", currency="EUR")
    keys = furnish(customer) | {"provider": ["practice"]}
    sofia, clerk = db.session.scalars(select(PortalUser)).one(), make_user(organization)
    everything = dict.fromkeys(("show_projects", "allow_reviews", "allow_card_edit"), True)
    db.session.execute(update(PortalSettings).values(**everything))
    for endpoint, kind in TOKENS.items():
        new = "sofia@new.test" if endpoint == EMAIL_CHANGE else None
        keys[endpoint] = [make_key(sofia, kind, new_email=new)]
    invite(make_contact(make_customer()).customers[0])
    db.session.commit()
    keys["portal-invitation.accept"] = [link_in(letters()[-1][2]).rpartition("/")[2]]
    name = portal_name()
    browsers = {who: new_browser(app) for who in ("stranger", "customer", "staff")}
    sign_in_to_portal(browsers["customer"], sofia)
    look = open_staff_look(clerk.id, customer.id, ip=None, user_agent=None)
    db.session.commit()
    browsers["staff"].set_cookie("portal", look)
    walked = [*pages(app, f"/portal/{name}", keys), *_linked(settings)]
    return House(walked, browsers, [*forms(app, f"/portal/{name}", keys)])


def _linked(settings: Settings) -> Iterator[tuple[str, str]]:
    """A document that was sent as a link, with a file that goes along."""
    mailing = make_draft(
        customers=1, attach_mode=AttachMode.LINK, extra_file_kinds=[DocumentFileKind.XML]
    )
    document = db.session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).one()
    xml = db.session.scalars(
        select(DocumentFile).where(DocumentFile.kind == DocumentFileKind.XML)
    ).one()
    file = {"file_id": xml.file_id, "rendered_from": xml.rendered_from}
    saved(DocumentFile(document_id=document.id, kind=DocumentFileKind.XML, **file))
    workshop = Workshop(files_url=settings.files_url, base_url="http://localhost", processes=1)
    register_mailing(mailing, workshop)
    head = db.session.scalars(
        select(DeliveryBody.head).order_by(DeliveryBody.delivery_id.desc()).limit(1)
    ).one()
    found = SENT.search(head.replace(b"=\r\n", b""))
    assert found
    root = f"/l/{found[1].decode()}"
    yield "link.document", root
    yield "link.pdf", f"{root}/document.pdf"
    yield "link.file", f"{root}/files/{xml.file.sha256}"
