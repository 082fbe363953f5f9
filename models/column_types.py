"""Column types of our own: e-mail addresses, secrets, lists of codes."""

from typing import Any

from sqlalchemy import Numeric, Text
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


class Secret(TypeDecorator[str]):
    """A sealed value (see `models/sealing.py`). Generated lists, exports, forms and audits never show it."""

    impl = Text
    cache_ok = True
