"""What each of several texts keeps for itself."""

import pytest

from mail.letter import problems_around
from mail.markup import Flaw, contain, without_active


def flaws(
    header: str = "", signature: str = "", footer: str = ""
) -> list[tuple[str, Flaw, int, str]]:
    return [
        (problem.of, problem.found.flaw, problem.found.line, problem.found.name)
        for problem in problems_around(header, signature, footer)
    ]


def test_opening_tags_in_the_header_and_closing_ones_in_the_footer_are_right() -> None:
    """S4-22: nothing to say."""
    assert (
        flaws("<!DOCTYPE html>\n<html><body>", "<p>Ana<br>Ventas", "<p>Pie</p></body></html>") == []
    )


def test_missing_ones_are_no_problem() -> None:
    """S4-22: we add them."""
    assert flaws("<p>Logo</p>", "<ul><li>Ana</ul>", "<p>Pie</p>") == []


def test_unbalanced_ones_are_named_with_their_line() -> None:
    """S4-22: which text, which line, which element."""
    assert flaws("<html>\n<body>\n<div>", "<p>Ana\n</b></p>", "</body></html>") == [
        ("header_html", Flaw.NOT_CLOSED, 3, "<div>"),
        ("signature_html", Flaw.NOT_OPENED, 2, "</b>"),
    ]
    assert flaws("<html><body>", "", "<p>Pie</p>") == [
        ("header_html", Flaw.NOT_CLOSED, 1, "<html>"),
        ("header_html", Flaw.NOT_CLOSED, 1, "<body>"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<p>a</p>\n<!-- b", "<!--"),
        ("<p>a</p>\n<style>p { color: red }", "<style>"),
        ('<p>a</p>\n<a href="https://example.com/', "<a"),
    ],
)
def test_what_begins_and_does_not_end_is_named(text: str, name: str) -> None:
    assert flaws(signature=text) == [("signature_html", Flaw.UNFINISHED, 2, name)]


@pytest.mark.parametrize(
    ("text", "kept", "name"),
    [
        ("<p>a</p>\n<script>alert(1)</script>", "<p>a</p>\n", "<script>"),
        ('\n<p onclick="x()">a</p>', "\n<p>a</p>", "onclick"),
        ("\n<form action=/x><b>a</b></form>", "\n<b>a</b>", "<form>"),
        ("\n<a href='javascript:x()'>a</a>", "\n<a >a</a>", "javascript:"),
        ("\n<iframe src=x>b</iframe>a", "\na", "<iframe>"),
    ],
)
def test_what_runs_is_named_and_taken_out(text: str, kept: str, name: str) -> None:
    """S4-21: HTML with a script is cleaned, and that is said."""
    assert flaws(signature=text) == [("signature_html", Flaw.REMOVED, 2, name)]
    assert without_active(text) == kept


def test_a_source_without_anything_that_runs_stays_as_it_was_written() -> None:
    source = (
        "<!DOCTYPE html>\n<html><!-- logo -->\n<style>p>b{color:red}</style><p title='a>b'>1 < 2"
    )

    assert without_active(source) == source
    assert contain(source).styles == ("p>b{color:red}",)
