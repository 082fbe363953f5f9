"""What is only repeated from the message before is folded away."""

import pytest

from mail.quoted_text import fold_html, fold_text

WRITTEN = "Buenos días:\n\nNo coincide."


@pytest.mark.parametrize(
    "quoted",
    [
        "El 3 de julio de 2026, Lucía <lucia@penalba.test> escribió:\n> Le enviamos la factura.",
        "On Mon, 3 Jul 2026 at 10:00, Lucía wrote:\n> We send you the invoice.",
        "-----Mensaje original-----\nDe: Lucía\nLe enviamos la factura.",
        "________________________________\nDe: Lucía\nLe enviamos la factura.",
        "> Le enviamos la factura.\n>\n> Lucía",
    ],
)
def test_the_message_before_is_folded(quoted: str) -> None:
    found = fold_text(f"{WRITTEN}\n\n{quoted}\n")

    assert found.written == WRITTEN
    assert found.quoted == quoted


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        "> nothing but a quote\n> of two lines",
        "Un momento.\n> ¿Cuánto?\nDoscientos.\n> ¿Cuándo?\nEl viernes.",
    ],
)
def test_what_is_answered_line_by_line_stays_open(text: str) -> None:
    assert fold_text(text).quoted == ""


def test_html_is_folded_around_the_quoted_element() -> None:
    html = '<p>Hola</p><div class="gmail_quote"><p>a</p><br><div>b</div></div><p>fin</p>'

    assert fold_html(html, "más") == (
        "<p>Hola</p><details><summary>más</summary>"
        '<div class="gmail_quote"><p>a</p><br><div>b</div></div></details><p>fin</p>'
    )


def test_html_of_nothing_but_a_quote_stays_open() -> None:
    html = '<div class="gmail_quote"><p>a</p></div>'

    assert fold_html(html, "más") == html
    assert fold_html("<p>a</p>", "más") == "<p>a</p>"
