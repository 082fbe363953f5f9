"""The memory of a process in large pages, so that the processor finds what is in it in fewer steps.

Python asks for its memory in pieces that the system gives in pages of 4 KB. A web process goes through tens of megabytes
of code and tables for each page that it shows, which is more than the processor remembers where to find, above all in a
virtual machine. Only Linux is asked; where it will not, everything stays as it was (`docs/decisions/0059-rows-of-columns-and-large-pages.md`).
"""

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

MAPS = Path("/proc/self/maps")
LARGE = 2 << 20
# Of <linux/mman.h>: give large pages from now on; make some at once of what is there (since Linux 6.1).
ADVISE_LARGE, COLLAPSE = 14, 25


def take_large_pages() -> int:
    """Put what this process has in its memory into large pages; says how many there are now that were asked for."""
    if sys.platform != "linux" or not MAPS.exists():
        return 0
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    taken = 0
    for begin, end in list(_own_memory()):
        if advise(begin, end - begin, ADVISE_LARGE):
            continue
        taken += sum(not advise(at, LARGE, COLLAPSE) for at in range(begin, end, LARGE))
    return taken


def _own_memory() -> Iterator[tuple[int, int]]:
    """Begin and end of what it has asked for itself and may write to, in whole large pages."""
    with MAPS.open("rb") as maps:
        for line in maps:
            place, rights, _offset, _device, _inode, *name = line.split()
            if rights != b"rw-p" or (name and name != [b"[heap]"]):
                continue
            first, last = (int(each, 16) for each in place.split(b"-"))
            begin, end = -(-first // LARGE) * LARGE, last // LARGE * LARGE
            if begin < end:
                yield begin, end
