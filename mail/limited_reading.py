"""The child that reads messages which may be too much for a process: `python -m mail.limited_reading`.

From standard input: 8 bytes of length, then the message, again and again; to standard output: a dot for each that was read.
"""

import resource
import struct
import sys
from contextlib import suppress

from mail.parsing import parse_message

MOST_MEMORY = 1024 * 1024 * 1024  # bytes of addresses, the interpreter's own included
MOST_SECONDS = 20  # of processor time, for each message
LENGTH = struct.Struct(">Q")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while head := sys.stdin.buffer.read(LENGTH.size):
        raw = sys.stdin.buffer.read(LENGTH.unpack(head)[0])
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + MOST_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        parse_message(raw)
        sys.stdout.buffer.write(b".")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        main()
