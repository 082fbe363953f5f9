"""Folders that readers make, rename and delete (S3-05): seen at once, done on the server afterwards, refused with a sentence."""

from itertools import count

import pytest
from sqlalchemy import select

from errors import Conflict, Invalid
from mail.gateway import NetworkGateway
from mail.imap_syntax import folder_name
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.own_folders import Contents, delete_folder, make_folder, rename_folder
from services.mailbox.readers import folders_to_read
from services.mailbox.sync_run import SyncTools
from tests.factories.mail_rows import make_mail_folder
from tests.factories.mail_rows import make_mailbox as make_rows
from tests.factories.mailbox import make_mailbox, make_raw
from tests.factories.people import make_user
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, other_client

logins = count()
TOOLS = SyncTools(gateway=NetworkGateway())


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def login() -> str:
    return f"p{next(logins)}"


@pytest.fixture
def account(organization: Organization, store: Dovecot, login: str, ann: User) -> MailAccount:
    account = make_mailbox(
        login=login, password=PASSWORD, imap_port=store.port, sync_days=None, owner_id=ann.id
    )
    db.session.commit()
    with other_client(store, login) as mailbox:
        mailbox.create("Reclamos")
        for n in range(3):
            mailbox.append("Reclamos", make_raw(subject=str(n)))
    read(account)
    return account


def read(account: MailAccount) -> None:
    db.session.commit()
    sync_mailbox(account.id, TOOLS)
    db.session.expire_all()


def called(path: str) -> MailFolder:
    return db.session.scalars(
        select(MailFolder).where(MailFolder.path == path, MailFolder.gone_at.is_(None))
    ).one()


def shown(person: User) -> set[str]:
    own = [each for each in folders_to_read(person) if each.role is FolderRole.OTHER]
    return {each.shown_path for each in own}


def there(store: Dovecot, login: str) -> dict[str, int]:
    """The server's own folders beside those of the mailbox, and how many messages each has."""
    with other_client(store, login) as mailbox:
        return {
            each.path: each.status.messages or 0
            for each in mailbox.folders()
            if each.status is not None and each.role == "other"
        }


def test_a_new_folder_is_there_at_once_and_then_on_the_server(
    account: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    """S3-05."""
    folder = make_folder(account, "  Año  2026 ")
    assert shown(ann) == {"Reclamos", "Año 2026"}

    read(account)

    assert there(store, login) == {"Reclamos": 3, "Año 2026": 0}
    assert folder.wanted_path is None
    assert shown(ann) == {"Reclamos", "Año 2026"}


def test_a_renamed_folder_keeps_its_messages(
    account: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    """S3-05: the same folder here and there; nothing is fetched again."""
    folder, before = called("Reclamos"), placements()
    rename_folder(folder, "Quejas")
    assert shown(ann) == {"Quejas"}

    read(account)

    assert there(store, login) == {"Quejas": 3}
    assert (called("Quejas").id, placements()) == (folder.id, before)


def test_what_was_done_before_a_reading_died_is_found_done(
    account: MailAccount, store: Dovecot, login: str
) -> None:
    """The server has renamed and deleted, and nobody wrote it down: neither is done twice, nothing appears twice."""
    make_folder(account, "Vacía")
    read(account)
    with other_client(store, login) as mailbox:
        mailbox._talk.ask(b"RENAME", folder_name("Reclamos"), folder_name("Quejas"))
        mailbox._talk.ask(b"DELETE", folder_name("Vacía"))
    folder, empty = called("Reclamos"), called("Vacía")
    folder.wanted_path, empty.is_unwanted = "Quejas", True

    read(account)

    assert (called("Quejas").id, folder.wanted_path, folder.refusal) == (folder.id, None, None)
    assert empty.gone_at is not None


def test_what_lies_in_a_deleted_folder_goes_to_the_trash(
    account: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    """S3-05, S3-15: nothing is lost with the folder."""
    folder = called("Reclamos")
    assert delete_folder(folder, ann) == Contents(messages=3, folders=0)
    assert shown(ann) == set()

    read(account)

    assert there(store, login) == {}
    assert roles() == [FolderRole.TRASH] * 3


def test_a_message_that_came_meanwhile_keeps_the_folder(
    account: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    """The server would delete it with the folder: so the folder stays, and says why."""
    folder = called("Reclamos")
    delete_folder(folder, ann)
    with other_client(store, login) as mailbox:
        mailbox.append("Reclamos", make_raw(subject="late"))

    read(account)

    assert there(store, login) == {"Reclamos": 1}
    assert folder.refusal
    assert shown(ann) == {"Reclamos"}


@pytest.fixture
def tree(account: MailAccount, store: Dovecot, login: str) -> MailAccount:
    """The folder has folders in it, to the second depth."""
    with other_client(store, login) as mailbox:
        for path in ("Reclamos/2025", "Reclamos/2025/Enero"):
            mailbox.create(path)
            mailbox.append(path, make_raw(subject=path))
    read(account)
    return account


def test_folders_in_it_are_renamed_with_it(
    tree: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    """S3-05: all at once here, by one command there (RFC 3501, 6.3.5); one that has a new name of its own keeps that."""
    before = placements()
    rename_folder(called("Reclamos/2025/Enero"), "Febrero")
    rename_folder(called("Reclamos"), "Viejo")
    rename_folder(called("Reclamos"), "Quejas")
    assert shown(ann) == {"Quejas", "Quejas/2025", "Quejas/2025/Febrero"}

    read(tree)

    assert there(store, login) == {"Quejas": 3, "Quejas/2025": 1, "Quejas/2025/Febrero": 1}
    assert shown(ann) == set(there(store, login))
    assert placements() == before
    assert wanted() == []


def test_a_name_taken_back_before_the_server_knows_is_no_command(
    tree: MailAccount, store: Dovecot, login: str
) -> None:
    rename_folder(called("Reclamos"), "Quejas")
    rename_folder(called("Reclamos"), "Reclamos")

    assert wanted() == []


def test_a_folder_that_came_meanwhile_follows_the_one_it_lies_in(
    tree: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    rename_folder(called("Reclamos"), "Quejas")
    with other_client(store, login) as mailbox:
        mailbox.create("Reclamos/2026")

    read(tree)

    expected = {"Quejas", "Quejas/2025", "Quejas/2025/Enero", "Quejas/2026"}
    assert set(there(store, login)) == shown(ann) == expected


def test_a_renaming_that_is_refused_is_taken_back_for_all_of_them(
    tree: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    before = shown(ann)
    rename_folder(called("Reclamos"), "Quejas")
    with other_client(store, login) as mailbox:
        mailbox.create("Quejas")

    read(tree)

    assert called("Reclamos").refusal
    assert shown(ann) == {*before, "Quejas"} == set(there(store, login))


def test_folders_in_it_are_deleted_with_it(
    tree: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    """S3-05: from the innermost; what lies in them goes to the trash."""
    assert delete_folder(called("Reclamos"), ann) == Contents(messages=5, folders=2)
    assert shown(ann) == set()

    read(tree)

    assert there(store, login) == {}
    assert roles() == [FolderRole.TRASH] * 5


def test_a_message_that_came_meanwhile_keeps_the_folders_around_it(
    tree: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    delete_folder(called("Reclamos"), ann)
    with other_client(store, login) as mailbox:
        mailbox.append("Reclamos/2025", make_raw(subject="late"))

    read(tree)

    assert there(store, login) == {"Reclamos": 0, "Reclamos/2025": 1}
    assert shown(ann) == {"Reclamos", "Reclamos/2025"}
    assert called("Reclamos").refusal


def test_a_name_that_the_server_refuses_is_taken_back_with_its_answer(
    account: MailAccount, store: Dovecot, login: str, ann: User
) -> None:
    folder = called("Reclamos")
    rename_folder(folder, "a~b")
    folder.wanted_path = "INBOX"

    read(account)

    assert folder.refusal
    assert shown(ann) == {"Reclamos"}
    assert there(store, login) == {"Reclamos": 3}


@pytest.mark.parametrize("name", ["", " ", "a/b", "a%", "*", "x" * 101, "a\x00b"])
def test_a_name_that_is_none_is_refused(organization: Organization, name: str) -> None:
    account = make_rows().account

    with pytest.raises(Invalid):
        make_folder(account, name)


def test_taken_names_and_the_folders_of_the_mailbox_stay(
    organization: Organization, ann: User
) -> None:
    """S3-05: the inbox, the trash and the like are neither renamed nor deleted; nor is one with such in it."""
    box = make_rows()
    parent = make_mail_folder(box.account, path="Reclamos")
    box.junk.path = "Reclamos/Spam"
    db.session.flush()

    for refused in (
        lambda: make_folder(box.account, "reclamos"),
        lambda: rename_folder(box.archive, "x"),
        lambda: delete_folder(box.trash, ann),
        lambda: rename_folder(parent, "x"),
        lambda: delete_folder(parent, ann),
    ):
        with pytest.raises(Conflict):
            refused()


def roles() -> list[FolderRole]:
    """Of the folder that each message lies in."""
    of = select(MailFolder.role).join(MessagePlacement, MessagePlacement.folder_id == MailFolder.id)
    return list(db.session.scalars(of))


def wanted() -> list[str | None]:
    return list(
        db.session.scalars(
            select(MailFolder.wanted_path).where(MailFolder.wanted_path.is_not(None))
        )
    )


def placements() -> list[tuple[int, int | None]]:
    rows = db.session.execute(
        select(MessagePlacement.id, MessagePlacement.uid).order_by(MessagePlacement.id)
    )
    return [(key, uid) for key, uid in rows]
