"""Text without markup becomes paragraphs, and paragraphs become text again."""

import pytest

from services.mailings.plain_text import as_html, as_typed


def test_an_empty_line_begins_a_paragraph() -> None:
    """S1-10."""
    text = "Dear {{ contact.name }}:\r\n\r\nHere it is,\nas agreed: 3 < 4 & more."

    assert as_html(text) == (
        "<p>Dear {{ contact.name }}:</p><p>Here it is,<br>as agreed: 3 &lt; 4 &amp; more.</p>"
    )


@pytest.mark.parametrize("rich", ["<p>One <b>word</b></p>", "<ul><li>x</li></ul>", "Hi <br> you"])
def test_what_has_tags_stays_as_it_is(rich: str) -> None:
    assert as_html(rich) == as_typed(rich) == rich


def test_a_link_around_the_name_of_a_field_goes() -> None:
    """S1-10: an editor took `contact.name` for an address; real links stay."""
    broken = '<p>Dear {{ <a href="http://contact.name">contact.name</a> }}, <a href="https://a.test">here</a></p>'

    assert as_html(broken) == ('<p>Dear {{ contact.name }}, <a href="https://a.test">here</a></p>')


@pytest.mark.parametrize(
    "text", ["One", "One\n\nTwo\nlines", "3 < 4 & {{ documents.total }}", "¿Qué tal, Íñigo?"]
)
def test_plain_text_comes_back(text: str) -> None:
    assert as_typed(as_html(text)) == text


def test_text_that_would_look_like_tags_stays_html() -> None:
    html = "<p>Write &lt;b&gt; for bold</p>"

    assert as_html(as_typed(html)) == html
