"""The words for the steps of a test and for what can be done about them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from mail.advice import Advice
from mail.steps import Step


class Said(NamedTuple):
    """What is the matter, in a few words, and what can be done about it."""

    what: Any
    cure: Any


STEPS = {
    ("smtp", Step.NAME): _l("DNS: the name exists"),
    ("smtp", Step.TCP): _l("TCP: the port opens"),
    ("smtp", Step.TLS): _l("TLS: encryption and certificate"),
    ("smtp", Step.HELLO): _l("EHLO: what it takes"),
    ("smtp", Step.SIGN_IN): _l("AUTH: user and password"),
    ("smtp", Step.SENDER): _l("MAIL FROM: may send as this address"),
    ("smtp", Step.MESSAGE): _l("Message to itself"),
    ("imap", Step.HELLO): _l("IMAP: what it can do"),
    ("imap", Step.SIGN_IN): _l("IMAP: sign in"),
    ("imap", Step.INBOX): _l("IMAP: the inbox"),
}
ADVICE = {
    Advice.NOT_ALLOWED: Said(
        _l("This server is not called from here."),
        _l(
            "Only the ports of mail servers are called, and no addresses that are kept out. Whoever runs Ventanilla can allow more (MAIL_PORTS, MAIL_PRIVATE_NETWORKS)."
        ),
    ),
    Advice.NO_SUCH_NAME: Said(
        _l("There is no server with this name."),
        _l("Look for a typing error in the name of the server."),
    ),
    Advice.NAME_TOO_SLOW: Said(
        _l("Nobody said in time where this server is."),
        _l("The name service does not answer. Try again in some minutes."),
    ),
    Advice.PORT_CLOSED: Said(
        _l("The port is closed."),
        _l(
            "Nobody listens there. The usual ports are 465 with SSL/TLS or 587 with STARTTLS to send, and 993 with SSL/TLS to receive."
        ),
    ),
    Advice.NO_ANSWER: Said(
        _l("The server does not answer on this port."),
        _l(
            "A firewall may be in the way, or the port is another one: 465 or 587 to send, 993 to receive."
        ),
    ),
    Advice.UNREACHABLE: Said(
        _l("The server cannot be reached."),
        _l("Ask whoever runs the network whether there is a way to this server."),
    ),
    Advice.WANTS_TLS: Said(
        _l("The server encrypts from the first moment, the account does not."),
        _l("Choose SSL/TLS as the security of this port. 465 and 993 are of this kind."),
    ),
    Advice.WANTS_STARTTLS: Said(
        _l("The server begins without encryption, the account wants it at once."),
        _l("Choose STARTTLS as the security of this port. 587 and 143 are of this kind."),
    ),
    Advice.NO_STARTTLS: Said(
        _l("The server offers no encryption on this port."),
        _l("Nothing was sent. Take a port with encryption: 465 or 993 with SSL/TLS."),
    ),
    Advice.OPEN_LINE: Said(
        _l("The password would go over an open line."),
        _l("It was not sent. Choose STARTTLS or SSL/TLS as the security."),
    ),
    Advice.OTHER_PROTOCOL: Said(
        _l("Another kind of server answers on this port."),
        _l("Check the port: it belongs to another service."),
    ),
    Advice.GARBAGE: Said(
        _l("What answers does not speak like a mail server."),
        _l("Check the name and the port of the server."),
    ),
    Advice.SILENT: Said(
        _l("The port opens, but the server says nothing."),
        _l("Check the port and its security; if both are right, the server has a problem."),
    ),
    Advice.TOO_SLOW: Said(
        _l("The server took too long."),
        _l("It had 10 seconds for a step. Try again later; if it stays so, ask its provider."),
    ),
    Advice.HUNG_UP: Said(
        _l("The server hung up."),
        _l(
            "It may want another kind of security on this port, or it does not take connections from here."
        ),
    ),
    Advice.TLS_FAILED: Said(
        _l("No encryption could be agreed on."),
        _l("The server may be too old for TLS 1.2. Ask its provider."),
    ),
    Advice.SELF_SIGNED: Said(
        _l("The server has signed its certificate itself."),
        _l(
            "Anybody could do so, so nothing was sent. It needs a certificate of a known authority; if it is the company's own server, its authority can be trusted with MAIL_CA_FILE."
        ),
    ),
    Advice.UNKNOWN_AUTHORITY: Said(
        _l("Nobody known has signed the certificate of the server."),
        _l(
            "Nothing was sent. If it is the company's own server, its authority can be trusted with MAIL_CA_FILE."
        ),
    ),
    Advice.OTHER_NAME: Said(
        _l("The certificate is for another name."),
        _l("Write the server as the certificate names it; nothing was sent."),
    ),
    Advice.EXPIRED: Said(
        _l("The certificate of the server has expired."),
        _l("Nothing was sent. Whoever runs the server has to renew it."),
    ),
    Advice.NOT_YET_VALID: Said(
        _l("The certificate of the server is not valid yet."),
        _l("Check the clock of the server, and of this machine."),
    ),
    Advice.CERTIFICATE: Said(
        _l("The certificate of the server is not accepted."),
        _l("Nothing was sent. Whoever runs the server has to mend it."),
    ),
    Advice.EXPIRES_SOON: Said(
        _l("The certificate of the server expires soon."),
        _l("Nothing leaves after that day unless whoever runs the server renews it."),
    ),
    Advice.REFUSED: Said(
        _l("The server does not want to talk to us."),
        _l("Its answer says why. It may know this address as a sender of unwanted mail."),
    ),
    Advice.LATER: Said(
        _l("The server asks us to come back later."),
        _l("Wait some minutes and test again. It may count too many connections or tries."),
    ),
    Advice.GREYLISTED: Said(
        _l("The server lets unknown senders wait (greylisting)."),
        _l("That is no fault: the second try is taken, and mailings try again by themselves."),
    ),
    Advice.PASSWORD: Said(
        _l("The server refused the user or the password."),
        _l(
            "Write the password again. If it is right, look whether the login is the whole address."
        ),
    ),
    Advice.APP_PASSWORD: Said(
        _l("The provider wants a password made for applications."),
        _l(
            "Make one in the security settings of the mail account (app password) and write it here; the usual password is not taken."
        ),
    ),
    Advice.MODERN_SIGN_IN: Said(
        _l("The provider does not take passwords from applications any more."),
        _l(
            "Let the account sign in by permission (OAuth), or have an administrator of the provider allow SMTP AUTH for it."
        ),
    ),
    Advice.NO_WAY_TO_SIGN_IN: Said(
        _l("The server does not take this kind of sign-in."),
        _l("It may take none on this port, or want one by permission (OAuth)."),
    ),
    Advice.CONSENT_LOST: Said(
        _l("The permission to use the account has ended."), _l("Give the permission again.")
    ),
    Advice.NEEDS_SIGN_IN: Said(
        _l("The server wants somebody to sign in first."),
        _l("Write a login and a password for the account."),
    ),
    Advice.SENDER_REFUSED: Said(
        _l("The server does not let this user send as this address."),
        _l(
            "Use the login of the address itself, or have the provider grant the right to send as it."
        ),
    ),
    Advice.OWN_ADDRESS: Said(
        _l("The server does not take mail for the account's own address."),
        _l("Sending to others may work. Check whether the mailbox exists."),
    ),
    Advice.NO_SMTPUTF8: Said(
        _l("The server takes no addresses with accents before the @."),
        _l("Use an address without ñ and accents, or a server with SMTPUTF8."),
    ),
    Advice.SMALL_LIMIT: Said(
        _l("The server takes smaller messages than the account would send."),
        _l("Write its limit as the largest message of the account: what is larger goes as a link."),
    ),
    Advice.TOO_BIG: Said(
        _l("The message is too large for the server."),
        _l("Write its limit as the largest message of the account."),
    ),
    Advice.MAILBOX_FULL: Said(
        _l("The mailbox is full."),
        _l("Sending works. Make room, so that answers can arrive."),
    ),
    Advice.MESSAGE_REFUSED: Said(
        _l("The server refused the message itself."),
        _l("Its answer says why; often the domain lacks SPF or DKIM."),
    ),
    Advice.NO_INBOX: Said(
        _l("The inbox cannot be opened."),
        _l("The user may sign in, but has no mailbox there. Ask the provider."),
    ),
    Advice.IMPOSSIBLE: Said(
        _l("The account cannot be used as it is."),
        _l("Correct its address and its servers."),
    ),
    Advice.INTERRUPTED: Said(
        _l("The test was interrupted."), _l("The process that carried it out ended. Test again.")
    ),
    Advice.INTERNAL: Said(
        _l("Something went wrong on our side."), _l("Test again; the log says more.")
    ),
}


def step_words(side: str, step: str) -> str:
    """The title of a step."""
    kind = Step(step)
    return str(STEPS.get((side, kind)) or STEPS["smtp", kind])


def advice_of(step: Mapping[str, Any]) -> Said | None:
    """The words for the advice of a stored step; None without any."""
    code = step.get("advice")
    return ADVICE[Advice(code)] if code in set(Advice) else None
