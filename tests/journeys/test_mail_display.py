"""Strangers' messages in a real browser: nothing runs, nothing is fetched (X3-10)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from models.base import db
from models.mailbox.message_placement import MessagePlacement
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.journeys.conftest import Company
from tests.mail.hostile_html import PAYLOADS

SignIn = Callable[..., None]


class Watch:
    """Everything a browser asks for outside the product, and every dialog and window it opens."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.seen: list[str] = []
        self._home = home
        context.route("**/*", self._asked)
        context.on("page", lambda page: self.seen.append(f"window {page.url}"))

    def follow(self, page: Page) -> None:
        page.on("dialog", lambda dialog: (self.seen.append(dialog.message), dialog.dismiss()))

    def _asked(self, route: Route, request: Request) -> None:
        if request.url.startswith(self._home):
            route.continue_()
        else:
            self.seen.append(request.url)
            route.abort()


def letters(company: Company) -> dict[str, MessagePlacement]:
    folder = make_folder(make_mailbox(owner_id=company.clerk.id))
    placements = {
        name: receive(
            folder,
            make_raw(
                subject=name, html=f"<p>inicio de {name}</p>{payload}<p>fin</p>".replace("\0", "")
            ),
        )
        for name, payload in PAYLOADS.items()
    }
    db.session.commit()
    return placements


@pytest.fixture
def complaints() -> None:
    """The browser says what its policies refuse: that is what is wanted here."""


def test_nothing_runs_and_nothing_is_fetched(
    company: Company, context: BrowserContext, page: Page, running: str, sign_in: SignIn
) -> None:
    """Pains D-14: each payload in its frame, and the frame's page by itself, where only its policy stands in the way."""
    addresses = {
        name: f"/mail/messages/{placement.message.public_id}/frame"
        for name, placement in letters(company).items()
    }
    sign_in(page, company.clerk.email)
    watch = Watch(context, running)
    watch.follow(page)

    assert len(addresses) >= 60
    for name, address in addresses.items():
        page.goto(address)
        expect(page.get_by_text(f"inicio de {name}", exact=True)).to_be_visible()
        page.mouse.click(20, 20)
        assert watch.seen == [], name
        assert page.url == f"{running}{address}", name


def test_the_other_two_locks_hold_without_the_cleaner(
    company: Company, context: BrowserContext, page: Page, running: str, sign_in: SignIn
) -> None:
    """The policy of the frame alone stops the raw payloads, should the cleaner ever let one through."""
    placement = letters(company)["script"]
    address = f"/mail/messages/{placement.message.public_id}/frame"
    sign_in(page, company.clerk.email)
    policy = page.request.get(address).headers["content-security-policy"]
    watch = Watch(context, running)
    watch.follow(page)
    raw: dict[str, str] = {}
    context.route(
        f"{running}/raw/*",
        lambda route: route.fulfill(
            body=raw["html"],
            headers={"Content-Type": "text/html", "Content-Security-Policy": policy},
        ),
    )

    for name, payload in PAYLOADS.items():
        if name in (
            "meta_refresh",
        ):  # a top page may leave; the cleaner and the frame's sandbox keep it
            continue
        raw["html"] = f"<!doctype html><p>inicio de {name}</p>{payload}"
        page.goto(f"{running}/raw/{name}")
        expect(page.get_by_text(f"inicio de {name}", exact=True)).to_be_visible()
        assert watch.seen == [], name


def test_pictures_from_elsewhere_come_after_a_click(
    company: Company, context: BrowserContext, page: Page, running: str, sign_in: SignIn
) -> None:
    folder = make_folder(make_mailbox(owner_id=company.clerk.id))
    receive(
        folder,
        make_raw(
            subject="Boletín", html='<p>Nuevas tarifas</p><img src="https://evil.test/t.gif">'
        ),
    )
    db.session.commit()
    sign_in(page, company.clerk.email)
    watch = Watch(context, running)
    page.goto("/mail/")
    page.get_by_role("link", name="Boletín").click()
    frame = page.frame_locator("iframe[data-mail-frame]")
    expect(frame.get_by_text("Nuevas tarifas")).to_be_visible()
    assert watch.seen == []

    with page.expect_request("https://evil.test/t.gif"):
        page.get_by_role("button", name="Mostrar imágenes").click()

    expect(frame.get_by_text("Nuevas tarifas")).to_be_visible()
    assert set(watch.seen) == {"https://evil.test/t.gif"}


def test_senders_who_look_like_somebody_else(company: Company, page: Page, sign_in: SignIn) -> None:
    """The real address always shows; a name with another address and a domain like a known one are said."""
    folder = make_folder(make_mailbox(owner_id=company.clerk.id))
    receive(
        folder,
        make_raw(
            sender='"jefe@penalba.test" <x@penaIba.test>',
            subject="Urgente",
            text="Pague hoy.",
        ),
    )
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto("/mail/")
    page.get_by_role("link", name="Urgente").click()

    expect(page.get_by_text("El nombre del remitente dice jefe@penalba.test")).to_be_visible()
    expect(page.get_by_text("penaiba.test no es penalba.test, aunque se parece")).to_be_visible()
