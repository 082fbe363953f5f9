"""What is told of a message on a phone."""

import pytest

from mail.phone import PhoneFacts, phone_facts


@pytest.mark.parametrize(
    ("html", "too_wide"),
    [
        ("<p>Hola</p>", 0),
        ('<table width="600"><tr><td>x</td></tr></table>', 600),
        ('<table width="600" style="max-width:100%"><tr><td>x</td></tr></table>', 0),
        ('<table width="100%" style="max-width:600px"><tr><td>x</td></tr></table>', 0),
        ('<div style="color:red; width: 500px">x</div><p style="min-width:820.5px">x</p>', 820),
        ('<img width="120" alt="Logo">', 0),
    ],
)
def test_what_does_not_shrink_is_told(html: str, too_wide: int) -> None:
    """S1-14: a message that is wider than the phone has to be pushed sideways."""
    assert phone_facts(html).too_wide == too_wide


def test_pictures_without_words_are_counted() -> None:
    """S1-14: whoever does not load them cannot know what they show."""
    html = '<img src="a" alt="Logo"><img src="b"><img src="c" alt=" ">'

    assert phone_facts(html) == PhoneFacts(too_wide=0, pictures=3, pictures_without_words=2)
