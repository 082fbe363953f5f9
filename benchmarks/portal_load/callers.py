"""Customers who ask a web server for pages, each over a connection that is kept: one process, little of its own work."""

import json
import socket
import sys
import threading
import time


def call(port: int, requests: list[bytes], until: float, taken: list[float], at: int) -> None:
    """One after the other, beginning somewhere in the list."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        while time.perf_counter() < until:
            begin = time.perf_counter()
            line.sendall(requests[at % len(requests)])
            if not _answered(line):
                raise RuntimeError(f"no page at {requests[at % len(requests)][:80]!r}")
            taken.append((time.perf_counter() - begin) * 1000)
            at += 1


def _answered(line: socket.socket) -> bool:
    """Read one whole answer; whether it is a page."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65536)
    head, _end, body = got.partition(b"\r\n\r\n")
    length = next(
        int(each.split(b":")[1])
        for each in head.split(b"\r\n")
        if each.lower().startswith(b"content-length:")
    )
    left = length - len(body)
    while left > 0:
        left -= len(line.recv(65536))
    return head.startswith(b"HTTP/1.1 200")


def main() -> None:
    """`port`, `requests`, `seconds` and `callers` on standard input; what was taken on standard output."""
    given = json.load(sys.stdin)
    requests = [each.encode() for each in given["requests"]]
    taken: list[float] = []
    until = time.perf_counter() + given["seconds"]
    threads = [
        threading.Thread(
            target=call, args=(given["port"], requests, until, taken, number * 7), daemon=True
        )
        for number in range(given["callers"])
    ]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"taken": taken, "seconds": time.perf_counter() - begin}, sys.stdout)


if __name__ == "__main__":
    main()
