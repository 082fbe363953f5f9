"""Labels inside of sentences."""

import pytest

from admin_views.within_sentence import within


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Mail account", "mail account"),
        ("OAuth application", "OAuth application"),
        ("Aplicación OAuth", "aplicación OAuth"),
        ("Índice de IVA", "índice de IVA"),
        ("", ""),
    ],
)
def test_names_keep_their_capitals(label: str, said: str) -> None:
    assert within(label) == said
