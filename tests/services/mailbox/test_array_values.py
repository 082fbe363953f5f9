"""Arrays that we write ourselves are read by PostgreSQL as they were meant."""

import pytest
from sqlalchemy import text

from models.base import db
from models.public_id import uuid7
from services.mailbox.array_values import plain_array, text_array

HARD = [
    "",
    " ",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "a,b",
    "{}",
    "{a}",
    "\n\t",
    "ñ€😀",
    "'",
    "%s :x",
    None,
]


@pytest.mark.parametrize("values", [[], HARD, HARD[::-1], [None, None]])
def test_texts_come_back_as_they_are(app: object, values: list[str | None]) -> None:
    came = db.session.scalar(text("SELECT CAST(:x AS text[])"), {"x": text_array(values)})

    assert came == values


def test_numbers_truths_and_uuids(app: object) -> None:
    keys = [uuid7() for _key in range(3)]
    asked = {
        "n": plain_array([0, -(2**63), 2**63 - 1]),
        "t": plain_array([True, False]),
        "k": plain_array(keys),
    }
    came = db.session.execute(
        text("SELECT CAST(:n AS bigint[]), CAST(:t AS boolean[]), CAST(:k AS uuid[])"), asked
    ).one()

    assert list(came) == [[0, -(2**63), 2**63 - 1], [True, False], keys]
