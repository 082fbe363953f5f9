"""Every page of staff where there is something behind its address: looking at it changes nothing.

The walks of `test_route_walks.py` know the keys of declared screens; these are the keys of screens made by hand.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from models.base import db
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from models.portal.portal_text import PortalTextKind
from models.sales.document import Document
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from services.system.imports.fields import ImportSubject
from services.system.imports.runs import receive_upload
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows
from tests.factories.bulk import make_run
from tests.factories.mail_rows import make_mail_folder, make_mailbox
from tests.factories.mailbox import make_raw, receive
from tests.factories.mailings import make_draft
from tests.factories.people import make_user
from tests.factories.portal import make_access_request

Keys = Mapping[str, Sequence[object]]
# They lead on, have nothing to say (yet), or need what a test without a worker does not have.
NOTHING_TO_SHOW = {
    "document_address.document",
    "document_address.printed",
    "handbook.show_picture",
    "imports.progress",
    "imports.run",
    "imports.wrong_rows",
    "mail_area.message",
    "mail_area.picture",
    "mailing_console.rehearsal_file",
    "mailing_console.rehearsal_frame",
    "mailing_console.rehearsal_page",
    "mailing_console.rehearsal_progress",
    "mailing_console.rehearsal_source",
}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def keys(organization: Organization, rows: Rows, settings: Settings) -> dict[str, Keys]:
    """By blueprint, what its routes call their keys."""
    draft, ready = make_draft(customers=1), make_draft(customers=1)
    workshop = Workshop(files_url=settings.files_url, base_url="http://localhost", processes=1)
    register_mailing(ready, workshop)
    delivery = db.session.scalars(select(Delivery).where(Delivery.mailing_id == ready.id)).one()
    document = db.session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).one()
    clerk = make_user(organization)
    run = make_run(clerk, {"payment_terms_days": 45})
    sheet = receive_upload(
        b"number,name\nC1,Uno\n",
        "clientes.csv",
        subject=ImportSubject.CUSTOMERS,
        store=workshop.store,
        lang="es",
    )
    box = make_mailbox()
    letter = receive(box.inbox, make_raw(files=(("a.pdf", b"%PDF-1.7"),), html="<p>Hola</p>"))
    folder = make_mail_folder(box.account, path="Acuerdos")
    account = rows.records["mail_account"]
    kinds = [kind.value for kind in PortalTextKind]
    mailing = {
        "public_id": [draft.public_id, ready.public_id],
        "delivery_id": [delivery.public_id],
        "document_id": [document.id],
        "n": [1],
        "page": [1],
        "key": [f"m{delivery.id}"],
    }
    group = {"group_id": [rows.keys["customer_group"]], "kind": kinds}
    db.session.commit()
    return {
        "access_requests": {"public_id": [make_access_request().public_id]},
        "bulk_runs": {"public_id": [run.public_id]},
        "document_address": {"public_id": [document.public_id]},
        "handbook": {"name": ["set-up-the-portal"]},
        "imports": {"public_id": [sheet.public_id]},
        "mail_area": {
            "public_id": [letter.message.public_id, folder.public_id],
            "part": [0, 1],
        },
        "mail_permission": {"public_id": [account.public_id]},
        "mailing_console": mailing,
        "portal_emails": group,
        "portal_questions": group,
        "portal_revisions": group,
        "portal_texts": group,
    }


def pages(app: Flask, keys: Mapping[str, Keys]) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        names = PARAMETER.findall(rule.rule)
        known = keys.get(rule.endpoint.partition(".")[0], {})
        if "GET" in (rule.methods or set()) and names and known.keys() >= set(names):
            for url in _filled(rule, names, known):
                yield rule.endpoint, url


def _filled(rule: Rule, names: Sequence[str], known: Keys) -> list[str]:
    urls = [rule.rule]
    for name in names:
        urls = [re.sub(rf"<(?:\w+:)?{name}>", str(key), url) for url in urls for key in known[name]]
    return urls


@pytest.mark.parametrize("role", ["administrator", "clerk"])
def test_looking_changes_nothing(
    app: Flask,
    keys: dict[str, Keys],
    sign_in: SignIn,
    digest: Callable[[], dict[str, str]],
    role: str,
) -> None:
    """A page that is fetched beforehand, opened twice or sent to a colleague leaves every row as it was."""
    client = sign_in(role)
    before = digest()
    found: dict[str, set[int]] = {}
    for endpoint, url in pages(app, keys):
        found.setdefault(endpoint, set()).add(client.get(url).status_code)

    assert digest() == before
    assert {endpoint for endpoint, statuses in found.items() if max(statuses) >= 500} == set()
    empty = {endpoint for endpoint, statuses in found.items() if 200 not in statuses}
    assert role == "clerk" or empty == NOTHING_TO_SHOW
