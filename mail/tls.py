"""Encrypting a line, and only with whom it was meant for."""

import functools
import ssl

from mail.certificate import facts_of_line
from mail.errors import CertificateRefused, TlsFailed, TooSlow
from mail.steps import UNWATCHED, Watch
from mail.wire import Wire


def encrypt(wire: Wire, host: str, ca_file: str | None, watch: Watch = UNWATCHED) -> None:
    """Go on under TLS with whoever proves to be `host`; `ca_file` holds further authorities to trust.

    Raises CertificateRefused, TlsFailed or TooSlow.
    """
    try:
        wire.encrypt(_tls_context(ca_file), host)
        watch.found(facts_of_line(wire.socket))
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message or "it cannot be verified"
        raise CertificateRefused(f"The certificate of {host} is not accepted: {reason}.") from error
    except ssl.SSLError as error:
        raise TlsFailed(f"No encrypted line to {host} could be agreed on.") from error
    except TimeoutError as error:
        raise TooSlow(f"{host} did not finish the encryption in time.") from error
    except (OSError, ValueError) as error:
        raise TlsFailed(f"{host} broke off while the encryption was agreed on.") from error


@functools.lru_cache(maxsize=32)
def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verifies certificate and host name; reading the authorities takes long enough to keep it."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
