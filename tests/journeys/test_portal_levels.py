"""The words of a customer group in a browser: they rest while nothing is sent, leaving asks, and one goes back a level."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.portal.portal_text import PortalText
from tests.factories.people import make_group, make_mail_account, make_user
from tests.journeys.conftest import Product
from tests.journeys.inspection import Complaints
from tests.journeys.windows import PHONE_WIDTH, WIDTHS

SignIn = Callable[..., None]
EMAIL = "admin@penalba.test"


@pytest.fixture
def desk(product: Product, organization: Organization, page: Page, sign_in: SignIn) -> Page:
    """An administrator before the e-mails of «Mayoristas»."""
    organization.name = "Distribuidora Peñalba"
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    make_mail_account(address="portal@penalba.test", display_name="Portal Peñalba")
    group = make_group(name="Mayoristas", uses_portal=True)
    db.session.commit()
    sign_in(page, EMAIL)
    page.goto(f"/customer-groups/{group.id}/portal-emails")
    return page


@pytest.mark.parametrize(("kind", "width"), [("new_primary", 1280), ("previous_primary", 390)])
def test_words_rest_while_the_box_is_off(
    desk: Page, complaints: Complaints, kind: str, width: int
) -> None:
    """S0-16, S0-20, S0-30: greyed, not lost, also over saving; saved words come back with the box."""
    desk.set_viewport_size({"width": width, "height": 844})
    section = _opened(desk, kind)
    box, words = section.get_by_role("checkbox"), section.locator(f"#words-{kind}")
    subject = section.locator(f"#subject-{kind}")
    box.check()
    expect(words).not_to_have_attribute("inert", "")
    subject.fill("Ahora escribimos a otra persona")
    box.uncheck()
    expect(words).to_have_attribute("inert", "")
    expect(words).to_have_class(re.compile("v-greyed"))
    expect(subject).to_have_text("Ahora escribimos a otra persona")
    _save(desk)

    section = _opened(desk, kind)
    expect(section.locator(f"#words-{kind}")).to_have_attribute("inert", "")
    expect(section.locator(f"#subject-{kind}")).to_have_text("Ahora escribimos a otra persona")
    section.get_by_role("checkbox").check()
    expect(section.get_by_role("textbox", name="Asunto")).to_have_text(
        "Ahora escribimos a otra persona"
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_leaving_asks_first_and_a_level_is_gone_back(
    desk: Page, complaints: Complaints, width: int
) -> None:
    """S0-30, X0-09, X0-12: what is not saved is not lost by a click; without words of its own a group has those above."""
    desk.set_viewport_size({"width": width, "height": 844})
    section = _opened(desk, "password_reset")
    subject = section.locator("#subject-password_reset")
    given = subject.inner_text()
    subject.click()
    subject.fill("Su contraseña de mayorista")
    expect(desk.locator(".v-save")).to_have_class(re.compile("dirty"))
    if width == PHONE_WIDTH:
        desk.get_by_role("button", name="Abrir el menú").click()
    menu = desk.get_by_role("navigation", name="Principal")
    desk.once("dialog", lambda dialog: dialog.dismiss())
    with desk.expect_event("dialog") as asked:
        menu.get_by_role("link", name="Inicio", exact=True).click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    expect(subject).to_have_text("Su contraseña de mayorista")
    assert "/portal-emails" in desk.url

    _save(desk)
    section = _opened(desk, "password_reset")
    expect(section).to_contain_text("Este texto es de Mayoristas")
    section.get_by_role("button", name="Usar el del nivel anterior").click()
    section = _opened(desk, "password_reset")
    expect(section.locator("#subject-password_reset")).to_have_text(given)
    expect(section).to_contain_text("Este texto es de Ventanilla")
    _save(desk)

    section = _opened(desk, "password_reset")
    expect(section.locator("#subject-password_reset")).to_have_text(given)
    expect(section.locator("summary .v-state").first).to_have_text("Usa valor por defecto")
    db.session.rollback()
    current = select(PortalText).where(PortalText.is_current)
    assert [text.subject for text in db.session.scalars(current) if text.subject] == []


def _opened(desk: Page, kind: str) -> Locator:
    section = desk.locator(f"[data-mail-section={kind}]")
    expect(section.locator("summary").first).to_be_visible()
    if section.get_attribute("open") is None:
        section.locator("summary").first.click()
    expect(section).to_have_attribute("open", "")
    return section


def _save(desk: Page) -> None:
    desk.get_by_role("button", name="Guardar").last.click()
    expect(desk.get_by_text("Los correos electrónicos del portal se guardaron.")).to_be_visible()
