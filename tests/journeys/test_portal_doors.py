"""The pages of the portal that nobody reaches by a link of it: second step, confirmed address, document links, errors."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.base import db, utc_now
from models.mailings.delivery import DeliveryBody
from models.mailings.mailing import AttachMode
from models.portal.portal_session import PortalTokenKind
from services.portal.portal_keys import make_key
from settings import Settings
from tests.factories.mailings import make_registered
from tests.factories.people import PASSWORD
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, glance_at
from tests.journeys.portal_visit import make_visit

LINK = re.compile(rb"/l/[\w-]{43}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_that_no_link_leads_to_hold(
    company: Company, settings: Settings, page: Page, complaints: Complaints, scheme: str
) -> None:
    """L-26: no finding of axe, not wider than a phone, nothing that moves while loading, no complaint."""
    make_registered(settings, account=company.account, attach_mode=AttachMode.LINK)
    head = db.session.scalars(select(DeliveryBody.head)).first().replace(b"=\r\n", b"")
    link = LINK.search(head)
    assert link is not None
    visit = make_visit(company.customers[0])
    token = make_key(visit.user, PortalTokenKind.EMAIL_CHANGE, new_email="otra@cliente.test")
    visit.user.totp_secret = pyotp.random_base32()
    visit.user.totp_confirmed_at = utc_now()
    db.session.commit()
    complaints.expect(404)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    page.goto(f"{visit.root}/sign-in?way=password")
    page.locator("#login").fill(visit.user.login)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión", exact=True).click()
    page.wait_for_url("**/sign-in/code")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    findings = [f"second step: {found}" for found in glance_at(page)]
    for path in (
        f"{visit.root}/security/address/{token}",
        f"{visit.root}/security/address/nothing",
        f"{visit.root}/sign-in/link/nothing",
        f"{visit.root}/invitation/nothing",
        f"{visit.root}/password/nothing",
        f"{visit.root}/nothing",
        "/portal/nobody/sign-in",
        link[0].decode(),
        "/l/nothing",
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        findings += [f"{path}: {found}" for found in glance_at(page)]

    assert not findings, "\n".join(findings)
