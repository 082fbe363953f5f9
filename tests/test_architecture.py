"""The house: imports run downwards, libraries do not know the product, files hold one idea."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    {"errors", "settings", "extensions"},
    {"models", "mail", "files", "embedded"},
    {"services"},
    {"jobs", "seed"},
    {"admin_views", "portal", "commands"},
    {"app"},
]
FLOOR_OF = {name: number for number, floor in enumerate(FLOORS) for name in floor}
PRODUCT_FILES = sorted(
    file
    for name in FLOOR_OF
    for file in (
        [ROOT / f"{name}.py"] if (ROOT / f"{name}.py").exists() else (ROOT / name).rglob("*.py")
    )
)
NEVER_TOGETHER = [{"mail", "files"}, {"admin_views", "portal"}]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager"}


def imports_of(file: Path) -> set[str]:
    """The first word of everything a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def modules_of(file: Path) -> set[str]:
    """The full names of the product's modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in FLOOR_OF}


def home_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", PRODUCT_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_downwards(file: Path) -> None:
    here = home_of(file)
    below = {name for name in FLOOR_OF if FLOOR_OF[name] < FLOOR_OF[here]} | {here, "errors"}
    assert imports_of(file) & FLOOR_OF.keys() <= below


@pytest.mark.parametrize("file", PRODUCT_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_libraries_do_not_know_the_product(file: Path) -> None:
    here = home_of(file)
    strangers = (
        {"flask", "sqlalchemy", "settings", "extensions"}
        if here in {"mail", "files", "embedded"}
        else set()
    )
    others = {name for pair in NEVER_TOGETHER if here in pair for name in pair - {here}}
    assert not imports_of(file) & (strangers | others)


@pytest.mark.parametrize("file", PRODUCT_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_holds_one_idea(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 300
    assert file.stem not in FORBIDDEN_NAMES


def test_models_have_no_import_circle() -> None:
    arrows = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts): modules_of(file)
        for file in (ROOT / "models").rglob("*.py")
        if file.name != "__init__.py"
    }
    seen: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"circle: {' -> '.join((*path, module))}"
        if module not in seen:
            for target in arrows.get(module, ()):
                if target in arrows:
                    walk(target, (*path, module))
            seen.add(module)

    for module in arrows:
        walk(module, ())


SCREEN_FILES = sorted(
    file
    for file in (ROOT / "admin_views" / "crud").glob("*.py")
    if "@screen_for(" in file.read_text()
)


@pytest.mark.parametrize("file", SCREEN_FILES, ids=lambda file: file.name)
def test_every_declared_screen_is_imported(file: Path) -> None:
    """A screen registers itself when its file is imported: a file that nobody imports is a page that nobody sees."""
    tree = ast.parse((ROOT / "admin_views" / "__init__.py").read_text())
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }

    assert f"admin_views.crud.{file.stem}" in imported


def test_no_two_locks_have_one_number() -> None:
    """Advisory locks are numbers: what has another's number waits for it."""
    numbers: dict[str, list[str]] = {}
    for file in PRODUCT_FILES:
        for name, number in re.findall(r"^(\w+_LOCK) = ([\d_]+)", file.read_text(), re.MULTILINE):
            numbers.setdefault(number, []).append(f"{file.name}: {name}")
    assert {number: names for number, names in numbers.items() if len(names) > 1} == {}
    assert len(numbers) > 5
