"""Folders made, renamed and deleted from the screen (S3-05)."""

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.mail_rows import make_mail_folder, make_mailbox, put


def test_a_folder_is_made_renamed_and_deleted_after_a_question(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-05: each is seen at once; one with messages in it asks first."""
    box = make_mailbox()
    db.session.commit()
    client = sign_in("clerk", lang="en")

    made = client.post("/mail/folders/new", data={"name": "Reclamos"})
    assert "Reclamos" in client.get(made.headers["Location"]).text
    folder = db.session.scalars(select(MailFolder).where(MailFolder.path == "Reclamos")).one()
    put(folder)
    db.session.commit()
    url = f"/mail/folders/{folder.public_id}"
    assert client.post(url, data={"name": "Quejas"}).status_code == 302
    assert "Quejas" in client.get("/mail/").text
    question = client.post(f"{url}/delete").text
    assert "The 1 message in it goes to the trash" in question
    assert client.post(f"{url}/delete", data={"sure": "1"}).status_code == 302

    page = client.get("/mail/").text
    assert "Quejas" not in page.partition('id="mail-folders"')[2].partition("</nav>")[0]
    assert box.account.id == folder.account_id
    assert client.get(url).status_code == 404


def test_with_folders_in_it_the_question_names_them(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-05."""
    box = make_mailbox()
    folder = make_mail_folder(box.account, path="Reclamos")
    make_mail_folder(box.account, path="Reclamos/2025")
    db.session.commit()
    client = sign_in("clerk", lang="en")
    url = f"/mail/folders/{folder.public_id}/delete"

    question = client.post(url).text
    assert "The 1 folder in it goes with it." in question
    assert "goes to the trash" not in question
    assert client.post(url, data={"sure": "1"}).status_code == 302
    assert (
        "2025"
        not in client.get("/mail/").text.partition('id="mail-folders"')[2].partition("</nav>")[0]
    )


def test_a_name_that_is_taken_is_asked_for_again(
    sign_in: SignIn, organization: Organization
) -> None:
    box = make_mailbox()
    make_mail_folder(box.account, path="Reclamos")
    db.session.commit()
    client = sign_in("clerk", lang="en")

    taken = client.post("/mail/folders/new", data={"name": "reclamos"})
    empty = client.post("/mail/folders/new", data={"name": " "})
    special = client.post(f"/mail/folders/{box.archive.public_id}", data={"name": "x"})

    assert (taken.status_code, empty.status_code, special.status_code) == (409, 422, 409)
    assert "There is a folder “reclamos” already." in taken.text
    assert "data-question" in empty.text
    assert "This folder belongs to the mailbox itself" in special.text
