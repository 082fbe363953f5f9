"""The inside of a child that reads strangers' bytes with little memory and time.

From standard input: 8 bytes of length, then a message, again and again; to standard output, for each, the answer in the same form.
"""

import resource
import struct
import sys
from collections.abc import Callable
from contextlib import suppress

MOST_MEMORY = 1024 * 1024 * 1024  # bytes of addresses, the interpreter's own included
MOST_SECONDS = 20  # of processor time, for each message
LENGTH = struct.Struct(">Q")


def serve(answer: Callable[[bytes], bytes]) -> None:
    """Answer until nobody asks any more; what exceeds the limits, or raises, ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        while head := sys.stdin.buffer.read(LENGTH.size):
            raw = sys.stdin.buffer.read(LENGTH.unpack(head)[0])
            used = resource.getrusage(resource.RUSAGE_SELF)
            seconds = int(used.ru_utime + used.ru_stime) + MOST_SECONDS
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
            said = answer(raw)
            sys.stdout.buffer.write(LENGTH.pack(len(said)) + said)
            sys.stdout.buffer.flush()
