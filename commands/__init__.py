"""The command line: thin commands, one function each, a file for each word (`script/cli ...`).

Exit 0 on success, 2 with one line for a person's mistake, 1 for ours.
"""

from flask import Flask


def register(app: Flask) -> None:
    """Give the application its commands.

    They are imported here, so that `commands.prepare`, the first step of every start, need not load all of them.
    """
    import commands.demo  # noqa: F401  # adds to the group system
    from commands.accounts import account
    from commands.documents import document
    from commands.imports import import_
    from commands.keys import keys
    from commands.mailboxes import mailbox
    from commands.mailings import mailing
    from commands.people import organization, user
    from commands.system import system

    for group in (user, organization, import_, account, mailbox, mailing, document, keys, system):
        app.cli.add_command(group)
