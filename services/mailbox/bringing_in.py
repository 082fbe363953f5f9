"""Messages of the open folder are fetched and kept, batch by batch; one that is bad stops none of the others."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from errors import Unavailable
from mail.errors import MailError, Throttled
from models.base import db
from models.mailbox.mail_dead_letter import DeadLetterReason
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.batches import Batch, Plan
from services.mailbox.fetching import FetchedBatch, fetch_batch, fetched
from services.mailbox.letters import OpenedLetter
from services.mailbox.quarantine import dead_uids, note_bad, note_taken_in
from services.mailbox.sync_run import SyncRun
from services.mailbox.taking_in import keep
from services.mailbox.words import Words
from services.mailbox.words_writing import WordsWriter

logger = logging.getLogger(__name__)

# The database, or the place of the bytes: gone, or full.
AWAY = (OperationalError, Unavailable)
# Is told the UIDs of a batch that is written, before the commit; whether to go on.
AfterBatch = Callable[[Sequence[int]], bool]


class BringingIn:
    """Into one folder, which `run.mailbox` has opened."""

    def __init__(self, run: SyncRun, folder: MailFolder, words: WordsWriter) -> None:
        self._run = run
        self._folder = folder
        self._words = words
        self._fresh_words: Sequence[Words] = ()
        self._missing: list[int] = []  # asked for, and not handed over

    def wanted(self, uids: Sequence[int]) -> list[int]:
        """Those that are not here yet, and not given up."""
        known = set(
            db.session.scalars(
                select(MessagePlacement.uid).where(
                    MessagePlacement.folder_id == self._folder.id,
                    MessagePlacement.uid.is_not(None),
                )
            )
        )
        known |= dead_uids(self._folder)
        return [uid for uid in uids if uid not in known]

    def bring(self, uids: Sequence[int], after_batch: AfterBatch, *, first: int) -> None:
        """Fetch and keep these, in this order; commits after each batch. Raises MailError."""
        rest = list(uids)
        while rest:
            plan = Plan(self._run.mailbox, rest, largest=self._run.tools.largest_message)
            done = self._bring_planned(plan, after_batch, first=first)
            if done is None:
                return
            for uid, size in plan.too_large.items():
                self._set_aside(uid, DeadLetterReason.TOO_LARGE, size=size)
            handled = {*done, *plan.too_large}
            rest = [uid for uid in rest if uid not in handled]
            first = self._run.tools.batch if done else first

    def retry(self, uids: Sequence[int]) -> None:
        """Messages that have failed before, one by one, each read in a child with limits first."""
        for uid in uids:
            self._bring_one(uid, is_careful=True)

    def _bring_planned(
        self, plan: Plan, after_batch: AfterBatch, *, first: int
    ) -> Sequence[int] | None:
        """The UIDs that are done with when the plan ends, or the line has to be looked after; None when that is enough."""
        tools = self._run.tools
        batches = plan.batches(first=first, most=tools.batch, most_bytes=tools.batch_bytes)
        done: list[int] = []
        goes_on, broken = True, None
        results = fetched(self._run.mailbox, batches, is_careful=self._run.is_careful)
        for result in results:
            done += result.batch.uids
            if result.problem is not None:
                if isinstance(result.problem, Throttled):
                    raise result.problem
                broken = result.batch
                break
            self._keep(result)
            goes_on = after_batch(result.batch.uids) and goes_on
            db.session.commit()
            self._words.add(self._fresh_words)
            if not goes_on or self._missing:
                plan.end()  # what is on its way is kept, too
        results.close()
        if broken is not None:
            goes_on = self._bring_singly(broken, after_batch)
        self._note_missing()
        return done if goes_on else None

    def _bring_singly(self, broken: Batch, after_batch: AfterBatch) -> bool:
        """What is in a batch in which the line broke."""
        logger.warning("mail folder %s: a batch broke off, going one by one", self._folder.id)
        self._run.drop_line()
        for uid in self.wanted(broken.uids):
            self._bring_one(uid)
        goes_on = after_batch(broken.uids)
        db.session.commit()
        if goes_on:
            self._open()
        return goes_on

    def _open(self) -> None:
        if self._run.mailbox.selected != self._folder.path:
            self._run.mailbox.select(self._folder.path)

    def _bring_one(self, uid: int, *, is_careful: bool = False) -> None:
        """Whoever breaks the line is named; that it cannot be opened at all is nobody's fault."""
        self._open()
        try:
            size = self._run.mailbox.sizes([uid]).get(uid, 0)
        except MailError:
            size = 0
            self._run.drop_line()
            self._open()
        result = fetch_batch(
            self._run.mailbox,
            Batch([uid], max(size, 1)),
            is_careful=is_careful or self._run.is_careful,
        )
        if isinstance(result.problem, Throttled):
            raise result.problem
        if result.problem is not None and not result.opened:
            self._run.drop_line()
            self._set_aside(
                uid, DeadLetterReason.NOT_GIVEN, detail=result.problem.message, size=size
            )
            return
        self._keep(result)
        if result.opened:
            note_taken_in(self._folder, [uid])
        db.session.commit()
        self._words.add(self._fresh_words)
        self._note_missing()

    def _keep(self, result: FetchedBatch) -> None:
        """Write; not committed yet."""
        self._fresh_words = ()
        try:
            with db.session.begin_nested():
                self._fresh_words = keep(self._folder, result.opened).words
        except AWAY:
            raise  # no message's fault
        except Exception:
            logger.exception(
                "mail folder %s: a batch cannot be kept, going one by one", self._folder.id
            )
            self._fresh_words = [word for each in result.opened for word in self._keep_one(each)]
        for uid in result.deadly:
            self._note(uid, DeadLetterReason.KILLS_PARSER)
        for uid in result.unreadable:
            self._note(uid, DeadLetterReason.UNREADABLE)
        if result.problem is None:
            self._missing += result.missing

    def _keep_one(self, opened: OpenedLetter) -> Sequence[Words]:
        try:
            with db.session.begin_nested():
                return keep(self._folder, [opened]).words
        except AWAY:
            raise
        except Exception as problem:
            logger.exception(
                "mail folder %s: UID %s cannot be kept", self._folder.id, opened.letter.uid
            )
            self._note(
                opened.letter.uid or 0,
                DeadLetterReason.UNREADABLE,
                detail=type(problem).__name__,
                head=opened.letter.raw[:2_000],
                size=len(opened.letter.raw),
            )
            return ()

    def _note_missing(self) -> None:
        """What is deleted meanwhile is no loss; what is there and not handed over is noted."""
        missing, self._missing = self._missing, []
        if missing:
            self._open()
            for uid in sorted(self._run.mailbox.existing(missing)):
                self._note(uid, DeadLetterReason.NOT_GIVEN)
            db.session.commit()

    def _set_aside(
        self, uid: int, reason: DeadLetterReason, *, detail: str = "", size: int | None = None
    ) -> None:
        head = b""
        try:
            self._open()
            head = self._run.mailbox.head(uid)
        except MailError:
            self._run.drop_line()
        self._note(uid, reason, detail=detail, head=head, size=size)
        db.session.commit()
        self._open()

    def _note(
        self,
        uid: int,
        reason: DeadLetterReason,
        *,
        detail: str = "",
        head: bytes = b"",
        size: int | None = None,
    ) -> None:
        if not note_bad(self._folder, uid, reason, detail=detail, head=head, size=size):
            self._run.has_left_something = True
