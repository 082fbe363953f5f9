"""What a server shows of itself when a line is encrypted: its certificate, also one that is refused."""

import socket
import ssl
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID


def facts_of_line(line: socket.socket) -> dict[str, object]:
    """Version, names and last day of an encrypted line whose certificate was accepted."""
    if not isinstance(line, ssl.SSLSocket):
        return {}
    shown: dict[str, Any] = line.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    return {
        "version": line.version(),
        "names": [name for _kind, name in shown.get("subjectAltName", ())],
        "until": ends.isoformat(),
    }


def facts_of_refused(der: bytes) -> dict[str, object]:
    """The same of a certificate that proves nothing; empty if it cannot be read at all."""
    try:
        shown = x509.load_der_x509_certificate(der)
        names = _names(shown)
        return {
            "names": names,
            "until": shown.not_valid_after_utc.isoformat(),
            "is_self_signed": shown.subject == shown.issuer,
        }
    except ValueError:
        return {}


def _names(shown: x509.Certificate) -> list[str]:
    try:
        found = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [str(name.value) for name in found]
    except x509.ExtensionNotFound:
        return [
            str(name.value) for name in shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        ]
