"""Some three hundred messages that nobody should have to read (notes, section 6); the same ones each time, by their names."""

import base64
import random
from collections.abc import Callable
from functools import partial

from tests.factories.bounces import make_exim_bounce, make_qmail_bounce, make_report

SEED = 20261127
WANTED = 300
WHOLE = (
    b"From: =?utf-8?q?Jos=C3=A9?= <jose@x.example>\r\nTo: ventas@penalba.example\r\nSubject: Factura\r\n"
    b"Message-ID: <whole@x.example>\r\nReferences: <a@x.example>\r\n <b@x.example>\r\n"
    b"Date: Tue, 03 Feb 2026 10:00:00 +0100\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: text/html; charset=windows-1252\r\n\r\n<p>ma\xf1ana</p>\r\n"
    b"--B\r\nContent-Type: application/pdf; name*0*=utf-8''fa; name*1=c.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--B--\r\n"
)
HEAD = b"From: a@b.example\r\nSubject: x\r\n"
CHARSETS = (
    *("utf-7", "utf-16", "utf-32-be", "x-unknown", "ascii", "", "utf-8; x", "idna", "punycode"),
    *("unicode_escape", "raw_unicode_escape", "base64", "rot13", "hex", "zlib", "bz2", "undefined"),
    *(
        "mbcs",
        "../../etc/passwd",
        "utf\x00-8",
        "a" * 5_000,
        "=?utf-8?q?x?=",
        "gb18030",
        "iso-2022-jp",
    ),
)
FIELDS = (b"From", b"To", b"Date", b"Message-ID", b"Subject", b"Content-Type", b"In-Reply-To")
VALUES: dict[str, bytes] = {
    "empty": b"",
    "blank": b"   \t  ",
    "control": b"\x01\x02\x1b[2J\x7f <a\x00@b>",
    "long": b"x" * 100_000,
    "raw": b"\xff\xfe\xf1 \xc3\x28",
    "brackets": b"<<<>>><" * 2_000,
    "encoded words": b"=?utf-8?b?//8=?= =?x?q?=?= =?utf-8?q?=ZZ?=" * 500,
}
DATES = (
    *(
        b"Thu, 01 Jan 1970 00:00:00 +0000",
        b"Mon, 01 Jan 0001 00:00:00 +0000",
        b"31 Dec 9999 23:59:59 -2359",
    ),
    *(b"Fri, 30 Feb 2026 10:00:00 +0000", b"Tue, 19 Jan 2038 03:14:08 +0000", b"ayer por la tarde"),
    *(b"1 Jan 2026 99:99:99 +9999", b"99999999999999999999", b"Mon, 1 Jan 292277026596 00:00 GMT"),
    b"Tue, 03 Feb 2026 10:00:00 +0100 (CET) (CET) " + b"(" * 3_000,
)
LINES: dict[str, bytes] = {
    "one of 5 MB": b"A" * 5_000_000,
    "300,000": b"\r\n" * 300_000,
    "bare CR": b"uno\rdos\r" * 1_000,
    "bare LF": b"uno\ndos\n" * 1_000,
    "NUL": b"un\x00o" * 10_000,
    "quoted": b"> " * 100_000,
    "quotes of quotes": b"".join(b">" * n + b" x\r\n" for n in range(1_000)),
    "heads of answers": b"El dia x escribio:\r\nDe: a\r\nEnviado: b\r\n" * 5_000,
    "signatures": b"-- \r\n" * 50_000,
}
HTML: dict[str, bytes] = {
    "open": b"<" * 200_000,
    "comments": b"<!--" * 100_000,
    "scripts": b"<script" * 50_000,
    "closed scripts": b"<script>x</script " * 20_000,
    "entities": b"&#x110000;&#0;&lt" * 20_000,
    "quotes": b'<div class="gmail_quote' * 20_000,
    "attributes": b"<div " + b"a=b " * 100_000 + b">x",
    "depth": b"<div>" * 50_000 + b"x",
    "cid": b"<img src='cid:x'>" * 20_000,
}
ENCODINGS: dict[str, tuple[bytes, bytes]] = {
    "rubbish base64": (b"base64", b"!!!$$$" * 10_000),
    "padded in the middle": (b"base64", b"QUJD====QUJD" * 10_000),
    "one line of base64": (b"base64", b"QUJD" * 1_000_000),
    "zip in zip": (b"base64", base64.encodebytes(b"PK\x03\x04" + bytes(3_000_000))),
    "cut quoted-printable": (b"quoted-printable", b"ma=F1ana=\r\n=3"),
    "nothing but marks": (b"quoted-printable", b"=" * 1_000_000),
    "uuencode": (b"x-uuencode", b"begin 644 a\r\n" + b"M" * 60_000 + b"\r\nend"),
    "unknown": (b"x-gzip", bytes(range(256)) * 100),
    "control": (b"base\x0064\x1b", b"QUJD"),
    "8bit with NUL": (b"8bit", bytes(50_000)),
}


def nested(kind: bytes, depth: int) -> bytes:
    return HEAD + b"".join(
        b"Content-Type: %s; boundary=b%d\r\n\r\n--b%d\r\n" % (kind, n, n) for n in range(depth)
    )


def forwarded(depth: int) -> bytes:
    return (HEAD + b"Content-Type: message/rfc822\r\n\r\n") * depth + b"\r\nfin"


def parts(kind: bytes, count: int) -> bytes:
    body = b"--B\r\nContent-Type: %s\r\n\r\nx\r\n" % kind
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + body * count + b"--B--"


def with_field(name: bytes, value: bytes, times: int) -> bytes:
    return (b"%s: %s\r\n" % (name, value)) * times + b"X-End: 1\r\n\r\nx"


def with_body(kind: bytes, body: bytes, encoding: bytes = b"8bit") -> bytes:
    return (
        HEAD
        + b"Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n" % (kind, encoding)
        + body
    )


def in_charset(place: str, charset: str) -> bytes:
    name = charset.encode("utf-8", "replace")
    match place:
        case "body":
            return with_body(b'text/plain; charset="%s"' % name, b"+ADw-\xff\xfem\xf1 eJwDAAAAAAE=")
        case "subject":
            return b"Subject: =?%s?B?eJwDAAAAAAE=?= =?%s?q?=FF=F1?=\r\n\r\nx" % (name, name)
        case _:
            kind = b"application/pdf; name*0*=%s''%%FF; name*1*=%%F1" % name
            return with_body(kind, b"%PDF")


def boundaries(kind: str) -> bytes:
    head = HEAD + b"Content-Type: multipart/mixed"
    part = b"Content-Type: text/plain\r\n\r\nx\r\n"
    return {
        "none": head + b"\r\n\r\n--B\r\n" + part,
        "empty": head + b'; boundary=""\r\n\r\n--\r\n' + part + b"----\r\n",
        "two": head + b"; boundary=A; boundary=B\r\n\r\n--A\r\n" + part + b"--B\r\n" + part,
        "the same inside": head
        + b"; boundary=B\r\n\r\n--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" * 50
        + part,
        "a beginning of another": head
        + b"; boundary=B\r\n\r\n--B\r\nContent-Type: multipart/mixed; boundary=BB\r\n\r\n--BB\r\n"
        + part
        + b"--BB--\r\n--B--\r\n",
        "no end": head + b"; boundary=B\r\n\r\n--B\r\n" + part,
        "only the end": head + b"; boundary=B\r\n\r\n--B--\r\n" + part,
        "long": head + b"; boundary=" + b"B" * 100_000 + b"\r\n\r\n--" + b"B" * 100_000,
        "control": head + b'; boundary="B\x00\r\n C"\r\n\r\n--B\x00 C\r\n' + part,
        "pattern": head + b'; boundary="(.*)+$"\r\n\r\n--(.*)+$\r\n' + part * 1_000,
    }[kind]


def continued(kind: str) -> bytes:
    pieces = [b"; name*%d*=%%41" % n for n in range(1_000)]
    match kind:
        case "backwards":
            pieces.reverse()
        case "gaps":
            pieces = pieces[::7]
        case "twice":
            pieces *= 3
        case "huge":
            pieces = [
                b"; name*99999999999999999999=x",
                b"; name*-1=x",
                b"; name**=x",
                b"; name*0*=''",
            ]
    return with_body(b"application/pdf" + b"".join(pieces), b"%PDF")


def report(kind: str) -> bytes:
    raw = make_report("ana@cliente.example")
    blocks = b"Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    status = b"Final-Recipient: rfc822; ana@cliente.example"
    return {
        "plain": raw,
        "qmail": make_qmail_bounce("ana@cliente.example"),
        "exim": make_exim_bounce("a@b.example, " * 20_000, "550"),
        "no blocks": raw.replace(status, b""),
        "20,000 recipients": raw.replace(status, blocks * 20_000 + status),
        "control": raw.replace(b"ana@cliente", b"\x00\x1b<ana>\xff@cliente"),
        "no status": raw.replace(b"5.1.1", b"9.99999999999.x"),
        "long": raw.replace(b"User unknown", b"user " * 500_000),
        "words": raw.replace(b"User unknown", b"mailbox " * 100_000 + b"not found"),
        "in itself": raw.replace(b"Subject: x", raw),
        "many marks": raw.replace(
            b"Subject: x", b"<d.01940000-0000-7000-8000-00000000abcd@x>\r\n" * 20_000
        ),
        "words of qmail": b"From: MAILER-DAEMON@x\r\n\r\nHi. This is the\r\n"
        + b"<a@b.example>:\r\n" * 50_000,
        "words of postfix": b"From: MAILER-DAEMON@x\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n"
        b"Content-Description: Notification\r\n\r\n" + b"    <a@b.example>\r\n" * 50_000,
    }[kind]


def damaged(number: int) -> bytes:
    """Bytes lost, doubled and changed anywhere."""
    rng = random.Random(SEED + number)
    raw = bytearray(rng.choice((WHOLE, make_report("ana@cliente.example"), report("qmail"))))
    for _damage in range(rng.randrange(1, 12)):
        at, length = rng.randrange(len(raw)), rng.randrange(1, 60)
        match rng.randrange(4):
            case 0:
                del raw[at : at + length]
            case 1:
                raw[at:at] = rng.randbytes(length)
            case 2:
                raw[at:at] = raw[at : at + length] * 3
            case _:
                raw[at : at + 1] = b"\r\n"
    return bytes(raw)


def _made() -> dict[str, Callable[[], bytes]]:
    made: dict[str, Callable[[], bytes]] = {}
    for depth in (10, 100, 500, 2_000):
        made[f"nested {depth}"] = partial(nested, b"multipart/mixed", depth)
        made[f"reports nested {depth}"] = partial(nested, b"multipart/report", depth)
        made[f"forwarded {depth}"] = partial(forwarded, depth)
    for count in (1_000, 10_000):
        made[f"{count} texts"] = partial(parts, b"text/plain", count)
        made[f"{count} files"] = partial(parts, b"application/pdf", count)
        made[f"{count} reports"] = partial(parts, b"message/delivery-status", count)
    for place in ("body", "subject", "file"):
        for n, charset in enumerate(CHARSETS):
            made[f"charset {n} in the {place}"] = partial(in_charset, place, charset)
    for name in FIELDS:
        for what, value in VALUES.items():
            made[f"{name.decode()} {what}"] = partial(with_field, name, value, 1)
        made[f"{name.decode()} 5,000 times"] = partial(with_field, name, b"a@b.example", 5_000)
    for n, date in enumerate(DATES):
        made[f"date {n}"] = partial(with_field, b"Date", date, 1)
    for what, words in LINES.items():
        made[f"lines, {what}"] = partial(with_body, b"text/plain", words)
    for what, html in HTML.items():
        made[f"HTML, {what}"] = partial(with_body, b"text/html", html)
    for what, (encoding, body) in ENCODINGS.items():
        made[f"encoded, {what}"] = partial(with_body, b"application/zip", body, encoding)
        made[f"text encoded, {what}"] = partial(with_body, b"text/plain", body, encoding)
    for kind in (
        *("none", "empty", "two", "the same inside", "a beginning of another"),
        *("no end", "only the end", "long", "control", "pattern"),
    ):
        made[f"boundary {kind}"] = partial(boundaries, kind)
    for kind in ("backwards", "gaps", "twice", "huge"):
        made[f"continued {kind}"] = partial(continued, kind)
    for kind in (
        *(
            "plain",
            "qmail",
            "exim",
            "no blocks",
            "20,000 recipients",
            "control",
            "no status",
            "long",
        ),
        *("words", "in itself", "many marks", "words of qmail", "words of postfix"),
    ):
        made[f"report {kind}"] = partial(report, kind)
    for times in (3, 400, 20_000):
        made[f"Re: {times} times"] = partial(
            with_field, b"Subject", b"Re: RV: AW: " * times + b"x", 1
        )
    made["a header of 1 MB"] = partial(with_field, b"X-" + b"y" * 1_000_000, b"z", 1)
    made["3,000 brackets"] = partial(
        with_field, b"From", b"a " + b"(" * 3_000 + b" <a@b.example>", 1
    )
    made["5,000 addresses"] = partial(with_field, b"To", b"Ana <a@b.example>, " * 5_000, 1)
    made["20,000 references"] = partial(with_field, b"References", b"<a@b.example> " * 20_000, 1)
    made["two ids"] = partial(with_field, b"Message-ID", b"<whole@x.example> <b@x.example>", 2)
    made["the same id"] = lambda: WHOLE.replace(b"Factura", b"Otra")
    made["no id"] = lambda: WHOLE.replace(b"Message-ID: <whole@x.example>\r\n", b"")
    made["winmail.dat"] = partial(
        with_body, b"application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22" * 9_000
    )
    made["signed"] = partial(
        with_body, b"multipart/signed; protocol=x; boundary=B", b"--B\r\n" + WHOLE + b"--B--"
    )
    made["encrypted"] = partial(
        with_body,
        b"multipart/encrypted; boundary=B",
        b"--B\r\n\r\nVersion: 1\r\n--B\r\n\r\nx\r\n--B--",
    )
    for number in range(max(WANTED - len(made), 60)):
        made[f"damaged {number}"] = partial(damaged, number)
    return made


HOSTILE = _made()
