"""Mozilla's autoconfig: a file in which a domain says where its mail servers are.

https://www.ietf.org/archive/id/draft-bucksch-autoconfig-02.html
"""

from dataclasses import dataclass
from xml.parsers import expat  # nosec B407  # no document type gets past _parser()

from mail.envelope import EmailAddress
from mail.errors import RenderError
from mail.smtp import Security

SECURITY = {"SSL": Security.TLS, "STARTTLS": Security.STARTTLS}  # "plain" is not taken
DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedServer:
    """One server of the file; `wants_oauth`: it takes no password."""

    host: str
    port: int
    security: Security
    login: str
    wants_oauth: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedServers:
    """The first usable server for each direction; `imap` is None where there is POP3 only."""

    name: str
    smtp: OfferedServer
    imap: OfferedServer | None


def read_autoconfig(content: bytes, address: EmailAddress) -> OfferedServers:
    """What the file offers to `address`; raises RenderError for what is no such file or offers nothing safe."""
    reading = _Reading()
    try:
        _parser(reading).Parse(content, True)
    except expat.ExpatError as problem:
        raise RenderError("This is no file about mail servers.") from problem
    smtp = reading.first("smtp", address)
    if smtp is None:
        raise RenderError("The file names no encrypted server for outgoing mail.")
    return OfferedServers(name=reading.name, smtp=smtp, imap=reading.first("imap", address))


class _Reading:
    """What was read so far: for each server its fields, in the order of the file."""

    def __init__(self) -> None:
        self.name = ""
        self._path: list[str] = []
        self._text = ""
        self._servers: list[dict[str, list[str]]] = []

    def begin(self, element: str, attributes: dict[str, str]) -> None:
        self._path.append(element)
        self._text = ""
        if len(self._path) > DEEPEST:
            raise RenderError("This is no file about mail servers.")
        if element in ("incomingServer", "outgoingServer"):
            self._servers.append({"type": [attributes.get("type", "")]})

    def text(self, characters: str) -> None:
        self._text += characters

    def end(self, element: str) -> None:
        text = self._text.strip()
        if self._path[-2:-1] in (["incomingServer"], ["outgoingServer"]):
            self._servers[-1].setdefault(element, []).append(text)
        elif element == "displayName" and self._path[-2:-1] == ["emailProvider"]:
            self.name = self.name or text[:100]
        self._path.pop()
        self._text = ""

    def first(self, kind: str, address: EmailAddress) -> OfferedServer | None:
        offered = (_server(each, address) for each in self._servers if each["type"] == [kind])
        return next((each for each in offered if each is not None), None)


def _server(fields: dict[str, list[str]], address: EmailAddress) -> OfferedServer | None:
    host = _filled(fields, "hostname", address).lower()
    port = _filled(fields, "port", address)
    security = SECURITY.get(_filled(fields, "socketType", address))
    is_port = port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65_535
    if not _is_host(host) or not is_port or security is None:
        return None
    return OfferedServer(
        host=host,
        port=int(port),
        security=security,
        login=_filled(fields, "username", address) or str(address),
        wants_oauth=fields.get("authentication", [""])[0] == "OAuth2",
    )


def _filled(fields: dict[str, list[str]], name: str, address: EmailAddress) -> str:
    text = fields.get(name, [""])[0][:255]
    for placeholder, value in (
        ("%EMAILADDRESS%", str(address)),
        ("%EMAILLOCALPART%", address.local),
        ("%EMAILDOMAIN%", address.domain),
    ):
        text = text.replace(placeholder, value)
    return text if text.isprintable() else ""


def _is_host(name: str) -> bool:
    labels = name.split(".")
    return len(labels) > 1 and all(
        label and label.isascii() and label.replace("-", "").isalnum() for label in labels
    )


def _parser(reading: _Reading) -> expat.XMLParserType:
    def refuse(*_: object) -> None:
        raise RenderError("This is no file about mail servers.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse  # there entities hide that grow or fetch
    parser.StartElementHandler = reading.begin
    parser.CharacterDataHandler = reading.text
    parser.EndElementHandler = reading.end
    return parser
