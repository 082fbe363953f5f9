"""What the documentation names exists, and what exists is documented."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOP = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]*\w)`")
GENERATED = ("static/dist", "var/")
EXAMPLES = {
    "models/sales/product.py",
    "models/sales/contract.py",
    "admin_views/crud/products.py",
    "tests/models/sales/test_product.py",
    "tests/admin_views/test_products.py",
}


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_setting_is_documented(setting: object) -> None:
    name = setting.name.upper()  # type: ignore[attr-defined]
    # These follow from PUBLIC_BASE_URL and from where the keys are.
    if name not in {"SECURE_COOKIES", "KEY_FILE", "KEPT_SECRETS"}:
        assert f"`{name}`" in (ROOT / "docs/settings.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_the_docs_name_exist(page: Path) -> None:
    named = {name for name in NAMED.findall(page.read_text()) if name.split("/")[0] in TOP}
    missing = {
        name
        for name in named - EXAMPLES
        if not name.startswith(GENERATED) and "2026112" not in name and not (ROOT / name).exists()
    }
    assert missing == set()


@pytest.mark.parametrize(
    "script", sorted((ROOT / "script").iterdir()), ids=lambda script: str(script.name)
)
def test_script_is_documented_and_says_what_it_does(script: Path) -> None:
    lines = script.read_text().splitlines()
    assert lines[1].startswith("# ")
    told = (ROOT / "README.md").read_text() + (ROOT / "docs/operations.md").read_text()
    assert f"script/{script.name}" in told
