"""What the front-end build leaves in static/dist, as people's browsers load it."""

import gzip
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "static" / "dist"

pytestmark = pytest.mark.skipif(
    not (DIST / "manifest.json").exists(), reason="static/dist is not built (npm run build)"
)


def built(name: str) -> Path:
    return DIST / json.loads((DIST / "manifest.json").read_text())[name]


def weight(*names: str) -> int:
    """Bytes over the wire, compressed."""
    return sum(len(gzip.compress(built(name).read_bytes())) for name in names)


def test_styles_weigh_less_than_40_kb() -> None:
    assert weight("app.css") < 40_000


def test_scripts_of_a_page_weigh_less_than_150_kb() -> None:
    assert weight("app.js", "lookup.js") < 150_000


def test_sign_in_loads_no_scripts_of_the_admin() -> None:
    assert weight("door.js") < 3_000


def test_the_first_page_of_the_portal_weighs_less_than_it_may() -> None:
    """The customers' own stylesheet and script; nothing of the admin's."""
    assert weight("portal.css") < 40_000
    assert weight("portal.js") < 1_500


def test_styles_load_nothing_from_elsewhere() -> None:
    addresses = re.findall(r"url\(([^)]*)\)", built("app.css").read_text())

    assert [url for url in addresses if re.match(r"""["']?(?:https?:)?//""", url)] == []


def test_every_listed_icon_is_in_the_sprite() -> None:
    sprite = built("icons.svg").read_text()

    assert set((ROOT / "assets" / "icons.txt").read_text().split()) == set(
        re.findall(r'<symbol id="([^"]+)"', sprite)
    )


def test_fonts_of_pdfs_are_there() -> None:
    fonts = {file.name for file in (DIST / "fonts").glob("*.ttf")}

    assert fonts == {"Inter_400Regular.ttf", "Inter_500Medium.ttf", "Inter_600SemiBold.ttf"}


def test_licences_name_everything_that_is_shipped() -> None:
    dependencies = json.loads((ROOT / "package.json").read_text())["dependencies"]
    licences = (DIST / "LICENSES.txt").read_text()

    assert [name for name in dependencies if f"{name} " not in licences] == []


def test_lock_names_no_registry_and_runs_no_script_of_strangers() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())

    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text()
