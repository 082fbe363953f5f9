"""Encryption keys."""

import click
from flask import current_app

from commands.group import SentenceGroup
from services.system.keys import drop_old, rotate
from settings import Settings

keys = SentenceGroup("keys", help="The keys by which stored secrets are encrypted.")


@keys.command("rotate")
@click.option(
    "--drop-old",
    "drops_old",
    is_flag=True,
    help="Afterwards drop the old keys; waits until the new one is a minute old.",
)
def keys_rotate(drops_old: bool) -> None:
    """Make a new key and seal every stored secret by it, while the product works.

    Interrupted, it goes on where it was when it is called again.
    """
    settings: Settings = current_app.extensions["settings"]
    done = rotate(settings, lambda where, count: click.echo(f"{where}: {count}"))
    made = "A new key was made. " if done.has_new_key else ""
    click.echo(f"{made}Secrets sealed anew: {done.resealed}.")
    if drops_old:
        click.echo("Waiting until nobody works with the old key any more ...")
        click.echo(f"Old keys dropped: {drop_old(settings)}. Keep a copy of {settings.key_file}.")
