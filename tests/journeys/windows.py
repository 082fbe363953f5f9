"""Windows of several people in one journey: as wide as a desk, or a telephone that is touched."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, Locator, Page

from tests.journeys.inspection import SIZES, Complaints, without_complaints

WIDTHS = [1280, 390]
PHONE_WIDTH = 390
PATIENCE_MS = 15_000
OpenWindow = Callable[[int], tuple[Page, Complaints]]


@contextmanager
def windows(browser: Browser, base_url: str) -> Iterator[OpenWindow]:
    """Open further windows, each with cookies of its own; what any of them complains about fails the journey."""
    with ExitStack() as stack:

        def opened(width: int) -> tuple[Page, Complaints]:
            wide, high = SIZES[str(width)]
            context = browser.new_context(
                base_url=base_url,
                locale="es-CO",
                viewport={"width": wide, "height": high},
                has_touch=width == PHONE_WIDTH,
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            return page, stack.enter_context(without_complaints(page))

        yield opened


def press(target: Locator) -> None:
    """With a finger on a telephone, else with the mouse."""
    size = target.page.viewport_size
    if size is not None and size["width"] == PHONE_WIDTH:
        target.tap()
    else:
        target.click()


def open_portal_menu(page: Page) -> Locator:
    """Where the pages of the portal are found: all in the head of a wide window, the further ones below *More* on a telephone."""
    size = page.viewport_size
    if size is not None and size["width"] == PHONE_WIDTH:
        press(page.get_by_role("button", name="Más"))
        return page.locator("#more")
    return page.get_by_role("navigation", name="Portal")
