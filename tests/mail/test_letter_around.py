"""Header, signature and footer around a letter (S4-21 to S4-24)."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.errors import RenderError, TextTooLong
from mail.letter import SIGNATURE_HERE, WRITTEN_HERE, Frame, compose_letter, problems_around
from tests.mail.test_letter import Nesting

QUOTE = '<blockquote type="cite"><p>Lo de antes</p></blockquote>'
BITS = (
    *(
        "<!DOCTYPE html>",
        "<html>",
        "<head>",
        "</head>",
        "<body>",
        '<body bgcolor="red">',
        "</body>",
    ),
    *("</html>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<div>", "</div>", "<p>"),
    *("</p>", "<b>", "</b>", "<style>p{color:red}", "</style>", "<script>", "</script>", "<!--"),
    *("-->", "<a href='", "'>", '"', "</a>", "<select>", "<frameset>", "<svg>", "<title>", "<"),
    *(
        "<textarea>",
        "<plaintext>",
        "<template>",
        "<form>",
        "<br/>",
        "texto",
        "{{ user.name }}",
        "\n",
    ),
    *("</", "<![CDATA[", "<noscript>", "<blockquote>", "@media print{p{color:red}}", "<ul><li>"),
)
texts = st.lists(st.sampled_from(BITS), max_size=8).map("".join)


@given(texts, texts, texts)
@settings(max_examples=150, deadline=None)
def test_any_three_texts_make_one_document_with_its_body(
    header: str, signature: str, footer: str
) -> None:
    """S4-22: whatever the texts hold, the mail is well-formed and nobody's text disappears behind them."""
    letter = compose_letter("<p>Cuerpo del mensaje</p>", header, signature, footer)

    assert Nesting(letter.html).open == []
    for name in ("html", "head", "body"):
        assert len(re.findall(rf"<{name}[\s>]", letter.html)) == 1
        assert letter.html.count(f"</{name}>") == 1
    assert "Cuerpo del mensaje" in letter.text


def test_the_opening_tags_of_the_header_meet_the_closing_ones_of_the_footer() -> None:
    """S4-22: with doctype, html and body in the header."""
    letter = compose_letter(
        "<p>Hola</p>",
        "<!DOCTYPE html>\n<html><body style='background-color:#eee'><div>",
        "<p>Ana</p>",
        "<p>Pie</p></div></body></html>",
    )

    assert Nesting(letter.html).open == []
    assert letter.html.count("<html") == letter.html.count("<body") == 1
    assert '<div style="background-color:#eee">' in letter.html
    assert letter.text.split() == ["Hola", "Ana", "Pie"]


def test_styles_are_put_into_the_elements_and_kept_for_certain_screens() -> None:
    """S4-21: inlined for mail programs; rules for phones stay in a sheet, without what loads."""
    letter = compose_letter(
        '<p class="note">Hola</p>',
        "<style>.note{color:red} @import url(https://x.example/a.css);"
        "@media (max-width: 600px) { .note { color: blue; background: url(https://x.example/p) } }</style>",
    )

    assert '<p class="note" style="color:red">' in letter.html
    assert "@media (max-width: 600px){.note{color:blue !important}}" in letter.html
    assert "x.example" not in letter.html


def test_what_runs_never_leaves() -> None:
    """S4-21: scripts, event handlers and forms."""
    letter = compose_letter(
        "<p>Hola</p>",
        signature_html="<script>alert(1)</script><form><input></form>"
        "<b onclick='alert(2)'>Ana</b><a href='javascript:alert(3)'>x</a>",
    )

    assert "alert" not in letter.html
    assert "<form" not in letter.html
    assert "<b>Ana</b>" in letter.html


def test_the_signature_comes_after_the_text_and_before_what_is_quoted() -> None:
    """S4-23: once, in its place in a reply."""
    letter = compose_letter(f"<p>Gracias</p>{QUOTE}", "", "<p>Ana Peña</p>", "<p>Pie</p>")

    assert letter.text.split() == ["Gracias", "Ana", "Peña", "Lo", "de", "antes"]


@pytest.mark.parametrize(
    "quote",
    [
        QUOTE,
        '<div class="gmail_quote">El lunes escribió: <blockquote>Lo de antes</blockquote></div>',
        '<div class="moz-cite-prefix">El lunes:</div><blockquote type=cite>Lo de antes</blockquote>',
        '<div id="divRplyFwdMsg">De: Ana</div><div>Lo de antes</div>',
        '<div class="quoted">Lo de antes</div>',
    ],
)
def test_quotes_of_all_programs_are_known(quote: str) -> None:
    """S4-23: whoever has quoted."""
    text = compose_letter(f"<p>Gracias</p>{quote}", "", "<p>Firma</p>", "<p>Pie</p>").text

    assert text.index("Firma") < text.index("antes")
    assert "Pie" not in text


@pytest.mark.parametrize(
    "body", ["<p>Hola</p><p>Ana<br>Ventas</p>", "<div>Hola</div><div>Ana</div>Ventas"]
)
def test_the_signature_is_not_doubled(body: str) -> None:
    """S4-23: where the text ends in it already, filled in or not."""
    signature = "<p><b>{{ user.name }}</b><br>Ventas</p>"

    letter = compose_letter(body, "", signature, known={"user.name": "Ana"})

    assert letter.text.count("Ventas") == 1
    assert "user.name" not in letter.text


def test_a_word_of_the_signature_in_the_text_is_not_the_signature() -> None:
    """S4-23: only the end of the text counts."""
    letter = compose_letter("<p>Peñalba le escribe</p><p>Su factura</p>", "", "<p>Peñalba</p>")

    assert letter.text.count("Peñalba") == 2


def test_the_footer_stands_after_the_signature_of_new_mails() -> None:
    """S4-24."""
    assert compose_letter("<p>Hola</p>", "", "<p>Ana</p>", "<p>Pie</p>").text.split() == [
        *("Hola", "Ana", "Pie")
    ]


def test_replies_have_the_footer_only_where_that_is_wanted() -> None:
    """S4-24: configurable in replies."""
    body = f"<p>Gracias</p>{QUOTE}"

    without = compose_letter(body, "", "<p>Ana</p>", "<p>Pie</p>")
    with_it = compose_letter(body, "", "<p>Ana</p>", "<p>Pie</p>", footer_in_replies=True)

    assert "Pie" not in without.text
    assert with_it.text.split() == ["Gracias", "Ana", "Pie", "Lo", "de", "antes"]


def test_too_much_is_refused() -> None:
    with pytest.raises((TextTooLong, RenderError)):
        compose_letter("x", "x" * 100_000, "x" * 100_000, "x" * 100_000)


FRAME = Frame(
    html=f"<table><tr><td>{WRITTEN_HERE}<p>Factura</p>{SIGNATURE_HERE}</td></tr></table>",
    told="<p>Factura, en texto</p>",
    rules="@media (max-width:480px){td{padding:0}}",
)


@given(texts, texts, texts, texts)
@settings(max_examples=150, deadline=None)
def test_any_texts_in_a_frame_make_one_document_with_its_body(
    written: str, header: str, signature: str, footer: str
) -> None:
    """S4-22: the frame is whole around whatever stands in it and before it."""
    letter = compose_letter(written, header, signature, footer, frame=FRAME)

    assert Nesting(letter.html).open == []
    for name in ("html", "head", "body"):
        assert len(re.findall(rf"<{name}[\s>]", letter.html)) == 1
    assert ">Factura</p>" in letter.html
    assert "Factura, en texto" in letter.text


def test_no_text_closes_its_frame() -> None:
    """S4-22: a text with superfluous ends stays inside."""
    letter = compose_letter(
        "<p>Hola</p></td></tr></table></div>", "", "</td></table><p>Ana</p>", "", frame=FRAME
    )

    inside = letter.html.partition("<td>")[2].partition("</td>")[0]
    assert [inside.index(word) for word in ("Hola", "Factura", "Ana")] == sorted(
        inside.index(word) for word in ("Hola", "Factura", "Ana")
    )


def test_the_header_reaches_the_footer_around_a_frame() -> None:
    """S4-22: as without one."""
    letter = compose_letter(
        "<p>Hola</p>", "<html><body><div align='center'>", "", "<p>Pie</p></div>", frame=FRAME
    )

    around = letter.html.partition('<div align="center">')[2].partition("</div>")[0]
    assert "Hola" in around and "Pie" in around and "<table>" in around
    assert letter.text.split() == ["Hola", "Factura,", "en", "texto", "Pie"]


def test_a_place_that_somebody_writes_is_no_place() -> None:
    letter = compose_letter(
        f'<p title="{SIGNATURE_HERE}">Hola {SIGNATURE_HERE}</p>', "", "<p>Ana</p>", frame=FRAME
    )

    assert letter.html.count("<p>Ana</p>") == 1


@pytest.mark.parametrize(
    "header",
    [
        "<b>Acme",
        "<div><b>Acme</div>",
        "<p><span style='font-weight:bold'>Acme",
        "<a href='https://acme.com'>Acme",
        "<font size=7><i><u>Acme",
        "<b><div>Acme</div>",
    ],
)
def test_what_a_header_forgets_to_close_in_its_lines_ends_with_it(header: str) -> None:
    """S4-22: it is closed where the header ends, and named."""
    letter = compose_letter("<p>Hola</p>", header, "<p>Ana</p>", "<p>Pie</p>")

    rest = letter.html.partition("Acme")[2].partition("<p>Hola</p>")
    assert rest[1], letter.html
    assert not re.search(r"<(?:b|span|a|font|i|u)\b", rest[0] + rest[2])
    assert [problem.of for problem in problems_around(header, "", "")][:1] == ["header_html"]


def test_each_text_ends_its_own_lines() -> None:
    """S4-22: a signature and what somebody writes do so too."""
    letter = compose_letter("<p>Hola <b>Ana", "", "<i>Acme", "<p>Pie</p>")

    assert "<b>Ana</b>" in letter.html
    assert "<i>Acme</i>" in letter.html.replace("\n", "") and "<p>Pie</p>" in letter.html


def test_a_footer_may_close_what_the_header_begins_in_its_lines() -> None:
    """S4-22: the letters of the whole message, as it was written before there were styles."""
    letter = compose_letter("Hola", "<font face='Arial'>Acme ", "Ana", " Pie</font>")

    inside = letter.html.partition('<font face="Arial">')[2].partition("</font>")[0]
    assert all(word in inside for word in ("Acme", "Hola", "Ana", "Pie"))
    assert problems_around("<font>Acme", "", "Pie</font>") == []
