"""The rehearsal at the door: asked for, watched, looked at as it arrived (N-06)."""

import html

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.suppression import Suppression
from models.people.organization import Organization
from models.tenancy import acting_in
from services.mailings.rehearsal import rehearsal_of
from services.mailings.rehearsing import carry_out
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered
from tests.factories.people import make_organization
from tests.factories.saving import saved


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings, customers=3, title="Julio")


def url_of(mailing: Mailing, more: str = "") -> str:
    return f"/mailings/{mailing.public_id}/rehearsal{more}"


def work(mailing: Mailing, settings: Settings) -> None:
    """As a worker does."""
    found = rehearsal_of(mailing)
    assert found is not None
    carry_out(found.id, Workshop(settings.files_url, settings.public_base_url))
    db.session.expire_all()


def text_of(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return html.unescape(answer.text)


def test_from_the_button_to_the_result(
    sign_in: SignIn, mailing: Mailing, settings: Settings
) -> None:
    """N-06: "3 of 3 messages arrived in the viewer"; the mailing waits as before."""
    client = sign_in("clerk", lang="en")
    assert "Nothing has been rehearsed yet" in text_of(client, url_of(mailing))

    assert client.post(url_of(mailing)).status_code == 302
    running = text_of(client, url_of(mailing))
    assert "0 of 3 done" in running and f'hx-get="{url_of(mailing, "/progress")}"' in running
    assert client.get(url_of(mailing, "/progress")).status_code == 200
    work(mailing, settings)
    ended = client.get(url_of(mailing, "/progress"))
    page = text_of(client, url_of(mailing))

    assert (ended.status_code, ended.headers["HX-Refresh"]) == (204, "true")
    assert "3 of 3 messages arrived in the viewer. Nothing has left." in page
    assert mailing.state is MailingState.REGISTERED


def test_a_message_is_shown_as_it_arrived(
    sign_in: SignIn, mailing: Mailing, settings: Settings
) -> None:
    client = sign_in("clerk", lang="en")
    client.post(url_of(mailing))
    work(mailing, settings)
    delivery = db.session.scalars(
        select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    ).all()[1]
    place = url_of(mailing, f"/{delivery.public_id}")

    shown = text_of(client, url_of(mailing, f"?m=m{delivery.id}"))
    source = text_of(client, url_of(mailing, f"?m=m{delivery.id}&view=message&as=source"))
    frame = client.get(f"{place}/frame")
    whole = client.get(f"{place}/message.eml")
    pdf = client.get(f"{place}/files/1")
    picture = client.get(f"{place}/files/1/1.png")

    assert delivery.recipient in shown and delivery.subject in shown
    assert "Date: " in source and "[...]" in source
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert whole.data.startswith(b"Date: ") and whole.mimetype == "message/rfc822"
    assert pdf.data.startswith(b"%PDF") and picture.mimetype == "image/png"
    assert client.get(f"{place}/files/9").status_code == 404


def test_anomalies_can_be_looked_at_alone(
    sign_in: SignIn, mailing: Mailing, settings: Settings
) -> None:
    client = sign_in("clerk", lang="en")
    delivery = db.session.scalars(select(Delivery).order_by(Delivery.id)).first()
    assert delivery is not None
    saved(Suppression(address_norm=delivery.recipient_norm))
    db.session.commit()
    client.post(url_of(mailing))
    work(mailing, settings)

    page = text_of(client, url_of(mailing, "?show=review"))

    assert "3 of 3 messages arrived in the viewer; 1 with an anomaly." in page
    assert "On the suppression list" in page
    assert page.count('id="row-m') == 1


def test_nobody_else_sees_it(sign_in: SignIn, mailing: Mailing, settings: Settings) -> None:
    """T1: another organization's staff, and roles that may look only."""
    client = sign_in("clerk")
    client.post(url_of(mailing))
    work(mailing, settings)
    delivery = db.session.scalars(select(Delivery).order_by(Delivery.id)).first()
    assert delivery is not None
    with acting_in(mailing.organization_id):
        other = make_organization()
        db.session.commit()
    foreigner = sign_in("administrator", at=other)
    reader = sign_in("reader")

    for more in ("", "/progress", f"/{delivery.public_id}/frame", f"/{delivery.public_id}/files/1"):
        assert foreigner.get(url_of(mailing, more)).status_code == 404
        assert reader.get(url_of(mailing, more)).status_code == 403
    assert foreigner.post(url_of(mailing)).status_code == 404


def test_what_has_begun_is_not_rehearsed(sign_in: SignIn, mailing: Mailing) -> None:
    client = sign_in("clerk", lang="en")
    client.post(f"/mailings/{mailing.public_id}/start")

    answer = client.post(url_of(mailing))

    assert "This is not possible now" in text_of(client, answer.location)
    assert rehearsal_of(mailing) is None
    assert "Rehearse now" not in text_of(client, url_of(mailing))
