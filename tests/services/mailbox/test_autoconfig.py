"""X4-04: typing the address fills server, port and security."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mail.errors import InvalidAddress, ServerUnreachable
from mail.https_file import HttpsReader, is_public
from mail.name_lookup import NameLookup
from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from models.mailbox.oauth import OAuthProvider
from services.mailbox.autoconfig import PRESETS, Asking, SuggestionSource, suggest
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.https_files import LocalHttpsServer, Site
from tests.servers.name_server import LocalNameServer, Zone

FILE = b"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="empresa.example">
  <displayName>Correo de la Empresa</displayName>
  <incomingServer type="pop3"><hostname>pop.empresa.example</hostname><port>995</port>
    <socketType>SSL</socketType></incomingServer>
  <incomingServer type="imap"><hostname>imap.empresa.example</hostname><port>143</port>
    <socketType>plain</socketType></incomingServer>
  <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>
    <socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.empresa.example</hostname><port>587</port>
    <socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username>
    <authentication>password-cleartext</authentication></outgoingServer>
</emailProvider></clientConfig>"""
PLACE = ("autoconfig.empresa.example", "/mail/config-v1.1.xml")
HOSTS: Zone = {
    ("autoconfig.empresa.example", "A"): ["127.0.0.1"],
    ("empresa.example", "A"): ["127.0.0.1"],
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return make_certificates(folder, "empresa.example", "autoconfig.empresa.example")


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def https(site: Site, certificates: Certificates) -> Iterator[LocalHttpsServer]:
    with LocalHttpsServer(site, certificate=certificates.valid) as server:
        yield server


def asking(
    names: LocalNameServer, https: LocalHttpsServer, ca_file: str, seconds: float = 3
) -> Asking:
    """Ask the local servers; the only difference to the product's own way is where they are."""
    lookup = NameLookup(nameservers=("127.0.0.1",), port=names.port, seconds=seconds)
    reader = HttpsReader(
        lookup,
        may_reach=lambda address: address == "127.0.0.1",
        port=https.port,
        seconds=seconds,
        ca_file=ca_file,
    )
    return Asking(names=lookup, reader=reader, seconds=seconds)


@pytest.mark.parametrize(
    ("address", "host", "sign_in_by"),
    [
        ("ana@gmail.com", "smtp.gmail.com", SignInBy.CONSENT),
        ("ana@hotmail.es", "smtp-mail.outlook.com", SignInBy.CONSENT),
        ("ana@yahoo.com.mx", "smtp.mail.yahoo.com", SignInBy.PASSWORD),
        ("ana@icloud.com", "smtp.mail.me.com", SignInBy.PASSWORD),
        ("ana@uol.com.br", "smtps.uol.com.br", SignInBy.PASSWORD),
    ],
)
def test_known_provider_needs_no_network(address: str, host: str, sign_in_by: SignInBy) -> None:
    """X4-04: the table works offline; E-1: Google and Microsoft sign in by permission."""
    with LocalNameServer({}) as names:
        lookup = NameLookup(nameservers=("127.0.0.1",), port=names.port)
        found = suggest(address, asking=Asking(names=lookup))

    assert found is not None
    assert (found.smtp_host, found.sign_in_by) == (host, sign_in_by)
    assert found.source is SuggestionSource.TABLE
    assert names.asked == []


def test_records_of_the_domain_come_first(https: LocalHttpsServer, certificates: Certificates):
    """X4-04: RFC 6186 and 8314; encryption from the first byte is preferred, then the priority."""
    zone: Zone = HOSTS | {
        ("_submissions._tcp.empresa.example", "SRV"): [
            "20 1 465 second.empresa.example.",
            "10 1 465 first.empresa.example.",
        ],
        ("_submission._tcp.empresa.example", "SRV"): ["0 1 587 other.empresa.example."],
        ("_imaps._tcp.empresa.example", "SRV"): ["0 0 0 ."],
        ("_imap._tcp.empresa.example", "SRV"): ["0 1 143 imap.empresa.example."],
        ("empresa.example", "MX"): ["10 mx1.hostinger.com."],
    }
    with LocalNameServer(zone) as names:
        found = suggest("ana@empresa.example", asking=asking(names, https, certificates.ca_file))

    assert found is not None
    assert (found.smtp_host, found.smtp_port) == ("first.empresa.example", 465)
    assert found.smtp_security is MailSecurity.TLS
    assert (found.imap_host, found.imap_port) == ("imap.empresa.example", 143)
    assert found.imap_security is MailSecurity.STARTTLS
    assert found.source is SuggestionSource.SRV


def test_file_of_the_domain_is_read(
    https: LocalHttpsServer, site: Site, certificates: Certificates
) -> None:
    """X4-04: Mozilla autoconfig; what is not encrypted, and POP3, is passed over."""
    site.answers[PLACE] = (200, {}, FILE)
    with LocalNameServer(HOSTS) as names:
        found = suggest("ana@empresa.example", asking=asking(names, https, certificates.ca_file))

    assert found is not None
    assert found.name == "Correo de la Empresa"
    assert (found.smtp_host, found.smtp_port) == ("smtp.empresa.example", 587)
    assert (found.imap_host, found.imap_port) == ("imap.empresa.example", 993)
    assert found.login == "ana"
    assert found.source is SuggestionSource.AUTOCONFIG


def test_exchanger_tells_the_provider(https: LocalHttpsServer, certificates: Certificates) -> None:
    """X4-04: presets by MX; a domain kept at Microsoft signs in by permission (E-1)."""
    zone: Zone = {("penalba.example", "MX"): ["0 penalba-example.mail.protection.outlook.com."]}
    with LocalNameServer(zone) as names:
        found = suggest("ana@penalba.example", asking=asking(names, https, certificates.ca_file))

    assert found is not None
    assert found.smtp_host == "smtp.office365.com"
    assert found.oauth is OAuthProvider.MICROSOFT
    assert found.source is SuggestionSource.EXCHANGER


def test_nobody_says_anything(https: LocalHttpsServer, certificates: Certificates) -> None:
    """X4-04: then the person fills it in."""
    with LocalNameServer({}) as names:
        assert suggest("a@nadie.example", asking=asking(names, https, certificates.ca_file)) is None


def test_no_address_is_refused() -> None:
    with pytest.raises(InvalidAddress):
        suggest("ana@@empresa.example")


def test_silent_world_costs_no_longer_than_allowed(
    https: LocalHttpsServer, certificates: Certificates
) -> None:
    """X4-04: the page does not wait for a name server that never answers."""
    with LocalNameServer(HOSTS, silent_seconds=4) as names:
        started = time.monotonic()
        found = suggest(
            "ana@empresa.example", asking=asking(names, https, certificates.ca_file, seconds=0.5)
        )

    assert found is None
    assert time.monotonic() - started < 2


def test_dripping_server_is_cut(
    https: LocalHttpsServer, site: Site, certificates: Certificates
) -> None:
    """T19: a server that sends a byte now and then holds nobody."""
    site.answers[PLACE] = (200, {}, FILE)
    site.drip_seconds = 0.2
    with LocalNameServer(HOSTS) as names:
        reader = asking(names, https, certificates.ca_file, seconds=0.6).reader
        started = time.monotonic()
        with pytest.raises(ServerUnreachable):
            reader.read(*PLACE)

    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "https://empresa.example/elsewhere"}, b""),
        (200, {}, b"x" * 300_000),
        (200, {}, b"<clientConfig>"),
        (200, {}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><clientConfig/>"),
        (500, {}, FILE),
    ],
    ids=["redirect", "too long", "cut off", "entities", "error"],
)
def test_bad_file_counts_as_none(
    https: LocalHttpsServer,
    site: Site,
    certificates: Certificates,
    answer: tuple[int, dict[str, str], bytes],
) -> None:
    """T19: redirects are not followed, and strangers' files are read with limits."""
    site.answers[PLACE] = answer
    site.answers[("empresa.example", "/elsewhere")] = (200, {}, FILE)
    with LocalNameServer(HOSTS) as names:
        found = suggest("ana@empresa.example", asking=asking(names, https, certificates.ca_file))

    assert found is None
    assert ("empresa.example", "/elsewhere") not in https.asked


def test_private_addresses_are_never_called(
    https: LocalHttpsServer, site: Site, certificates: Certificates
) -> None:
    """T19: as the product asks, a domain that points to this machine is told nothing apart."""
    site.answers[PLACE] = (200, {}, FILE)
    with LocalNameServer(HOSTS) as names:
        lookup = NameLookup(nameservers=("127.0.0.1",), port=names.port)
        reader = HttpsReader(lookup, port=https.port, ca_file=certificates.ca_file)
        with pytest.raises(ServerUnreachable) as private:
            reader.read(*PLACE)
        with pytest.raises(ServerUnreachable) as missing:
            reader.read("nowhere.example", "/")

    assert https.asked == []
    assert private.value.message.replace(PLACE[0], "") == missing.value.message.replace(
        "nowhere.example", ""
    )


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.31.0.9", "169.254.169.254", "0.0.0.0"),
        *("100.64.1.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1", "198.18.0.1"),
    ],
)
def test_address_that_is_not_public(address: str) -> None:
    """T19: none of these is a stranger's server."""
    assert not is_public(address)


def test_public_addresses() -> None:
    assert is_public("1.1.1.1")
    assert is_public("2606:4700:4700::1111")


def test_every_preset_is_encrypted_and_ends_of_exchangers_are_its_own() -> None:
    """X4-04: the table holds no plain line, and no MX end twice."""
    ends = [end for preset in PRESETS.values() for end in preset.exchangers]

    assert all(preset.smtp_security is not MailSecurity.NONE for preset in PRESETS.values())
    assert len(ends) == len(set(ends))
