"""The child that reads messages which may be too much for a process: `python -m mail.limited_reading`.

It only says that it has come through: an empty answer for each.
"""

from mail.limited_child import serve
from mail.parsing import parse_message


def read(raw: bytes) -> bytes:
    parse_message(raw)
    return b""


if __name__ == "__main__":
    serve(read)
