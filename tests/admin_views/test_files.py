"""Files: a column that holds one, and what is attached to a document."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.people.role import Permission, Role
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.system.audit_event import AuditEvent
from models.system.file import File
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_records import form_of
from tests.factories.admin import Rows

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'
XML = b'<?xml version="1.0" encoding="UTF-8"?><Invoice/>'


def sent(content: bytes, name: str) -> Any:
    return (io.BytesIO(content), name)


def form_at(client: FlaskClient, url: str) -> dict[str, Any]:
    return dict(form_of(client.get(url).text))


def attach(client: FlaskClient, key: int, content: bytes, name: str, kind: str = "xml") -> Any:
    return client.post(
        f"/admin/invoice/attach/?id={key}", data={"kind": kind, "file": sent(content, name)}
    )


def attached(key: int) -> list[DocumentFile]:
    db.session.expire_all()
    query = select(DocumentFile).where(DocumentFile.document_id == key).order_by(DocumentFile.id)
    return list(db.session.scalars(query))


@pytest.fixture
def edit(organization: Organization) -> str:
    return f"/admin/organization/edit/?id={organization.id}"


def test_a_file_is_stored_kept_replaced_and_removed(
    app: Flask, sign_in: SignIn, organization: Organization, edit: str
) -> None:
    """L-05: an organization's logo; nothing chosen keeps it, a check box takes it out."""
    client = sign_in(lang="en", is_global_admin=True)
    form = form_at(client, edit)
    assert client.post(edit, data=form | {"logo_sha256": sent(SVG, "logo.svg")}).status_code == 302
    db.session.expire_all()
    kept = organization.logo_sha256
    assert kept
    page = client.get(edit).text
    assert "logo.svg" in page
    assert f"{len(SVG)} B" in page

    assert client.post(edit, data=form_of(page) | {"name": "Other"}).status_code == 302
    db.session.expire_all()
    assert (organization.logo_sha256, organization.name) == (kept, "Other")

    file = db.session.scalars(File.with_hash(kept)).one()
    assert (file.name, file.media_type) == ("logo.svg", "image/svg+xml")
    history = client.get(f"/admin/organization/details/?id={organization.id}").text
    assert "<ins>logo.svg</ins>" in history

    form = form_at(client, edit) | {"logo_sha256-remove": "on"}
    assert client.post(edit, data=form).status_code == 302
    db.session.expire_all()
    assert organization.logo_sha256 is None


def test_a_file_is_loaded_to_be_kept_and_never_run(
    app: Flask, sign_in: SignIn, organization: Organization, edit: str
) -> None:
    """L-05, L-25: attachment, nosniff, sandbox; 404 where there is none."""
    client = sign_in(lang="en", is_global_admin=True)
    url = f"/admin/organization/file/?id={organization.id}&f=logo_sha256"
    assert client.get(url).status_code == 404
    client.post(edit, data=form_at(client, edit) | {"logo_sha256": sent(SVG, "lógo.svg")})

    answer = client.get(url)

    assert answer.data == SVG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "l%C3%B3go.svg" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(url.replace("logo_sha256", "name")).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "logo.svg", "is empty"),
        (b"x" * 2_000_001, "logo.svg", "larger than 2 MB"),
        (b"MZ\x90", "logo.png", "cannot be used here"),
        (b'<svg><image href="http://x/y.png"/></svg>', "logo.svg", "shows another file"),
    ],
)
def test_what_cannot_be_used_is_told_at_the_field(
    app: Flask, sign_in: SignIn, edit: str, content: bytes, name: str, said: str
) -> None:
    """L-05: and nothing else that was typed is lost."""
    client = sign_in(lang="en", is_global_admin=True)
    form = form_at(client, edit) | {"legal_name": "Typed", "logo_sha256": sent(content, name)}

    answer = client.post(edit, data=form)

    assert answer.status_code == 422
    error = re.search(r'id="logo_sha256-error">.*?</div>', answer.text, re.S)
    assert error
    assert said in error[0]
    assert form_of(answer.text)["legal_name"] == "Typed"


def test_an_upload_survives_a_form_that_is_refused_for_something_else(
    app: Flask, sign_in: SignIn, organization: Organization, edit: str
) -> None:
    """L-05: nobody chooses the same file twice; and what was kept is for the same person only."""
    client = sign_in(lang="en", is_global_admin=True)
    form = form_at(client, edit) | {"email": "nonsense", "logo_sha256": sent(SVG, "logo.svg")}
    refused = client.post(edit, data=form)
    assert refused.status_code == 422
    again = form_of(refused.text) | {"email": "a@example.com"}
    stranger = sign_in(lang="en", is_global_admin=True)

    assert stranger.post(edit, data=again).status_code == 302
    db.session.expire_all()
    assert organization.logo_sha256 is None
    assert client.post(edit, data=again | {"logo_sha256-kept": "made.up"}).status_code == 302
    db.session.expire_all()
    assert organization.logo_sha256 is None
    assert client.post(edit, data=again).status_code == 302
    db.session.expire_all()
    assert organization.logo_sha256 is not None


def test_another_organizations_logo_is_its_own(
    app: Flask, sign_in: SignIn, foreign: Rows, organization: Organization
) -> None:
    """T1: whoever administers all of them writes it there; staff of one cannot load another's."""
    other = foreign.records["organization"].id
    client = sign_in(lang="en", is_global_admin=True)
    url = f"/admin/organization/edit/?id={other}"
    form = form_at(client, url) | {"logo_sha256": sent(SVG, "theirs.svg")}
    assert client.post(url, data=form).status_code == 302
    assert "theirs.svg" in client.get(f"/admin/organization/details/?id={other}").text
    assert "theirs.svg" in client.get("/admin/organization/?cols=name,logo_sha256").text
    address = f"/admin/organization/file/?id={other}&f=logo_sha256"
    assert client.get(address).status_code == 200
    assert sign_in("administrator").get(address).status_code == 404


def test_a_field_that_a_role_may_not_see_gives_no_file(
    app: Flask, sign_in: SignIn, organization: Organization, edit: str
) -> None:
    """L-25: the way to the file asks the same rights as the page."""
    admin = sign_in(lang="en", is_global_admin=True)
    admin.post(edit, data=form_at(admin, edit) | {"logo_sha256": sent(SVG, "logo.svg")})
    address = f"/admin/organization/file/?id={organization.id}&f=logo_sha256"
    role = db.session.scalars(select(Role).where(Role.code == "reader")).one()
    assert sign_in("reader").get(address).status_code == 200
    denial = Permission(
        role_id=role.id, resource="organization", action="view", field="logo_sha256", denied=True
    )
    db.session.add(denial)
    db.session.commit()
    key = denial.id
    try:
        assert sign_in("reader").get(address).status_code == 404
    finally:
        db.session.delete(db.session.get_one(Permission, key))
        db.session.commit()


def test_files_are_attached_to_a_posted_invoice(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-05: the XML of an electronic invoice comes after posting; it is audited, loaded and removed."""
    client = sign_in("clerk", lang="en", name="Lucía Ordóñez")
    key = rows.keys["invoice"]
    assert attach(client, key, XML, "FV-1.xml").status_code == 302
    (added,) = attached(key)
    assert (added.kind, added.name) == (DocumentFileKind.XML, "FV-1.xml")
    assert (added.file.size_bytes, added.file.media_type) == (len(XML), "application/xml")
    page = client.get(f"/admin/invoice/details/?id={key}").text
    assert "FV-1.xml" in page
    assert "</strong> attached “FV-1.xml”" in page

    address = f"/admin/invoice/attachment/?id={key}&file={added.id}"
    answer = client.get(address)
    assert answer.data == XML
    assert answer.headers["Content-Disposition"] == "attachment; filename=FV-1.xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert sign_in("reader").get(address).status_code == 200

    remove = f"/admin/invoice/detach/?id={key}&file={added.id}"
    assert "Remove “FV-1.xml”?" in client.get(remove).text
    assert len(attached(key)) == 1
    assert client.post(remove).status_code == 302
    assert attached(key) == []
    assert client.get(address).status_code == 404
    events = select(AuditEvent.action).where(AuditEvent.entity == "document")
    events = events.where(AuditEvent.entity_id == key).order_by(AuditEvent.id.desc()).limit(2)
    assert list(db.session.scalars(events)) == ["detach", "attach"]


def test_the_same_content_may_have_two_names_and_two_documents(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    client = sign_in("clerk", lang="en")
    invoice, draft = rows.keys["invoice"], rows.records["draft"].id
    assert attach(client, invoice, XML, "one.xml", "annex").status_code == 302
    assert attach(client, draft, XML, "two.xml", "annex").status_code == 302
    twice = attach(client, invoice, XML, "three.xml", "annex")

    assert twice.status_code == 422
    assert "is attached already" in twice.text
    assert [one.name for one in attached(invoice) + attached(draft)] == ["one.xml", "two.xml"]


@pytest.mark.parametrize(
    ("content", "name", "kind", "said"),
    [
        (b"", "a.xml", "xml", "is empty"),
        (b"<a>", "a.xml", "xml", "cannot be used here"),
        (b"%PDF-1.7", "a.pdf", "xml", "is not an XML file"),
        (b"MZ", "a.exe", "annex", "cannot be used here"),
        (b"x" * 10_000_001, "a.txt", "annex", "larger than 10 MB"),
    ],
)
def test_what_cannot_be_attached_is_told(
    app: Flask, sign_in: SignIn, rows: Rows, content: bytes, name: str, kind: str, said: str
) -> None:
    client = sign_in("clerk", lang="en")
    answer = attach(client, rows.keys["invoice"], content, name, kind)
    assert answer.status_code == 422
    assert said in answer.text
    assert attached(rows.keys["invoice"]) == []


def test_readers_attach_nothing_and_nobody_reaches_other_documents(
    app: Flask, sign_in: SignIn, rows: Rows, foreign: Rows
) -> None:
    """T1: another organization's document, and another document's file, are as if they did not exist."""
    clerk = sign_in("clerk", lang="en")
    key = rows.keys["invoice"]
    assert attach(sign_in("reader"), key, XML, "a.xml").status_code == 403
    assert "attach/" not in sign_in("reader").get(f"/admin/invoice/details/?id={key}").text
    assert attach(clerk, foreign.keys["invoice"], XML, "a.xml").status_code == 404
    assert attach(clerk, key, XML, "a.xml").status_code == 302
    file = attached(key)[0].id
    draft = rows.records["draft"].id
    for route in ("attachment", "detach"):
        assert clerk.get(f"/admin/invoice/{route}/?id={draft}&file={file}").status_code == 404
        assert clerk.get(f"/admin/quote/{route}/?id={key}&file={file}").status_code == 404


def test_the_pdf_is_an_entry_of_the_rows_menu(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """It opens in a tab of its own; a draft has none."""
    client = sign_in("reader", lang="en")
    key = rows.keys["invoice"]
    page = client.get("/admin/invoice/").text
    entry = re.search(r'<a [^>]*data-url="([^"]*/pdf/[^"]*)"[^>]*>', page)
    assert entry
    assert 'target="_blank"' in entry[0]
    answer = client.get(entry[1].replace("__id__", str(key)))
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    draft = rows.records["draft"].id
    assert client.get(entry[1].replace("__id__", str(draft))).status_code == 409
    off = re.search(rf'data-menu="{draft}"[^>]*data-off="([^"]*)"', page)
    assert off
    assert "pdf" in off[1].split()
