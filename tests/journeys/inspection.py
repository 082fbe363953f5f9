"""What every page of a journey has to stand: no console error, no refused script or style, no finding of axe."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"1280": (1280, 900), "390": (390, 844)}
COLOURS = {"light": "light", "dark": "dark"}
# Colours change gradually: what is measured on the way is nobody's colour.
COLOURS_ARE_SET = """() => Promise.race([
  new Promise(done => setTimeout(done, 1000)),
  new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    .then(() => Promise.allSettled(document.getAnimations().map(animation => animation.finished)))
])"""
# The layout shifts that nobody caused, since the page was begun (web.dev: below 0.1 is good), and what moved.
MOVED = """() => new Promise(done => {
  const named = ({node, previousRect: was, currentRect: is}) =>
    `${node?.localName ?? "text"}${node?.id ? "#" + node.id : ""}.${node?.className ?? ""}`
    + ` ${was.x},${was.y} to ${is.x},${is.y}`;
  new PerformanceObserver(list => {
    const moves = list.getEntries().filter(entry => !entry.hadRecentInput);
    done([moves.reduce((sum, entry) => sum + entry.value, 0),
      moves.flatMap(entry => entry.sources.map(named)).join("; ")]);
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(done, 60, [0, ""]);
})"""
MOVES_AT_MOST = 0.02
SERIOUS = {"serious", "critical"}
PICTURES = os.environ.get("JOURNEY_PICTURES")


class Complaints:
    """Everything that a browser complains about, from now on."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        self._expected: set[int] = set()
        self._expected_words: tuple[str, ...] = ()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("response", self._answered)

    def expect(self, *statuses: int) -> None:
        """These answers belong to the journey."""
        self._expected |= set(statuses)

    def expect_abort(self) -> None:
        """The page gives up a request of its own; htmx says so in the console."""
        self._expected_words = ("error: htmx:sendAbort", "error: htmx:afterRequest")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(f"status of {status}" in message.text for status in self._expected):
            return
        complaint = f"{message.type}: {message.text}"
        if not complaint.startswith(self._expected_words):
            self.found.append(complaint)

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.found.append(f"{response.status} {response.url}")


@contextmanager
def without_complaints(page: Page) -> Iterator[Complaints]:
    """Fail at the end if the browser complained (a refused script or style is a console error)."""
    complaints = Complaints(page)
    yield complaints
    assert not complaints.found, "\n".join(complaints.found)


def look_at(page: Page, name: str) -> None:
    """Check the page as it stands, wide and narrow, light and dark; keep pictures if they are wanted."""
    before = page.viewport_size
    findings = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for colour, scheme in COLOURS.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.evaluate(COLOURS_ARE_SET)
            findings += [f"{name} {size} {colour}: {found}" for found in _findings(page)]
            if _is_too_wide(page):
                findings.append(f"{name} {size}: wider than the window")
            if PICTURES:
                picture = Path(PICTURES) / f"{name}-{size}-{colour}.png"
                page.screenshot(path=picture, full_page=True)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if before:
        page.set_viewport_size(before)
    assert not findings, "\n".join(findings)


def glance_at(page: Page) -> list[str]:
    """What a page does wrong, quicker than `look_at`: axe at the width it has, the width of a phone, what moved."""
    page.evaluate(COLOURS_ARE_SET)
    found = _findings(page)
    moved, what = page.evaluate(MOVED)
    if moved > MOVES_AT_MOST:
        found.append(f"moved by {moved:.3f} while it loaded: {what}")
    before = page.viewport_size
    page.set_viewport_size({"width": SIZES["390"][0], "height": SIZES["390"][1]})
    if _is_too_wide(page):
        found.append("wider than a phone")
    if before:
        page.set_viewport_size(before)
    return found


def _findings(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    # Frames hold messages of other people under a policy of their own: no script of ours gets in.
    run = "() => axe.run(document, {resultTypes: ['violations'], iframes: false})"
    result: dict[str, Any] = page.evaluate(run)
    return [
        f"{violation['id']} {node['target']}: {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def _is_too_wide(page: Page) -> bool:
    return bool(
        page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    )
