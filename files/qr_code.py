"""The address of a document as a QR code (ISO/IEC 18004): what `segno` draws, in a tenth of the time.

What all codes of one size have in common is asked of segno once. The address itself is put in here: its bytes,
those that correct them (Reed-Solomon), and the place of each bit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import chain, zip_longest
from operator import itemgetter

import segno
from segno import consts

COLOUR = "#15202b"
# Looking for the best of the eight masks takes as long as a third of the page; each is legal.
MASK = 3  # inverts where row + column can be divided by 3
# Of the error correction level M by version: correcting bytes of each block, and the data bytes of the blocks (table 9).
BLOCKS = {
    1: (10, (16,)),
    2: (16, (28,)),
    3: (26, (44,)),
    4: (18, (32, 32)),
    5: (24, (43, 43)),
    6: (16, (27, 27, 27, 27)),
    7: (18, (31, 31, 31, 31)),
    8: (22, (38, 38, 39, 39)),
    9: (22, (36, 36, 36, 37, 37)),
}
HEAD_BYTES = 2  # the mode and the length, and the end: half a byte, one, half a byte
FILLING = b"\x00" + b"\xec\x11" * 100  # segno puts an empty byte before what the standard asks for
POLYNOMIAL = 0x11D
TIMING_COLUMN = 6  # no data stands there
DATA = {consts.TYPE_DATA_LIGHT, consts.TYPE_DATA_DARK}
INVERTED = str.maketrans("01", "10")


def qr_as_svg(address: str) -> str:
    """The code without a margin, at error correction level M."""
    version = _version_for(len(address))
    if version is None or not address.isascii() or address == address.upper():
        return _by_segno(address)  # too long, or in another encoding
    content = address.encode()
    bits = f"{_codewords(content, version):b}".zfill(8 * _size_of(version))
    width = 4 * version + 17
    modules = "".join(_places(version)(bits + bits.translate(INVERTED) + "01"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{width}" class="segno">'
        f'<path class="qrline" stroke="{COLOUR}" d="{"".join(_strokes(modules, width))}"/></svg>\n'
    )


def _by_segno(address: str) -> str:
    svg = BytesIO()
    _drawn(address).save(svg, kind="svg", border=0, dark=COLOUR, xmldecl=False)
    return svg.getvalue().decode()


def _drawn(text: str, version: int | None = None) -> segno.QRCode:
    return segno.make_qr(text, error="m", version=version, boost_error=False, mask=MASK)


def _version_for(length: int) -> int | None:
    return next((each for each in BLOCKS if length + HEAD_BYTES <= sum(BLOCKS[each][1])), None)


def _size_of(version: int) -> int:
    correcting, blocks = BLOCKS[version]
    return sum(blocks) + correcting * len(blocks)


def _codewords(content: bytes, version: int) -> int:
    """The bytes of all blocks, those of the same place in each one after the other, as one number."""
    correcting, sizes = BLOCKS[version]
    head = 0b0100 << 8 | len(content)  # bytes follow, so many
    number = (head << 8 * len(content) | int.from_bytes(content)) << 4
    data = (number.to_bytes(len(content) + HEAD_BYTES) + FILLING)[: sum(sizes)]
    blocks, at = [], 0
    for size in sizes:
        blocks.append(data[at : at + size])
        at += size
    corrections = [_correction(block, correcting) for block in blocks]
    woven = chain(*zip_longest(*blocks), *zip(*corrections, strict=True))
    return int.from_bytes(bytes(each for each in woven if each is not None))


def _correction(block: bytes, length: int) -> bytes:
    """What is left when the block, as a polynomial, is divided by the generator of this length."""
    left, table = 0, _multiples(length)
    top, all_bits = 8 * (length - 1), (1 << 8 * length) - 1
    for byte in block:
        left = (left << 8) & all_bits ^ table[byte ^ left >> top]
    return left.to_bytes(length)


@cache
def _multiples(length: int) -> Sequence[int]:
    """The generator of this length times each of the 256 factors, without its first place, as numbers."""
    generator, root = [1], 1
    for _each in range(length):
        shifted = [_product(factor, root) for factor in generator]
        generator = [a ^ b for a, b in zip([*generator, 0], [0, *shifted], strict=True)]
        root = _product(root, 2)
    return [
        int.from_bytes(bytes(_product(factor, byte) for factor in generator[1:]))
        for byte in range(256)
    ]


def _product(a: int, b: int) -> int:
    """Of two bytes in the field that the codes are made in."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a = a << 1 ^ (POLYNOMIAL if a & 0x80 else 0)
        b >>= 1
    return product


@cache
def _places(version: int) -> Callable[[str], tuple[str, ...]]:
    """Takes the modules, row by row, from the bits, the inverted bits, a light and a dark one."""
    rows = [list(row) for row in _drawn("a", version).matrix_iter(border=0, verbose=True)]
    bits = 8 * _size_of(version)
    taken = [[2 * bits + (kind >> 8 > 0) for kind in row] for row in rows]
    width = len(rows)
    rows[8][width - 9] = consts.TYPE_DATA_LIGHT  # of data, though segno counts it among the format
    free = ((row, column) for row, column in _zigzag(width) if rows[row][column] in DATA)
    for number, (row, column) in enumerate(free):
        is_inverted = (row + column) % 3 == 0
        # Behind the last byte some modules may be left: as if their bit were 0.
        taken[row][column] = (
            number + is_inverted * bits if number < bits else 2 * bits + is_inverted
        )
    return itemgetter(*chain.from_iterable(taken))


def _zigzag(width: int) -> Iterator[tuple[int, int]]:
    """Row and column in the order of the bits: pairs of columns from the right, up and down in turn."""
    columns = [column for column in range(width - 1, -1, -1) if column != TIMING_COLUMN]
    for turn, right in enumerate(columns[::2]):
        rows = range(width) if turn % 2 else range(width - 1, -1, -1)
        for row in rows:
            yield row, right
            yield row, columns[2 * turn + 1]


def _strokes(modules: str, width: int) -> Iterator[str]:
    """The dark modules as strokes, each from where the one before has ended."""
    x, y = 0, 0
    move, half = "M", ".5"  # only the first place is told as such, in the middle of its row
    for row in range(width):
        for dark in re.finditer("1+", modules[row * width : (row + 1) * width]):
            begin, end = dark.span()
            yield f"{move}{begin - x} {row - y}{half}h{end - begin}"
            x, y, move, half = end, row, "m", ""
