"""P-06, P-23, S2-12, S2-25: comments in the portal."""

import hashlib
import io
import uuid

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from files.store import FileStore
from models.base import db
from models.mailings.delivery import Delivery
from models.portal.portal_event import PortalEvent
from models.portal.portal_settings import PortalSettings
from models.tenancy import Actor, Scope, enter
from models.work.comment import Comment, CommentFile, CommentVisibility
from services.portal.portal_sessions import open_staff_look
from services.work.comments import write_comment
from tests.browser import new_browser
from tests.factories.people import make_contact, make_customer, make_mail_account, make_user
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.work import make_project

SCRIPT = "<script>alert(1)</script> Ñandú «ok»"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def as_staff(organization):
    """Act as a member of staff from now on."""
    user = make_user(organization, name="Diana Güiza")
    db.session.commit()
    enter(
        Scope(
            organization_id=organization.id,
            actor=Actor(kind="user", id=user.id, name=user.name, source="ui"),
        )
    )
    return user


@pytest.fixture
def projects_on(organization):
    db.session.execute(update(PortalSettings).values(show_projects=True))
    db.session.commit()


def comments():
    return db.session.scalars(select(Comment).order_by(Comment.id)).all()


def test_P_06_a_customer_comments_on_a_document(stand):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"

    answer = window.submit(f"{where}/comments", {"body": SCRIPT}, form_at=where)

    assert answer.status_code == 303
    written = comments()[0]
    assert (written.body, written.author_name) == (SCRIPT, "Sofía Ñáñez")
    assert (written.portal_user_id, written.visibility) == (window.user.id, "customer")
    page = window.get(where).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Ñandú «ok»" in page
    event = db.session.scalars(select(PortalEvent)).one()
    assert (event.kind, event.document_id) == ("commented", document.id)


def test_S2_25_a_customer_comments_on_a_project(stand, projects_on):
    window = stand()
    project = make_project(window.customer)
    db.session.commit()
    where = f"/projects/{project.public_id}"

    answer = window.submit(f"{where}/comments", {"body": "Listo"}, form_at=where)

    assert answer.status_code == 303
    assert comments()[0].project_id == project.id
    event = db.session.scalars(select(PortalEvent)).one()
    assert (event.kind, event.detail["project"]) == ("commented", project.name)


def test_files_are_kept_by_hash_and_handed_over_to_be_kept(stand):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"
    files = {"body": "Foto", "files": (io.BytesIO(PNG), "../pasillo-3.png")}

    window.submit(f"{where}/comments", files, form_at=where)

    kept = db.session.scalars(select(CommentFile)).one()
    assert kept.name == "pasillo-3.png"
    loaded = window.get(f"{where}/comments/files/{kept.id}")
    assert loaded.data == PNG
    assert loaded.headers["Content-Disposition"].startswith("attachment")
    assert loaded.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>1</script></html>", "x.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "x.svg"),
        (b"<html>", "x.png"),
        (b"MZ\0\0", "../x"),
        (b"", "empty.pdf"),
        (b"%PDF-" + b"0" * 10_000_000, "large.pdf"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_at_its_place(stand, content, name):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"
    fields = {"body": "Va adjunto", "files": (io.BytesIO(content), name)}

    refused = window.submit(f"{where}/comments", fields, form_at=where)

    assert refused.status_code == 422
    assert 'id="comment-files-problem"' in refused.text
    assert "Va adjunto" in refused.text
    assert comments() == []


@pytest.mark.parametrize(
    ("body", "last"), [("", (b"text", "b.txt")), ("x", (b"MZ\0", "b.exe")), ("x", (b"", "b.txt"))]
)
def test_of_a_refused_comment_no_file_stays(stand, settings, body, last):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"
    content = uuid.uuid4().bytes.hex().encode()
    files = [(io.BytesIO(content), "a.txt"), (io.BytesIO(last[0]), last[1])]

    refused = window.submit(f"{where}/comments", {"body": body, "files": files}, form_at=where)

    assert refused.status_code == 422
    assert not FileStore(settings.files_url).exists(hashlib.sha256(content).hexdigest())


def test_six_files_are_too_many(stand):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"
    many = [(io.BytesIO(PNG), f"{number}.png") for number in range(6)]

    refused = window.submit(f"{where}/comments", {"body": "x", "files": many}, form_at=where)

    assert refused.status_code == 422
    assert db.session.scalars(select(CommentFile)).all() == []


@pytest.mark.parametrize("body", ["", "   \n", "x" * 5_001, "x" * 1_000_000])
def test_an_empty_or_endless_comment_is_refused(stand, body):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"

    refused = window.submit(f"{where}/comments", {"body": body}, form_at=where)

    assert refused.status_code == 422
    assert 'id="comment-problem"' in refused.text
    assert comments() == []


def test_more_than_anything_is_taken_leads_back_to_the_form(stand):
    """200 MB: not read at all, and said where the form is."""
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"

    answer = window.browser.post(
        f"{window.root}{where}/comments",
        content_type="multipart/form-data; boundary=x",
        data=b"--x",
        environ_overrides={"CONTENT_LENGTH": "200000000"},
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"{where}?too_large=1#comments")
    assert 'id="comment-files-problem"' in window.get(f"{where}?too_large=1").text


def test_internal_notes_are_not_for_customers(stand, as_staff):
    window = stand()
    document = make_document(window.customer)
    write_comment(document, "Ojo: Zurrapa", visibility=CommentVisibility.INTERNAL)
    write_comment(document, "Hola")
    write_comment(window.customer, "Nota general Zurrapa")
    db.session.commit()

    page = window.get(f"/documents/{document.public_id}").text

    assert "Hola" in page
    assert "Diana Güiza" in page
    assert "Zurrapa" not in page


def test_internal_notes_are_hidden_by_the_database_itself(stand, as_staff, organization):
    """Raw SQL as the portal's role: the second wall."""
    window = stand()
    document = make_document(window.customer)
    write_comment(document, "Zurrapa", visibility=CommentVisibility.INTERNAL)
    own = write_comment(document, "Hola")
    db.session.commit()
    other = make_customer()
    strange = write_comment(make_document(other), "Zurrapa")
    db.session.commit()
    settings = (
        f"SELECT set_config('app.organization_id', '{organization.id}', true),"
        f" set_config('app.customer_id', '{window.customer.id}', true)"
    )
    with db.engines["portal"].connect() as connection:
        connection.execute(text(settings))
        seen = connection.execute(text("SELECT id FROM comment")).scalars().all()
        assert seen == [own.id]
        for change in (
            "UPDATE comment SET body = 'x'",
            "DELETE FROM comment",
            "INSERT INTO comment_file (organization_id, comment_id, customer_id, sha256, name, media_type,"
            f" size_bytes, created_at, updated_at) VALUES ({organization.id}, {strange.id},"
            f" {window.customer.id}, repeat('a', 64), 'x', 'x', 1, now(), now())",
        ):
            with pytest.raises(ProgrammingError), connection.begin_nested():
                connection.execute(text(change))


def test_P_23_nobody_changes_or_deletes_a_comment(organization, as_staff):
    comment = write_comment(make_document(make_customer()), "Hola")
    db.session.commit()
    for change in ("UPDATE comment SET body = 'x'", "DELETE FROM comment"):
        with pytest.raises(DBAPIError):
            db.session.execute(text(change))
        db.session.rollback()
    assert db.session.get(Comment, comment.id).body == "Hola"


def test_another_customers_document_takes_no_comment(stand):
    window = stand()
    strange = make_document(make_customer())
    db.session.commit()

    answer = window.submit(f"/documents/{strange.public_id}/comments", {"body": "x"})

    assert answer.status_code == 404
    assert comments() == []


def test_who_only_reads_writes_nothing(stand):
    window = stand(roles=("readonly",), is_primary=False)
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"

    assert 'name="body"' not in window.get(where).text
    answer = window.submit(f"{where}/comments", {"body": "x"}, form_at="/")

    assert answer.status_code == 403
    assert comments() == []


def test_staff_who_look_write_nothing(app, stand, organization):
    window, staff = stand(), make_user(organization)
    document = make_document(window.customer)
    token = open_staff_look(staff.id, window.customer.id, ip=None, user_agent=None)
    db.session.commit()
    browser = new_browser(app)
    browser.set_cookie("portal", token)
    where = f"{window.root}/documents/{document.public_id}"

    answer = browser.submit(f"{where}/comments", {"body": "x"}, form_at=where)

    assert answer.status_code == 403


def test_S2_12_who_may_see_the_document_is_told_once(stand, as_staff):
    make_mail_account(is_shared=True)
    window = stand()
    technical = make_contact(window.customer, roles=["technical"], is_primary=False)
    make_portal_user(window.customer, technical)
    document = make_document(window.customer)

    write_comment(document, "Nota", visibility=CommentVisibility.INTERNAL)
    assert db.session.scalars(select(Delivery)).all() == []
    write_comment(document, "Hoy le enviamos la nota")

    mail = db.session.scalars(select(Delivery)).one()
    assert mail.recipient == window.user.email
    db.session.commit()
    db.session.execute(update(PortalSettings).values(notify_customer_of_comments=False))
    write_comment(document, "Otra")
    assert len(db.session.scalars(select(Delivery)).all()) == 1
