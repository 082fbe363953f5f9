"""A mailbox of the clerk: an account here, its folders on the server, and another program there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from jobs.mailbox import read_mailbox
from jobs.queue import bell
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mail_sync import MailSync
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from services.system.health import workers_alive
from tests.factories.mailbox import make_mailbox, make_raw
from tests.journeys.conftest import Company
from tests.journeys.mail_area.bell import ring
from tests.journeys.mail_area.store import MailStore
from tests.journeys.other_program import OtherProgram, eventually
from tests.journeys.product import Product
from tests.servers.mail_store import PASSWORD

OWN = "lordonez@penalba.test"
SOFIA = "Sofía Ñáñez <pagos@cliente1.test>"
ROOT = "<root@penalba.test>"
ABOUT = "Su factura FV-10482"
FLAGS = {"is_read": "\\Seen", "is_starred": "\\Flagged", "is_answered": "\\Answered"}
numbers: Iterator[int] = count(1)


class Mailbox:
    """Each has a login of its own: a second try finds nothing of the first."""

    def __init__(self, company: Company, product: Product, store: MailStore, **fields: Any) -> None:
        address = fields.get("address", OWN)
        login = f"b{next(numbers)}.{address}"
        self.elsewhere = OtherProgram(store.port, login)
        account = make_mailbox(
            **{
                "address": address,
                "display_name": "Lucía Ordóñez",
                "owner_id": company.clerk.id,
                "imap_port": store.port,
                "imap_login": login,
                "login": None,
                "password": PASSWORD,
                "smtp_port": product.mail.port,
                "sync_days": None,
                **fields,
            }
        )
        db.session.commit()
        self.account_id = account.id

    @property
    def account(self) -> MailAccount:
        return db.session.get_one(MailAccount, self.account_id)

    def read(self, *folders: str) -> None:
        """Ring, as the clock does, until a reading has ended after which these folders are here as they are there."""
        began = utc_now()
        self.ring_until(
            lambda: (
                self._was_read_after(began)
                and all(
                    self.here(each) == self.elsewhere.subjects(each, only=FLAGS.values())
                    for each in folders or ("INBOX",)
                )
            )
        )

    def ring_until(self, is_so: Callable[[], bool]) -> None:
        """As the clock does, which rings again and again."""

        def is_done() -> bool:
            if is_so():
                return True
            self.ring()
            return False

        eventually(
            lambda: workers_alive(bell()).alive > 0
        )  # the first journey is there before them
        eventually(is_done, every_seconds=0.5)

    def ring(self) -> None:
        """Have it read, also where its server has failed before."""
        ring(read_mailbox, self.account_id, True)

    def here(self, folder: str) -> dict[str, set[str]]:
        """Subject -> flags, as a reader sees them."""
        db.session.rollback()
        found = db.session.execute(
            select(Message.subject, *(getattr(MessagePlacement, name) for name in FLAGS))
            .join(MessagePlacement, MessagePlacement.message_id == Message.id)
            .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
            .where(MailFolder.account_id == self.account_id, MailFolder.path == folder)
        )
        return {
            subject: {flag for flag, is_set in zip(FLAGS.values(), marks, strict=True) if is_set}
            for subject, *marks in found
        }

    def _was_read_after(self, moment: datetime) -> bool:
        db.session.rollback()
        last = db.session.scalar(
            select(MailSync.last_good_at).where(MailSync.account_id == self.account_id)
        )
        return last is not None and last > moment


def letter(minutes_ago: int, **fields: Any) -> bytes:
    """To the clerk."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return make_raw(**{"to": OWN, "sent_at": at, **fields})


def answer(number: int, **fields: Any) -> bytes:
    """What Sofía answers to the message about her invoice."""
    return letter(
        30 - number,
        **{
            "sender": SOFIA,
            "subject": f"Re: {ABOUT} ({number})",
            "in_reply_to": ROOT,
            "references": ROOT,
            **fields,
        },
    )


def question(number: int) -> bytes:
    """From a customer of this number; the lower, the newer."""
    return letter(
        60 * (2 + number),
        sender=f"Cliente {number} <c{number}@cliente{number}.test>",
        subject=f"Consulta {number}",
        text="¿Cuándo llega el pedido?",
    )


def fill_with_a_morning(there: OtherProgram) -> None:
    """A message of ours with three answers, of which two are read; and five questions."""
    text = "Buenos días, Lucía:\n\nEl flete no coincide con lo que acordamos."
    quoted = "\n\nEl 3 de julio de 2026, Lucía escribió:\n> Le enviamos la factura FV-10482."
    own = letter(4320, sender=f"Lucía <{OWN}>", to=SOFIA, subject=ABOUT, message_id=ROOT)
    there.put("Sent", own, flags="(\\Seen)")
    there.put("INBOX", *(answer(n, text=f"{text} ({n}){quoted}") for n in (1, 2)), flags="(\\Seen)")
    file = ("CO-2189 firmada.pdf", b"%PDF-1.7 x")
    there.put("INBOX", answer(3, text=f"{text} (3){quoted}", files=(file,)))
    there.put("INBOX", *(question(n) for n in range(5)))
    there.put("Reclamos")
