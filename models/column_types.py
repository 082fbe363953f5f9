"""Column types of our own: e-mail addresses, secrets, files."""

from typing import Any

from sqlalchemy import LargeBinary, Numeric, Text
from sqlalchemy.types import TypeDecorator

Money = Numeric(18, 4)
Quantity = Numeric(18, 4)
Percent = Numeric(7, 4)


class LowerCaseEmail(TypeDecorator[str]):
    """An address as lookups need it: without spaces around it, in lower case."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return value.strip().lower() if value else value


class FileHash(TypeDecorator[str]):
    """A file, by the hash of its content; `models/system/file.py` knows its name, size and type.

    `info` may say which `kinds` are taken (names of `files/upload_kinds.py`) and how large one may be (`most_bytes`).
    """

    impl = Text
    cache_ok = True


class Secret(TypeDecorator[str]):
    """A hash or a sealed value. Generated lists, exports, forms and audits never show it."""

    impl = Text
    cache_ok = True


class Sealed(Secret):
    """A secret that can be opened again (`models/sealing.py`): `password_sealed` by the property `password`.

    Whoever changes the keys finds these columns by their type (`services/system/keys.py`).
    """

    cache_ok = True


class SealedIfMarked(TypeDecorator[bytes]):
    """Bytes of which some are sealed: those that begin with `MARK`."""

    impl = LargeBinary
    cache_ok = True
    MARK = b"sealed:"
