"""Packages with add-ons, put where Python finds them, as an installer leaves them; nothing is fetched."""

import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent / "addon_example"


def install_example(site: Path) -> None:
    """The example package, from what its `pyproject.toml` says."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    points = project["entry-points"]["ventanilla.addons"]
    shutil.copytree(EXAMPLE / "ventanilla_who_is_here", site / "ventanilla_who_is_here")
    describe(site, project["name"], project["version"], points)


def install_module(site: Path, name: str, source: str, *, package: str | None = None) -> None:
    """A package of one module, whose `addon` is the add-on of this name."""
    module = f"addon_module_{(package or name).replace('-', '_')}"
    (site / f"{module}.py").write_text(source)
    describe(site, package or f"package-{name}", "1.0.3", {name: f"{module}:addon"})


def describe(site: Path, package: str, version: str, points: dict[str, str]) -> None:
    """What an installer notes about a package (Core metadata, entry points)."""
    folder = site / f"{package.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    )
    lines = [f"{name} = {value}" for name, value in points.items()]
    (folder / "entry_points.txt").write_text("\n".join(["[ventanilla.addons]", *lines, ""]))


@contextmanager
def on_the_path(site: Path) -> Iterator[None]:
    """Python finds the packages of this folder, and forgets them afterwards."""
    before = set(sys.modules)
    sys.path.insert(0, str(site))
    try:
        yield
    finally:
        sys.path.remove(str(site))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and file.startswith(str(site)):
                del sys.modules[name]
