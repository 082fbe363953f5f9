"""The child that reads what came back: `python -m mail.limited_bounces`; its answers are those of `Bounce.to_json`."""

from mail.bounces import read_bounce
from mail.limited_child import serve


def read(raw: bytes) -> bytes:
    return read_bounce(raw).to_json()


if __name__ == "__main__":
    serve(read)
