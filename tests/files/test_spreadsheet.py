from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.errors import UnreadableFile
from tests.files.sheets import rows_of


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [
        (b"", "a.csv", "a.csv is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xlsx", "password"),
        (b"PK\x03\x04 broken", "a.xlsx", "damaged"),
        (b"%PDF-1.7", "a.pdf", "neither"),
        (b"a,b\n" * 300, "a.csv", "more than 0 MB"),
    ],
)
def test_what_is_no_sheet_is_said_in_one_sentence(content, filename, words):
    with pytest.raises(UnreadableFile, match=words) as caught:
        rows_of(content, filename, file_bytes=1000)

    assert caught.value.sentence % caught.value.values == caught.value.message


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UnreadableFile):
        rows_of(content)
