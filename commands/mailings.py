"""Mailings: register, start, stop, look at them. N is the mailing's key, as `register` tells it."""

import json
import sys
from pathlib import Path

import click
from flask_babel import gettext as _
from sqlalchemy import select

from commands.group import CLI, SentenceGroup, in_organization, say
from commands.mailing_options import (
    account_at,
    addresses_of,
    audience_of,
    body_of,
    kinds_of,
    ranges_of,
)
from commands.mailing_report import as_lines, as_object, rehearsal_words, rehearse_now
from commands.sending import deliver_test, finish_stopping, see_to_delivery
from errors import NotFound
from jobs.mailings import workshop
from models.base import db
from models.mailings.mailing import AttachMode, Mailing, OneMailPer
from models.people.customer import Customer
from models.tenancy import Scope, across_organizations, enter
from services.mailings import flow
from services.mailings.draft import write_draft
from services.mailings.recipients import every_recipient
from services.mailings.register import register_mailing
from services.mailings.resolve import Resolution, find_delivery, resolve_doubt
from services.mailings.status import copies_of, counts_of, skipped_of
from services.mailings.trial import write_test
from services.mailings.verify import verify_mailing

mailing = SentenceGroup("mailing", help="Mailings of documents.")
# By the command line every contact gets e-mails of their own.
TOGETHER = {"customer": OneMailPer.CONTACT, "document": OneMailPer.DOCUMENT}
as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@mailing.command("register")
@click.option("--organization", "code", required=True)
@click.option("--account", "address", required=True)
@click.option("--subject", required=True)
@click.option("--body-file", required=True, type=click.Path(path_type=Path))
@click.option("--invoices", metavar="FROM..TO")
@click.option("--series")
@click.option("--dates", metavar="D..D")
@click.option("--statements", metavar="FROM..TO", help="Statements of account, beside or alone.")
@click.option("--group")
@click.option("--roles")
@click.option(
    "--one-mail-per",
    type=click.Choice(list(TOGETHER)),
    default="customer",
    help="What each recipient gets in one e-mail: all that the customer is sent, or a document each.",
)
@click.option("--cc", help="Addresses that get a copy of every message, and that everybody sees.")
@click.option("--bcc", help="Addresses that get a copy that nobody sees.")
@click.option("--reply-to", help="Where answers go; else as the account says.")
@click.option(
    "--attach",
    type=click.Choice([mode.value for mode in AttachMode]),
    default=AttachMode.ATTACH.value,
    help="How documents reach the reader: attached, as a link, or both.",
)
@click.option("--kinds", help="What goes along besides the PDF: xml, annex, or both with a comma.")
@as_json_option
def mailing_register(
    code: str,
    address: str,
    subject: str,
    body_file: Path,
    invoices: str | None,
    series: str | None,
    dates: str | None,
    statements: str | None,
    group: str | None,
    roles: str | None,
    one_mail_per: str,
    cc: str | None,
    bcc: str | None,
    reply_to: str | None,
    attach: str,
    kinds: str | None,
    as_json: bool,
) -> None:
    """Freeze who gets what; nothing is sent."""
    place = in_organization(code)
    made = write_draft(
        account_at(address),
        subject=subject,
        body_html=body_of(body_file),
        ranges=ranges_of(invoices, series, dates, statements),
        audience=audience_of(group, roles),
        one_mail_per=TOGETHER[one_mail_per],
        lang=place.default_lang,
        cc=addresses_of(cc, "--cc"),
        bcc=addresses_of(bcc, "--bcc"),
        reply_to=next(iter(addresses_of(reply_to, "--reply-to")), None),
        attach_mode=AttachMode(attach),
        extra_file_kinds=kinds_of(kinds),
    )
    key = made.id
    register_mailing(made, workshop(), progress=_tell_progress)
    counts, skipped = counts_of(key), skipped_of(key)
    say(
        {"mailing": key, "state": made.state.value, "counts": counts, "skipped": skipped},
        as_json,
        f"Mailing {key} is registered: {counts['prepared']} messages, {counts['skipped']} left out.",
    )


@mailing.command("start")
@click.argument("number", type=int, metavar="N")
@click.option("--wait", is_flag=True, help="Come back when the mailing has ended.")
def mailing_start(number: int, wait: bool) -> None:
    """Begin, or go on after a stop. Without a running server this process sends."""
    _enter(number)
    flow.start(number)
    db.session.commit()
    click.echo(f"Mailing {number} is started.")
    see_to_delivery(number, wait=wait)


@mailing.command("stop")
@click.argument("number", type=int, metavar="N")
def mailing_stop(number: int) -> None:
    """Let nothing more leave; what is on the wire ends."""
    _enter(number)
    flow.stop(number)
    db.session.commit()
    click.echo(f"Mailing {number} is {finish_stopping(number)}.")


@mailing.command("cancel")
@click.argument("number", type=int, metavar="N")
def mailing_cancel(number: int) -> None:
    """Give up what has not left."""
    _enter(number)
    flow.cancel(number)
    db.session.commit()
    click.echo(f"Mailing {number} is cancelled.")


@mailing.command("test")
@click.argument("number", type=int, metavar="N")
@click.option("--to", "address", required=True)
@click.option("--sample", metavar="CUSTOMER", help="A customer's number; else the first one.")
def mailing_test(number: int, address: str, sample: str | None) -> None:
    """Send what one recipient gets to another address, marked as a test."""
    wanted = _enter(number)
    key = write_test(wanted, address, workshop(), sample=_customer(sample))
    db.session.commit()
    deliver_test(key)
    click.echo(f"The test was sent to {address}.")


@mailing.command("rehearse")
@click.argument("number", type=int, metavar="N")
@as_json_option
def mailing_rehearse(number: int, as_json: bool) -> None:
    """Hand every message to a viewer inside this machine; exit code 1 if something is odd. Nothing leaves."""
    report = rehearse_now(_enter(number))
    say(report, as_json, rehearsal_words(report))
    if report["problem"] or report["odd"] or report["arrived"] < report["planned"]:
        sys.exit(1)


@mailing.command("resolve")
@click.argument("number", type=int, metavar="N")
@click.option("--delivery", required=True, metavar="ID")
@click.option(
    "--as", "resolution", required=True, type=click.Choice([each.value for each in Resolution])
)
def mailing_resolve(number: int, delivery: str, resolution: str) -> None:
    """Decide about an unconfirmed message: by its key, public id or Message-ID."""
    _enter(number)
    resolve_doubt(find_delivery(number, delivery), Resolution(resolution))
    db.session.commit()
    click.echo(f"The message is marked: {resolution}.")
    if resolution == Resolution.RESEND.value:
        see_to_delivery(number, wait=False)


@mailing.command("status")
@click.argument("number", type=int, metavar="N")
@as_json_option
def mailing_status(number: int, as_json: bool) -> None:
    """Say how far the mailing is."""
    found = _enter(number)
    counts = counts_of(number)
    report = {
        "mailing": found.id,
        "state": found.state.value,
        "counts": counts,
        "copies": copies_of(number),
        "started_at": found.started_at.isoformat() if found.started_at else None,
        "finished_at": found.finished_at.isoformat() if found.finished_at else None,
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    copies = ", ".join(f"{count} {state}" for state, count in copies_of(number).items() if count)
    beside = f" Further addresses: {copies}." if copies else ""
    say(
        report,
        as_json,
        f"Mailing {number} is {found.state.value}: {told or 'no messages'}.{beside}",
    )


@mailing.command("list")
@click.argument("number", type=int, metavar="N")
@as_json_option
def mailing_list(number: int, as_json: bool) -> None:
    """Say what each recipient got, or why not: one line each; further addresses of a message stand below it."""
    for row in every_recipient(_enter(number)):
        if as_json:
            click.echo(json.dumps(as_object(row), ensure_ascii=False))
        else:
            click.echo("\n".join(as_lines(row)))


@mailing.command("verify")
@click.argument("number", type=int, metavar="N")
@as_json_option
def mailing_verify(number: int, as_json: bool) -> None:
    """Check the ledger; exit code 1 if something is not as it must be."""
    invariants = verify_mailing(_enter(number))
    broken = [name for name, holds in invariants.items() if not holds]
    sentence = f"Broken: {', '.join(broken)}." if broken else "All invariants hold."
    say({"ok": not broken, "invariants": invariants}, as_json, sentence)
    if broken:
        sys.exit(1)


def _enter(number: int) -> Mailing:
    """The mailing; from now on the command works in its organization."""
    with across_organizations():
        organization_id = db.session.scalar(
            select(Mailing.organization_id).where(Mailing.id == number)
        )
    if organization_id is None:
        raise NotFound(_("There is no mailing %(number)d.", number=number))
    enter(Scope(organization_id=organization_id, actor=CLI))
    return db.session.get_one(Mailing, number)


def _customer(number: str | None) -> int | None:
    if number is None:
        return None
    found = db.session.scalar(Customer.numbered(number))
    if found is None:
        raise NotFound(_("There is no customer %(number)s.", number=number))
    return int(found.id)


def _tell_progress(done: int, planned: int) -> None:
    click.echo(f"{done} of {planned} messages are prepared.", err=True)
