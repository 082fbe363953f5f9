"""Codes of addresses: what segno draws, which other tests read back."""

from random import Random
from uuid import UUID

import pytest

from files.qr_code import BLOCKS, HEAD_BYTES, _by_segno, qr_as_svg

LONGEST = sum(BLOCKS[9][1]) - HEAD_BYTES


@pytest.mark.parametrize("length", range(1, LONGEST + 3))
def test_a_code_of_any_length_is_segnos(length):
    address = ("https://facturas.example/d/~" * 8)[:length].replace("~", str(length))

    assert qr_as_svg(address) == _by_segno(address)


@pytest.mark.parametrize("seed", range(40))
def test_the_code_of_any_document_is_segnos(seed):
    key = UUID(int=Random(seed).getrandbits(128))
    address = f"https://example.com/d/{key}"

    assert qr_as_svg(address) == _by_segno(address)


@pytest.mark.parametrize(
    "address",
    [
        "HTTPS://EXAMPLE.COM/D/1",
        "1234567890",
        "https://peñalba.example/d/1",
        "https://日本.example/d/1",
        "https://example.com/" + "a" * 280,
    ],
)
def test_what_is_written_otherwise_in_a_code_is_left_to_segno(address):
    assert qr_as_svg(address) == _by_segno(address)
