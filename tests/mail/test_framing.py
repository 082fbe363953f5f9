"""The HTML of a message in a frame of ours."""

import pytest

from mail.framing import FRAME_POLICY, as_shown, framed


def page(html: str, **options: bool) -> str:
    return framed(html, lang="es", title="Su factura", **options)


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<iframe src="https://evil.example"></iframe>',
        '<p style="background:url(https://evil.example/x)">x</p>',
        '<link rel="stylesheet" href="https://evil.example/x.css">',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<form action="https://evil.example"><input></form>',
        '<base href="https://evil.example">',
    ],
)
def test_nothing_runs_and_nothing_is_loaded(evil: str) -> None:
    made = page(f"<p>Hola</p>{evil}")

    assert "Hola" in made
    for sign in (
        "<script",
        "onerror",
        "javascript:",
        "<iframe",
        "url(",
        "<link",
        "refresh",
        "<form",
        "<base",
    ):
        assert sign not in made


def test_a_picture_from_elsewhere_is_not_asked_for() -> None:
    """Whoever looks at a message before it leaves must not be counted as its reader."""
    made = page(
        '<img alt="Logo" src="https://tracker.example/p.png"><img src="data:image/png;base64,AAAA">'
    )

    assert "tracker.example" not in made
    assert 'alt="Logo"' in made
    assert "data:image/png" in made


def test_a_link_says_where_it_leads_and_leads_nowhere() -> None:
    made = page('<a href="https://portal.example/d/1?a=1&amp;b=2">Ver</a>')

    assert "href=" not in made
    assert 'title="https://portal.example/d/1?a=1&amp;b=2"' in made


def test_it_is_light_unless_dark_is_asked_for() -> None:
    assert "only light" in page("<p>x</p>")
    assert "only dark" in page("<p>x</p>", is_dark=True)


def test_the_subject_cannot_leave_the_title() -> None:
    assert "<b>" not in framed("", lang="es", title="</title><b>x")


def test_the_policy_lets_nothing_in() -> None:
    assert FRAME_POLICY.startswith("sandbox; default-src 'none'")
    assert "allow-" not in FRAME_POLICY


OURS = '<html lang="es">\n<head>\n</head>\n<body><a class="go" href="https://x.example/?a=1&amp;b">Ver</a></body></html>'


def test_a_link_of_our_own_letter_leads_nowhere() -> None:
    made = as_shown(OURS, is_dark=False)

    assert "href=" not in made
    assert '<a class="go" title="https://x.example/?a=1&amp;b">Ver</a>' in made


@pytest.mark.parametrize("made", [page("<p>Hola</p>"), as_shown(OURS, is_dark=True)])
def test_a_frame_has_one_stop_of_the_tab_key_that_is_seen(made: str) -> None:
    """L-26: it is scrolled by keyboard, and its ring says that it has the focus."""
    assert made.count('tabindex="0"') == 1
    assert '<html lang="es" tabindex="0">' in made or '<html tabindex="0" lang="es">' in made
    assert ":root:focus-visible { outline: 2px solid" in made
