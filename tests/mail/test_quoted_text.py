"""What is only repeated from the message before is folded away."""

import pytest

from mail.letter import compose_letter
from mail.quoted_text import begin_of_quote, fold_html, fold_text
from mail.quoting import FORWARDED, QUOTED
from mail.received_html import clean_received

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


def test_what_we_have_sent_ourselves_is_folded_and_a_forward_is_not() -> None:
    """As it comes back from the server: through the letter, and through the cleaner of what is received."""
    before = "<p>On 3 July, Ana wrote:</p><blockquote><p>Le enviamos la factura.</p></blockquote>"
    sent = [
        compose_letter(f'<p>Hola</p><div class="{kind}">{before}</div>', "", "<p>Lucía</p>").html
        for kind in (QUOTED, FORWARDED)
    ]

    cleaned = [clean_received(each, inline={}, shows_remote=False) for each in sent]
    answer, forward = (fold_html(each.html, "más") for each in cleaned if each)

    assert answer.index("Lucía") < answer.index("<details>") < answer.index("On 3 July")
    assert "On 3 July" not in begin_of_quote(sent[0])
    assert "<details>" not in forward
    assert "On 3 July" in forward


def test_html_of_nothing_but_a_quote_stays_open() -> None:
    html = '<div class="gmail_quote"><p>a</p></div>'

    assert fold_html(html, "más") == html
    assert fold_html("<p>a</p>", "más") == "<p>a</p>"
