"""What holds for every template: the content security policy, tokens, captions, language."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    file
    for file in sorted((ROOT / "templates").rglob("*.html"))
    if "emails" not in file.parts and "pdf" not in file.parts
]
ICONS = set((ROOT / "assets" / "icons.txt").read_text().split())

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "templates"))
)


def markup_of(page: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}", "", page.read_text(), flags=re.DOTALL)


@each_page
def test_template_can_be_read(page: Path) -> None:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"), extensions=["jinja2.ext.i18n"], autoescape=True
    )
    environment.filters["numberformat"] = str  # Flask-Babel's, when the product is assembled

    environment.get_template(str(page.relative_to(ROOT / "templates")))


@each_page
def test_template_has_no_inline_style_or_handler(page: Path) -> None:
    assert not re.findall(r"<[^>]*\s(?:style|on[a-z]+)\s*=", markup_of(page))
    assert "javascript:" not in markup_of(page)


@each_page
def test_every_script_carries_the_nonce(page: Path) -> None:
    scripts = re.findall(r"<script[^>]*>", markup_of(page))

    assert [tag for tag in scripts if 'nonce="{{ csp_nonce() }}"' not in tag] == []


@each_page
def test_every_form_that_changes_something_carries_the_token(page: Path) -> None:
    forms = re.findall(r'<form[^>]*method="post".*?</form>', markup_of(page), flags=re.DOTALL)

    assert [form[:120] for form in forms if not re.search(r"csrf|hidden_tag\(\)", form)] == []


@each_page
def test_every_table_has_a_caption(page: Path) -> None:
    tables = re.findall(r"<table[^>]*>\s*(.{0,9})", markup_of(page), flags=re.DOTALL)

    assert [start for start in tables if not start.startswith("<caption")] == []


@each_page
def test_every_icon_that_is_named_is_built(page: Path) -> None:
    assert set(re.findall(r"""\bicon\(["']([a-z0-9-]+)["']""", markup_of(page))) <= ICONS


@each_page
def test_nothing_is_marked_safe(page: Path) -> None:
    assert not re.search(r"\|\s*safe\b", markup_of(page))
