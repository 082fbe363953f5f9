"""The first run of a mailbox: newest first and usable at once, then down to the oldest that is wanted."""

import time
from collections.abc import Sequence

from models.base import db
from models.mailbox.mail_folder import MailFolder
from services.mailbox.bringing_in import BringingIn
from services.mailbox.open_operations import held_in
from services.mailbox.sync_run import SyncRun
from services.mailbox.words_writing import WordsWriter


def read_on(run: SyncRun, folder: MailFolder, words: WordsWriter, *, until: float | None) -> None:
    """Go on downwards until a moment (monotonic), or one batch if there is none; commits. Raises MailError."""
    below = folder.first_run_below
    if below is None:
        return
    seen = run.mailbox.select(folder.path)
    if seen.uidvalidity != folder.uidvalidity:
        return  # the next pull finds out what that means
    day = run.wanted_since.date() if run.wanted_since else None
    bringing = BringingIn(run, folder, words)
    leaving = held_in(run.account_id, folder.id).leaving
    there = [uid for uid in run.mailbox.uids(since=day) if uid < below and uid not in leaving]
    wanted = bringing.wanted(there)[::-1]
    rest: list[int] = []
    if until is None:
        run.sync_row().wanted += len(wanted)
        wanted, rest = wanted[: run.tools.first_batch], wanted[run.tools.first_batch :]

    def moved_down(uids: Sequence[int]) -> bool:
        folder.first_run_below = min(uids)
        run.sync_row().done += len(uids)
        return until is None or time.monotonic() < until

    bringing.bring(wanted, moved_down, first=run.tools.first_batch)
    lowest = wanted[-1] if wanted else 0
    if not rest and (not wanted or (folder.first_run_below or 0) <= lowest):
        folder.first_run_below = None
    db.session.commit()
