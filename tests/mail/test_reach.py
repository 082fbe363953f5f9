"""Which servers may be called at all (T19)."""

import socket
import time

import pytest

from mail.errors import NotAllowed, ServerUnreachable, TooSlow
from mail.gateway import NetworkGateway
from mail.reach import Place, Reach, connect, look_up, meant_by
from mail.smtp import Security, SmtpServer
from settings import MAIL_PORTS, Settings

ANY = Reach()
OUTSIDE = Reach(has_private=False)
NEVER = [
    *("0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.170.2", "100.100.100.200"),
    *("168.63.129.16", "192.0.0.192", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
    *("::", "fe80::1", "fe80::1%lo", "ff02::1", "fd00:ec2::254", "fd20:ce::254"),
    *("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    *("::169.254.169.254", "64:ff9b:1::a9fe:a9fe"),
]
PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("100.64.0.1", "198.18.0.1", "192.0.2.1", "::1", "fc00::1", "fd12:3456::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"),
]
# As somebody writes them in the hope that nobody looks where they lead.
ODD_NAMES = ["127.1", "0x7f.1", "2130706433", "017700000001", "localhost", "127.0.0.1.", "::1"]


@pytest.mark.parametrize("address", NEVER)
def test_what_no_mail_server_is_at_is_never_called(address) -> None:
    """T19: metadata of clouds, one's own link, everybody, nobody; in every spelling."""
    assert not ANY.allows(address)
    assert not OUTSIDE.allows(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_are_called_unless_the_setting_says_no(address) -> None:
    """T19: a company's own relay is in its own network."""
    assert ANY.allows(address)
    assert not OUTSIDE.allows(address)


@pytest.mark.parametrize("address", ["192.178.0.1", "2607:f8b0::1", "::ffff:192.178.0.1"])
def test_the_open_internet_is_called(address) -> None:
    assert OUTSIDE.allows(address)


@pytest.mark.parametrize("host", [*ODD_NAMES, *NEVER, *PRIVATE])
def test_nothing_is_opened_for_a_refused_name(host, monkeypatch) -> None:
    """T19: no socket is opened, and the words are the same for every name and every reason."""
    opened: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args: opened.append(args))

    server = SmtpServer(host=host, port=25, security=Security.NONE, reach=OUTSIDE)
    with pytest.raises((NotAllowed, ServerUnreachable)) as caught:
        NetworkGateway().dial(server)

    assert not opened
    unknown = not isinstance(caught.value, NotAllowed)
    assert unknown or caught.value.message == NotAllowed().message


def test_only_the_ports_of_mail_are_called() -> None:
    """T19: an account is no port scanner."""
    reach = Reach(ports=MAIL_PORTS)

    with pytest.raises(NotAllowed):
        look_up("127.0.0.1", 5432, reach, seconds=1)

    assert look_up("127.0.0.1", 587, reach, seconds=1).addresses == ("127.0.0.1",)


def test_a_name_is_looked_up_once(monkeypatch) -> None:
    """T19: what answers differently the second time gains nothing; the address that was judged is called."""
    answers = iter(["198.51.100.7", "127.0.0.1"])
    asked: list[str] = []

    def rebinding(host: str, port: int, **_options: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    called: list[object] = []

    def refuse(address: object, timeout: float) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(ServerUnreachable):
        NetworkGateway().dial(SmtpServer(host="rebinding.example", port=25))

    assert (asked, called) == (["rebinding.example"], [("198.51.100.7", 25)])


def test_one_bad_address_spoils_the_name(monkeypatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 25))
        for address in ("192.178.0.1", "169.254.169.254")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    with pytest.raises(NotAllowed):
        look_up("mixed.example", 25, ANY, seconds=1)


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch) -> None:
    """E-6: the system's own question has no time limit."""

    def slowly(*_args: object, **_options: object) -> list[object]:
        time.sleep(1)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slowly)

    with pytest.raises(TooSlow):
        look_up("slow.example", 25, ANY, seconds=0.2)


def test_the_next_address_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        line, address = connect(Place("two.example", port, ("127.0.0.2", "127.0.0.1")), seconds=5)
        line.close()

    assert address == "127.0.0.1"


def test_addresses_inside_addresses_are_seen() -> None:
    assert [str(each) for each in meant_by("64:ff9b::a9fe:a9fe")] == [
        "64:ff9b::a9fe:a9fe",
        "169.254.169.254",
    ]


@pytest.mark.parametrize(
    ("told", "ports"),
    [("", MAIL_PORTS), ("1025, 8025", MAIL_PORTS | {1025, 8025}), ("any", None)],
)
def test_further_ports_are_a_setting(settings: Settings, told, ports) -> None:
    """The usual ports always may; `any` is for tests and laboratories."""
    env = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "VENTANILLA_DATA": str(settings.ventanilla_data),
        "MAIL_PORTS": told,
    }

    assert Settings.from_env(env).reachable_ports() == ports
