"""Which servers may be called: the name is looked up once, and the very address that was looked at is called (T19)."""

import ipaddress
import queue
import socket
import threading
import time
from dataclasses import dataclass

from mail.errors import LineLost, NotAllowed, ServerUnreachable, TooSlow

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_ADDRESSES = 4
# Machines that tell secrets to whoever asks from inside (metadata of clouds), and addresses that are no machine's.
NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
        *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
        *("::/128", "fe80::/10", "ff00::/8", "fd00:ec2::/32", "fd20:ce::/32"),
    )
)
# IPv6 addresses that carry an IPv4 one in their last 32 bits.
CARRIERS = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")))


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be called. `ports` None: any; `has_private`: this machine and private networks too."""

    ports: frozenset[int] | None = None
    has_private: bool = True
    only_loopback: bool = False

    def allows(self, address: str) -> bool:
        """Whether a server at this IP address may be called."""
        return all(map(self._allows, meant_by(address)))

    def _allows(self, address: IpAddress) -> bool:
        if self.only_loopback:
            return address.is_loopback
        if any(address in network for network in NEVER if network.version == address.version):
            return False
        return self.has_private or address.is_global


@dataclass(frozen=True, slots=True)
class Place:
    """A server's addresses, looked up and allowed."""

    host: str
    port: int
    addresses: tuple[str, ...]


def meant_by(address: str) -> list[IpAddress]:
    """The address, or the IPv4 address inside it besides: mapped, translated or tunnelled."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return [parsed]
    if parsed.ipv4_mapped is not None:
        return [parsed.ipv4_mapped]
    inside = [each for each in (parsed.sixtofour, *(parsed.teredo or ())) if each is not None]
    if parsed not in (ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1")):
        last = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        inside += [last for network in CARRIERS if parsed in network]
    return [parsed, *inside]


def look_up(host: str, port: int, reach: Reach, *, seconds: float) -> Place:
    """Where `host` is.

    Raises NotAllowed, always with the same words, ServerUnreachable for a name that does not exist, and TooSlow.
    """
    if reach.ports is not None and port not in reach.ports:
        raise NotAllowed
    addresses = _addresses_of(host, port, seconds)
    if not all(map(reach.allows, addresses)):
        raise NotAllowed
    return Place(host, port, addresses[:MOST_ADDRESSES])


def connect(place: Place, *, seconds: float) -> tuple[socket.socket, str]:
    """A connection to the first of the addresses that answers, and which one that is.

    Raises ServerUnreachable, LineLost or TooSlow.
    """
    ends = time.monotonic() + seconds
    problem: OSError | None = None
    for number, address in enumerate(place.addresses):
        share = (ends - time.monotonic()) / (len(place.addresses) - number)
        try:
            return socket.create_connection((address, place.port), max(share, 0.001)), address
        except OSError as error:
            problem = error
    if isinstance(problem, TimeoutError):
        raise TooSlow(f"{place.host} does not answer on port {place.port}.") from problem
    if isinstance(problem, ConnectionResetError):
        raise LineLost(f"{place.host} hangs up at once on port {place.port}.") from problem
    raise ServerUnreachable(f"{place.host} cannot be reached on port {place.port}.") from problem


def _addresses_of(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """Asked in a thread: the system's own question has no time limit that we could set."""
    answer: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put([str(entry[4][0]) for entry in found])
        except (OSError, UnicodeError) as problem:
            answer.put(problem)

    threading.Thread(target=ask, name="name", daemon=True).start()
    try:
        addresses = answer.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise TooSlow(f"Nobody says in time where {host} is.") from None
    if isinstance(addresses, Exception):
        raise ServerUnreachable(f"There is no server with the name {host}.") from addresses
    return tuple(dict.fromkeys(addresses))
