"""What one reading of a mailbox works with: the account, a connection that is opened again when it broke, the folders."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict
from mail.errors import ServerUnreachable
from mail.gateway import MailGateway
from mail.imap import ImapServer
from mail.imap_mailbox import Mailbox
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mail_sync import MailSync
from services.mailbox.servers import MailNetwork, imap_server_of

MOST_LINES = 8  # opened again in one run: a server that hangs up each time is left alone


@dataclass(frozen=True, kw_only=True)
class SyncTools:
    """With what mailboxes are read; `first_batch` and `batch` are messages, `batch_bytes` what comes first."""

    gateway: MailGateway
    network: MailNetwork = field(default_factory=MailNetwork)
    first_batch: int = 100
    batch: int = 1_000
    batch_bytes: int = 12 * 1024 * 1024
    largest_message: int = 62 * 1024 * 1024


class SyncRun:
    """One at a time for an account."""

    def __init__(self, account: MailAccount, tools: SyncTools, *, is_careful: bool = False) -> None:
        server = imap_server_of(account, tools.network)
        if server is None:
            raise Conflict(_("The mail of this account is not read."))
        self.account_id: int = account.id
        self.organization_id: int = account.organization_id
        self.known_roles = {str(role): str(path) for role, path in account.folders.items()}
        self.wanted_since: datetime | None = (
            utc_now() - timedelta(days=account.sync_days) if account.sync_days else None
        )
        self.tools = tools
        self.is_careful = is_careful
        self.has_left_something = False  # to be tried again soon, whatever the server says
        self.pushed_to = 0  # the newest operation that was there when the server was told last
        self._server: ImapServer = server
        self._mailbox: Mailbox | None = None
        self._lines = 0

    @property
    def mailbox(self) -> Mailbox:
        """The connection; a new one if there is none, or it broke. Raises MailError."""
        if self._mailbox is None:
            if self._lines >= MOST_LINES:
                raise ServerUnreachable("The mail server hangs up again and again.")
            self._lines += 1
            self._mailbox = Mailbox(self.tools.gateway.open_mailbox(self._server))
        return self._mailbox

    def drop_line(self) -> None:
        """The connection is not to be trusted any more."""
        if self._mailbox is not None:
            self._mailbox.close()
            self._mailbox = None

    def sync_row(self) -> MailSync:
        """How it stands."""
        return db.session.scalars(
            select(MailSync).where(MailSync.account_id == self.account_id)
        ).one()

    def folders(self) -> list[MailFolder]:
        """The folders that can be opened, in the order in which people want them."""
        found = db.session.scalars(
            select(MailFolder).where(
                MailFolder.account_id == self.account_id,
                MailFolder.is_selectable,
                MailFolder.gone_at.is_(None),
            )
        )
        order = list(FolderRole)
        return sorted(found, key=lambda folder: (order.index(folder.role), folder.path))
