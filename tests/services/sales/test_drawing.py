"""Processes that draw pages."""

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from services.sales.drawing import _templates, fingerprint
from tests.files.pages import make_page

ROOT = Path(__file__).resolve().parents[3]
DRAWING = """
import time, sys
from multiprocessing import active_children
from services.sales.drawing import FEW, MEMORY, DrawingRoom, PrintedPage
from tests.files.pages import make_page

if __name__ == "__main__":
    with DrawingRoom(sys.argv[1], 2) as room:
        pages = [
            PrintedPage(f"{number}.pdf", str(number), make_page(number=f"FV-{number}"))
            for number in range(FEW)
        ]
        assert all(drawn.sha256 for drawn in room.draw(pages))
        for child in active_children():
            given = open(f"/proc/{child.pid}/environ").read().split("\\0")
            assert f"GLIBC_TUNABLES={MEMORY}" in given, given
        print(*(child.pid for child in active_children()), flush=True)
        time.sleep(60)
"""


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_who_draws_ends_when_the_worker_is_killed(tmp_path: Path) -> None:
    """A killed registration leaves no process of 95 MB behind; each has its memory in large pages (decision 0042)."""
    script = tmp_path / "drawing.py"
    script.write_text(DRAWING)
    worker = subprocess.Popen(
        [sys.executable, str(script), f"file://{tmp_path}"],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout
    with worker.stdout:
        children = [int(pid) for pid in worker.stdout.readline().split()]
    assert children and all(map(is_there, children))

    worker.kill()
    worker.wait()

    ends = time.monotonic() + 10
    while any(map(is_there, children)) and time.monotonic() < ends:
        time.sleep(0.1)
    assert not any(map(is_there, children))


def test_a_fingerprint_is_of_everything_that_a_page_says() -> None:
    """What was drawn before is found again: the form in which a page is told must not change."""
    page = make_page(number="FV-1")
    whole = asdict(page)
    logo = whole["organization"]["logo"]
    if logo is not None:
        whole["organization"]["logo"] = hashlib.sha256(logo).hexdigest()
    told = json.dumps(whole, default=str, sort_keys=True, ensure_ascii=False)

    assert fingerprint(page) == hashlib.sha256(f"{_templates()}\n{told}".encode()).hexdigest()
    for name, other in (
        ("number", "FV-2"),
        ("total", "0,01"),
        ("organization", replace(page.organization, logo=b"x")),
    ):
        assert fingerprint(replace(page, **{name: other})) != fingerprint(page), name
