"""What the DNS says about a domain's mail: its servers (RFC 6186, 8314), its exchangers, its addresses, its texts."""

from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.resolver


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server that a domain names for a service."""

    host: str
    port: int


class NameLookup:
    """Asks the name servers of this machine, or those that it is given; no answer is an empty answer."""

    def __init__(
        self, *, nameservers: tuple[str, ...] = (), port: int = 53, seconds: float = 3
    ) -> None:
        self._resolver = dns.resolver.Resolver(configure=not nameservers)
        if nameservers:
            self._resolver.nameservers = list(nameservers)
            self._resolver.port = port
        self._resolver.lifetime = seconds
        self._resolver.timeout = seconds / 2

    def server(self, service: str, domain: str) -> NamedServer | None:
        """The server of `service` (such as `imaps`) with the best priority; "." means that there is none."""
        found = self._ask(f"_{service}._tcp.{domain}", "SRV")
        ranked = sorted(found, key=lambda each: (each.priority, -each.weight))
        for each in ranked:
            host = each.target.to_text(omit_final_dot=True)
            return NamedServer(host.lower(), each.port) if host not in ("", ".") else None
        return None

    def exchangers(self, domain: str) -> list[str]:
        """The MX names, the preferred one first."""
        found = sorted(self._ask(domain, "MX"), key=lambda each: each.preference)
        return [each.exchange.to_text(omit_final_dot=True).lower() for each in found]

    def addresses(self, host: str) -> list[str]:
        """The IP addresses of a host."""
        found = [each for kind in ("A", "AAAA") for each in self._ask(host, kind)]
        return [each.address for each in found]

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each put together from its parts."""
        found = self._ask(name, "TXT")
        return [b"".join(each.strings).decode("utf-8", "replace") for each in found]

    def alias(self, host: str) -> str | None:
        """What a host is another name for (CNAME)."""
        found = self._ask(host, "CNAME")
        return found[0].target.to_text(omit_final_dot=True).lower() if found else None

    def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (dns.exception.DNSException, UnicodeError):
            return []
