"""How fast this machine is at this moment: it tells one machine, and one hour, from another."""

import time

STEPS = 10_000_000


def seconds_of_a_loop() -> float:
    """What a loop of nothing but Python takes now."""
    begin, total = time.perf_counter(), 0
    for number in range(STEPS):
        total += number * number
    return round(time.perf_counter() - begin, 2)
