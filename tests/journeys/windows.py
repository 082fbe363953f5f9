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


def go_to(page: Page, name: str) -> None:
    """A page of the portal by its menu: in the head of a wide window, at the foot of a telephone or there below *More*."""
    entry = page.get_by_role("navigation", name="Portal").get_by_role("link", name=name)
    if entry.is_visible():
        press(entry)
    else:
        press(page.get_by_role("button", name="Más"))
        press(page.locator("#more").get_by_role("link", name=name))
