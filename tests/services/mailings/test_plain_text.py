"""Text without markup becomes paragraphs, and paragraphs become text again."""

import random
import re
import time

import pytest

from services.mailings.plain_text import _paragraphs_of, as_html, as_typed

# What a text of paragraphs is; looked for like this it takes time by the square of the length.
PARAGRAPH = re.compile(r"\s*<p>(.*?)</p>\s*", re.IGNORECASE | re.DOTALL)


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


@pytest.mark.parametrize("seed", range(20))
def test_any_text_has_the_same_paragraphs_as_by_their_definition(seed: int) -> None:
    """S1-10: in any order of tags, blanks and words."""
    chance = random.Random(seed)
    pieces = ["<p>", "<P>", "</p>", "</P>", "<p>a</p>", " ", "\n", "b", "<br>", "<p >"]
    texts = ["".join(chance.choices(pieces, k=chance.randrange(8))) for _n in range(500)]
    plain = [text for text in texts if not PARAGRAPH.sub("", text).strip()]

    assert [_paragraphs_of(text) for text in texts if text not in plain] == [[]] * (
        len(texts) - len(plain)
    )
    assert [_paragraphs_of(text) for text in plain] == [
        [found.strip() for found in PARAGRAPH.findall(text)] for text in plain
    ]


@pytest.mark.parametrize("hostile", ["<p>", "</p>", " ", "<p>a</p> x", "<br", "\n ", "<a "])
def test_the_longest_text_is_read_in_no_time(hostile: str) -> None:
    """S1-10: by the square of its length it would take minutes."""
    text = ("<p>" + hostile * 200_000)[:200_000]

    began = time.monotonic()
    as_typed(text)
    as_html(text)

    assert time.monotonic() - began < 5
