"""S1-02: the handbook inside the product is the one of `docs/`, in both languages."""

import re

import pytest

from errors import NotFound
from files import handbook
from files.handbook import DOCS, handbook_page, picture

FOR_CLERKS = ["send-a-mailing"]


def page(name: str = "send-a-mailing", lang: str = "es") -> handbook.HandbookPage:
    return handbook_page(name, lang, lambda picture: f"/help/pictures/{picture}")


def test_the_page_is_in_the_readers_language() -> None:
    """S1-02: a guide in the language of the screen."""
    assert page(lang="es").title == "Cómo enviar facturas por correo"
    assert page(lang="en").title == "How to send invoices by e-mail"


@pytest.mark.parametrize("name", FOR_CLERKS)
def test_both_languages_say_the_same(name: str) -> None:
    """The same chapters, lists, pictures and rows: neither is forgotten when the other changes."""
    shapes = [re.findall(r"<(h2|li|img|tr|p)\b", page(name, lang).html) for lang in ("es", "en")]

    assert shapes[0] == shapes[1]
    assert shapes[0].count("h2") >= 5


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_picture_is_there(lang: str) -> None:
    names = re.findall(r'src="/help/pictures/([^"]+)"', page(lang=lang).html)

    assert names
    for name in names:
        assert picture(name).stat().st_size < 200_000
    assert len(re.findall(r'width="\d+" height="\d+"', page(lang=lang).html)) == len(names)


def test_what_is_no_text_is_cleaned_away(tmp_path, monkeypatch) -> None:
    (tmp_path / "how-to").mkdir()
    evil = '# T\n\n<script>x()</script> <img src="https://x.example/p.png" onerror="x()"> [a](javascript:x)\n'
    (tmp_path / "how-to" / "evil.md").write_text(evil)
    monkeypatch.setattr(handbook, "DOCS", tmp_path)

    html = page("evil").html

    for sign in ("<script", "onerror", "x.example", "href="):
        assert sign not in html


@pytest.mark.parametrize(
    "name", ["", "../security", "..", "nobody", "send-a-mailing.es", "/etc/passwd"]
)
def test_only_pages_are_found(name: str) -> None:
    with pytest.raises(NotFound):
        page(name)


@pytest.mark.parametrize("name", ["../../README.md", "nobody.png", "console.svg", ".png"])
def test_only_pictures_are_found(name: str) -> None:
    with pytest.raises(NotFound):
        picture(name)


def test_the_documents_are_where_they_are_looked_for() -> None:
    assert (DOCS / "how-to" / "send-a-mailing.md").is_file()
