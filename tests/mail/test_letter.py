from html.parser import HTMLParser

import pytest

from mail.errors import RenderError, TextTooLong
from mail.letter import compose_letter
from mail.merge import check, render

VOID = {"meta", "br", "hr", "img", "col"}


class Nesting(HTMLParser):
    """Fails where a closing tag does not fit the element that is open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_letter_is_one_whole_document():
    letter = compose_letter("<p>Hola</p>", lang="es")

    assert letter.html.startswith('<!DOCTYPE html>\n<html lang="es">\n')
    assert '<meta charset="utf-8">' in letter.html
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in letter.html
    assert '<meta name="color-scheme" content="light dark">' in letter.html
    assert Nesting(letter.html).open == []
    assert letter.text == "Hola\n"


def test_what_the_header_opens_and_the_footer_closes_comes_out_well_formed():
    """S1-10: body, header, signature and footer are one letter."""
    letter = compose_letter(
        "<p>Hola {{ contact.name }}</p>",
        header_html="<table width=600><tr><td>",
        signature_html="<p>Ana",
        footer_html="</td></tr></table><p>Pie</p>",
    )

    assert Nesting(letter.html).open == []
    inside = letter.html.partition('<table width="600">')[2].partition("</table>")[0]
    assert "<p>Hola {{ contact.name }}</p>" in inside
    assert "<p>Ana" in inside
    assert "<p>Pie</p>" in letter.html.partition("</table>")[2]
    assert letter.text.split() == ["Hola", "{{", "contact.name", "}}", "Ana", "Pie"]


def test_unclosed_elements_anywhere_are_closed():
    letter = compose_letter("<div><b>Hola", "<table><tr><td>", "</i><p>Ana", "<ul><li>Pie")

    assert Nesting(letter.html).open == []


def test_styles_of_the_header_reach_the_body():
    letter = compose_letter('<p class="x">Hola</p>', header_html="<style>.x{color:red}</style>")

    assert '<p style="color:red">Hola</p>' in letter.html
    assert "color" not in letter.text


def test_both_versions_take_the_same_fields():
    letter = compose_letter('<p>Hola {{ contact.name }}, <a href="{{ access_url }}">entre</a></p>')
    values = {"contact.name": "Peña & Hijos <SL>", "access_url": "https://example.com/?a=1&b=2"}

    assert check(letter.html, values) == check(letter.text, values) == []
    assert render(letter.text, values, html=False) == (
        "Hola Peña & Hijos <SL>, entre <https://example.com/?a=1&b=2>\n"
    )
    html = render(letter.html, values, html=True)
    assert "Peña &amp; Hijos &lt;SL&gt;" in html
    assert 'href="https://example.com/?a=1&amp;b=2"' in html


def test_a_whole_page_as_body_loses_its_frame():
    letter = compose_letter("<html><head><title>x</title></head><body><p>Hola</p></body></html>")

    assert letter.html.count("<html") == letter.html.count("<body") == 1
    assert letter.text == "Hola\n"


def test_braces_of_the_document_itself_do_not_meet_those_of_the_texts():
    letter = compose_letter("<p>{lang} {content} {{ lang }}</p>", lang="en")

    assert "<p>{lang} {content} {{ lang }}</p>" in letter.html


@pytest.mark.parametrize("lang", ["", '"><script>', "spanish", "ES"])
def test_language_is_a_code(lang):
    with pytest.raises(RenderError):
        compose_letter("x", lang=lang)


def test_letters_have_a_limit():
    with pytest.raises(TextTooLong):
        compose_letter("x" * 150_000, header_html="x" * 60_000)
