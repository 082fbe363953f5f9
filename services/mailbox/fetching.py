"""Fetching and parsing in a thread of its own, so that the next batch is on its way while this one is written."""

import logging
import queue
import threading
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field

from mail.errors import MailError
from mail.imap_mailbox import Mailbox
from models.base import utc_now
from services.mailbox.batches import Batch
from services.mailbox.letters import Letter, OpenedLetter, open_letter
from services.mailbox.trial_reading import TrialReader

logger = logging.getLogger(__name__)
AHEAD = 1  # batch
LARGE = (
    12 * 1024 * 1024
)  # bytes, as in a full batch: one of these is fetched when the one before it is done with
WAIT_SECONDS = 0.5


@dataclass(frozen=True)
class FetchedBatch:
    """What has come of a batch; `deadly` cannot be read within the limits, of `unreadable` ones we know no more."""

    batch: Batch
    opened: Sequence[OpenedLetter]
    deadly: Sequence[int] = ()
    unreadable: Sequence[int] = ()
    problem: MailError | None = field(default=None)

    @property
    def missing(self) -> list[int]:
        """Asked for, and not handed over."""
        come = {each.letter.uid for each in self.opened} | {*self.deadly, *self.unreadable}
        return [uid for uid in self.batch.uids if uid not in come]


def fetched(
    mailbox: Mailbox, batches: Iterable[Batch], *, is_careful: bool = False
) -> Generator[FetchedBatch, None, None]:
    """Each batch of the open folder; one with a `problem` is the last, and the line is not good for more."""
    ahead: queue.Queue[FetchedBatch | BaseException | None] = queue.Queue(AHEAD)
    stopping = threading.Event()
    idle = threading.Semaphore(0)

    def put(result: FetchedBatch | BaseException | None) -> bool:
        while not stopping.is_set():
            try:
                ahead.put(result, timeout=WAIT_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def fetch_all() -> None:
        try:
            for batch in batches:
                if stopping.is_set():
                    return
                result = fetch_batch(mailbox, batch, is_careful=is_careful)
                is_large = batch.size_bytes > LARGE
                if not put(result) or result.problem is not None:
                    return
                del result
                while is_large and not stopping.is_set() and not idle.acquire(timeout=WAIT_SECONDS):
                    pass
        except Exception as problem:  # noqa: BLE001  # raised where somebody hears it
            put(problem)
        finally:
            put(None)

    thread = threading.Thread(target=fetch_all, name="fetching", daemon=True)
    thread.start()
    try:
        while (result := ahead.get()) is not None:
            if isinstance(result, BaseException):
                raise result
            is_large = result.batch.size_bytes > LARGE
            yield result
            del result
            if is_large:
                idle.release()
    finally:
        stopping.set()
        thread.join()


def fetch_batch(mailbox: Mailbox, batch: Batch, *, is_careful: bool = False) -> FetchedBatch:
    """One batch, parsed; what goes wrong is in it."""
    opened: list[OpenedLetter] = []
    deadly: list[int] = []
    unreadable: list[int] = []
    try:
        with TrialReader() as trial:
            for each in mailbox.bodies(batch.uids, expects=batch.size_bytes):
                raw = each.raw or b""
                if is_careful and not trial.survives(raw):
                    deadly.append(each.uid)
                    continue
                at = min(each.received_at or utc_now(), utc_now())
                try:
                    opened.append(open_letter(Letter(each.uid, each.flags or (), at, raw)))
                except Exception:  # a mistake of ours: the others come all the same
                    logger.exception("UID %s cannot be read", each.uid)
                    unreadable.append(each.uid)
    except MailError as problem:
        return FetchedBatch(batch, opened, deadly, unreadable, problem)
    return FetchedBatch(batch, opened, deadly, unreadable)
