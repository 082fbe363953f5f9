"""The pictures of the handbook, taken in both languages from a demo of their own (`script/pictures`)."""

import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from seed.staff import DEMO_PASSWORD
from tests.journeys.conftest import CHROMIUM, SWITCHES
from tests.journeys.inspection import COLOURS_ARE_SET

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1280, "height": 720}
TALL = {"width": 1280, "height": 860}
ANSWER = "Sí, es la misma cuenta. Muchas gracias por el pago."
COLOURS = 256  # as many as fit into a byte: a third of the size, and nobody sees the difference
STARTS_WITHIN_S = 600  # the first start sets everything up
CLERK, ADMIN = "lucia@penalba.example", "admin@penalba.example"
ENDINGS = {"en": "", "es": "-es"}  # of the file names


def main() -> None:
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        for lang in ENDINGS:
            _take_mail(_signed_in(browser, address, CLERK, lang), ENDINGS[lang])
            _take_guide(_signed_in(browser, address, CLERK, lang), ENDINGS[lang])
            _take_way(_signed_in(browser, address, ADMIN, lang), ENDINGS[lang])
            _take_portal(_signed_in(browser, address, ADMIN, lang), ENDINGS[lang])
        _take_console(_signed_in(browser, address, ADMIN, "en"))
        browser.close()


@contextmanager
def demo() -> Iterator[str]:
    """A demo on a free port, with nothing in it that somebody did before; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="ventanilla-") as data:
        server = subprocess.Popen(
            [ROOT / "script" / "server", "--port", str(port)],
            env={**os.environ, "VENTANILLA_DATA": data},
            stdout=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(60)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
        else:
            return
    raise SystemExit("The demo did not start.")


def _signed_in(browser: Browser, address: str, email: str, lang: str) -> Page:
    context = browser.new_context(
        base_url=address,
        locale={"en": "en-GB", "es": "es-CO"}[lang],
        viewport=SIZE,
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("main [type=submit]").first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    if "/place" in page.url:  # several companies: the one that is proposed
        page.locator(".btn-primary").click()
        page.wait_for_url(lambda url: "/place" not in url)
    page.goto("/")
    page.locator(f"#me [name=lang][value={lang}]").evaluate("button => button.click()")
    page.wait_for_load_state("networkidle")
    return page


def _take_guide(page: Page, ending: str) -> None:
    """Those of `docs/how-to/send-a-mailing.md` and its translations."""
    page.goto("/mailings/")
    page.locator("[name=mailing]").last.check()
    expect(page.locator("a#do-start")).to_be_visible()
    _take(page, f"send-a-mailing-console{ending}")

    page.locator("#do-documents").click()
    expect(page.locator(".v-paper img").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('.v-paper img').naturalWidth > 0")
    _take(page, f"send-a-mailing-gallery{ending}")

    page.goto(page.url.split("?")[0] + "?show=review")
    page.locator("#next").click()
    expect(page.locator("[data-announce]").first).to_have_text(re.compile(r"^2 "))
    page.locator("#anomalies").scroll_into_view_if_needed()
    _take(page, f"send-a-mailing-review{ending}")


def _take_way(page: Page, ending: str) -> None:
    """Those of `docs/how-to/set-up-mail-accounts.md` and its translations."""
    page.goto("/admin/user/advanced/")
    _take(page, f"set-up-mail-accounts-users{ending}")
    page.locator("#addons").click()
    expect(page.locator(".v-addons")).to_be_visible()
    _take(page, f"set-up-mail-accounts-addons{ending}")
    page.locator(".v-addons .btn").first.click()
    expect(page.locator("tr[data-user]").first).to_be_visible()
    ventas = page.locator("#department option", has_text="Ventas").first.get_attribute("value")
    page.locator("#department").select_option(ventas)
    expect(page.locator("#department")).to_have_value(ventas or "")
    expect(page.locator("#testing")).not_to_have_attribute("data-live", "", timeout=120_000)
    for box in page.locator("tbody [name=rowid]").all()[1:4]:
        box.check()
    page.evaluate("scrollTo(0, 0)")
    _take(page, f"set-up-mail-accounts-table{ending}")


def _take_portal(page: Page, ending: str) -> None:
    """Those of `docs/how-to/set-up-the-portal.md` and its translations."""
    page.goto("/preferences/portal")
    expect(page.locator("#portal-preferences")).to_be_visible()
    _take(page, f"set-up-the-portal-preferences{ending}")
    page.goto("/admin/customer_group/")
    page.locator("tbody a.id", has_text="Mayoristas").click()
    page.locator(".nav-tabs a[href*='portal-emails']").click()
    frame = page.frame_locator("iframe[name=preview-access_email]")
    expect(frame.locator("a").first).to_be_visible()
    _take(page, f"set-up-the-portal-emails{ending}")
    page.goto("/access-requests/")
    expect(page.locator(".v-match").first).to_be_visible()
    _take(page, f"set-up-the-portal-requests{ending}")


def _take_mail(page: Page, ending: str) -> None:
    """Those of `docs/how-to/use-the-e-mail-area.md` and its translations."""
    page.goto("/mail/")
    with_four = page.locator("#mail-rows li", has_text="factura FV").filter(has_text="+3")
    with_four.locator("a").first.click(timeout=120_000)  # the worker reads the mailboxes first
    expect(page.locator("#mail-read iframe").last).to_be_visible()
    _take(page, f"use-the-e-mail-area-reading{ending}")
    page.locator("#mail-read [data-read-key=r]").click()
    page.wait_for_url("**/mail/compose**")
    expect(page.locator("[contenteditable=true]")).to_be_focused()
    page.keyboard.type(ANSWER)
    expect(page.locator("[data-saved]")).not_to_be_empty()
    _take(page, f"use-the-e-mail-area-writing{ending}")
    page.goto("/mail/search?q=FV")
    expect(page.locator(".v-hits li").first).to_be_visible()
    _take(page, f"use-the-e-mail-area-search{ending}")


def _take_console(page: Page) -> None:
    """The one of `README.md`: while a mailing is being sent."""
    page.set_viewport_size(TALL)
    page.goto("/mailings/")
    page.locator("[name=mailing]").last.check()
    page.locator("#do-start").click()
    dialog = page.locator("dialog[open]")
    typed = dialog.locator("[data-must]")
    typed.fill(typed.get_attribute("data-must") or "")
    dialog.locator("[type=submit]").click()
    expect(page.locator(".v-big")).to_have_text(re.compile(r"^[1-9]\d* of "), timeout=60_000)
    _take(page, "console")


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate(COLOURS_ARE_SET)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
