"""The console's door: what each role may do, what each state allows, and whose mailings there are."""

import re

import pytest
from flask import Flask
from sqlalchemy import update

from models.base import db, utc_now
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_state import MailingState
from models.people.organization import Organization
from models.tenancy import acting_in
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_contact, make_customer, make_organization
from tests.factories.sales import make_document

ACTIONS = ("documents", "test", "recipients", "rehearse", "start", "stop")


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings)


def enabled(page: str) -> set[str]:
    """The buttons of the toolbar that work."""
    return {
        name
        for name in ACTIONS
        if (tag := re.search(rf'<(?:a|button)[^>]*id="do-{name}"[^>]*>', page))
        and " disabled" not in tag[0]
    }


def test_nothing_is_enabled_before_a_mailing_is_chosen(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-12: none selected, the five actions are disabled, and the reason is said."""
    page = sign_in("clerk", lang="en").get("/mailings/")

    assert page.status_code == 200
    assert enabled(page.text) == set()
    assert "Choose a mailing in the list first." in page.text
    assert "checked" not in re.findall(r'<input[^>]*type="radio"[^>]*>', page.text)[0]


def test_choosing_enables_what_the_state_allows(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-12: exactly those valid in its state, without script too."""
    page = sign_in("clerk").get(f"/mailings/?mailing={mailing.public_id}")

    assert enabled(page.text) == {"documents", "test", "recipients", "rehearse", "start"}


def test_radio_button_asks_for_card_and_toolbar(sign_in: SignIn, mailing: Mailing) -> None:
    part = sign_in("clerk").get(
        f"/mailings/{mailing.public_id}/chosen", headers={"HX-Request": "true"}
    )

    assert enabled(part.text) == {"documents", "test", "recipients", "rehearse", "start"}
    assert part.headers["HX-Push-Url"] == f"/mailings/?mailing={mailing.public_id}"
    assert "<html" not in part.text


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MailingState.SENDING, {"documents", "test", "recipients", "stop"}),
        (MailingState.STOPPING, {"documents", "test", "recipients"}),
        (MailingState.STOPPED, {"documents", "test", "recipients", "rehearse", "start"}),
        (MailingState.FINISHED, {"documents", "test", "recipients"}),
        (MailingState.CANCELLED, {"documents", "recipients"}),
    ],
)
def test_each_state_allows_its_actions(
    sign_in: SignIn, mailing: Mailing, state: MailingState, expected: set[str]
) -> None:
    """S1-12, S1-19."""
    mailing.state = state
    db.session.commit()

    page = sign_in("clerk").get(f"/mailings/?mailing={mailing.public_id}")

    assert enabled(page.text) == expected


def test_a_reader_looks_and_does_nothing(sign_in: SignIn, mailing: Mailing) -> None:
    reader = sign_in("reader")

    page = reader.get(f"/mailings/?mailing={mailing.public_id}")

    assert enabled(page.text) == {"documents", "recipients"}
    for path in ("start", "stop", "cancel", "test"):
        assert reader.post(f"/mailings/{mailing.public_id}/{path}").status_code == 403
    assert reader.get("/mailings/new").status_code == 403
    assert db.session.get(Mailing, mailing.id).state is MailingState.REGISTERED


def test_polling_ends_with_the_mailing(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-18: the card asks again while it moves, and no more at the end."""
    client = sign_in("clerk")
    url = f"/mailings/{mailing.public_id}/progress?state=sending"

    mailing.state = MailingState.SENDING
    db.session.commit()
    moving = client.get(url).text
    mailing.state = MailingState.FINISHED
    db.session.commit()
    ended = client.get(url).text

    assert "every 2s" in moving and 'id="toolbar"' not in moving
    assert "every 2s" not in ended and 'id="toolbar"' in ended


def test_the_way_back_keeps_the_filter(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-20: the inverted arrow leads to the list as it was left."""
    client = sign_in("clerk")
    client.get("/mailings/?from=/admin/invoice/?flt_state=posted%26after=x")

    page = client.get(f"/mailings/?mailing={mailing.public_id}").text

    assert 'href="/admin/invoice/?flt_state=posted&amp;after=x"' in page


def test_the_way_back_never_leaves_this_site(sign_in: SignIn, mailing: Mailing) -> None:
    client = sign_in("clerk")
    client.get("/mailings/?from=//evil.example/")

    assert "evil.example" not in client.get("/mailings/").text


def test_the_list_of_invoices_leads_here(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-05: with its filter."""
    page = sign_in("clerk").get("/admin/invoice/?flt_state=posted").text

    assert (
        '/mailings/?from=/admin/invoice/?flt_state%3Dposted"' in page or "/mailings/?from=" in page
    )


def test_the_menu_has_it_below_common_tasks(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-03."""
    page = sign_in("clerk", lang="en").get("/").text

    assert "Common tasks" in page
    assert 'href="/mailings/"' in page


ROUTES = [
    ("GET", "/mailings/?mailing={m}"),
    ("GET", "/mailings/{m}/chosen"),
    ("GET", "/mailings/{m}/progress"),
    ("GET", "/mailings/{m}/invoices"),
    ("GET", "/mailings/{m}/invoices/1.pdf"),
    ("GET", "/mailings/{m}/gallery"),
    ("GET", "/mailings/{m}/gallery/{m}/frame"),
    ("GET", "/mailings/{m}/gallery/{m}/message.eml"),
    ("GET", "/mailings/{m}/gallery/{m}/files/1"),
    ("GET", "/mailings/{m}/gallery/{m}/files/1/1.png"),
    ("POST", "/mailings/{m}/anomalies/1"),
    ("GET", "/mailings/{m}/rehearsal"),
    ("POST", "/mailings/{m}/rehearsal"),
    ("GET", "/mailings/{m}/rehearsal/progress"),
    ("GET", "/mailings/{m}/rehearsal/{m}/frame"),
    ("GET", "/mailings/{m}/rehearsal/{m}/message.eml"),
    ("GET", "/mailings/{m}/rehearsal/{m}/files/1"),
    ("GET", "/mailings/{m}/rehearsal/{m}/files/1/1.png"),
    ("GET", "/mailings/{m}/recipients"),
    ("GET", "/mailings/{m}/recipients/export?format=csv"),
    ("GET", "/mailings/{m}/retry"),
    ("POST", "/mailings/{m}/retry"),
    ("GET", "/mailings/{m}/why"),
    ("GET", "/mailings/{m}/why/1"),
    ("POST", "/mailings/{m}/cure/1"),
    ("GET", "/mailings/{m}/start"),
    ("POST", "/mailings/{m}/start"),
    ("POST", "/mailings/{m}/stop"),
    ("GET", "/mailings/{m}/cancel"),
    ("POST", "/mailings/{m}/cancel"),
    ("GET", "/mailings/{m}/test"),
    ("POST", "/mailings/{m}/test"),
    ("GET", "/mailings/{m}/test/samples"),
    ("GET", "/mailings/{m}/edit"),
    ("POST", "/mailings/{m}/edit"),
    ("GET", "/mailings/{m}/example"),
    ("GET", "/mailings/{m}/example/message"),
    ("GET", "/mailings/{m}/schedule"),
    ("POST", "/mailings/{m}/schedule"),
    ("POST", "/mailings/{m}/unschedule"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_mailings_of_another_company_do_not_exist(
    app: Flask, sign_in: SignIn, mailing: Mailing, method: str, path: str
) -> None:
    other = make_organization()
    with acting_in(other.id):
        foreign = make_draft()
        db.session.commit()
        key = foreign.public_id
    client = sign_in("clerk")

    answer = client.open(path.format(m=key), method=method)

    assert answer.status_code == 404
    assert "Invoices of July" not in answer.text


def test_every_route_of_mailings_is_walked(app: Flask) -> None:
    """No route is forgotten in the list above."""
    rules = {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("mailing_console.")
        for method in rule.methods & {"GET", "POST"}
    }
    walked = {
        (method, re.sub(r"\{m\}|(?<=/)1\b", "<>", path.partition("?")[0]))
        for method, path in ROUTES
    }
    of_company = {(m, re.sub(r"<[^>]*>", "<>", rule)) for m, rule in rules if "<" in rule}

    assert of_company <= walked | {("GET", "/mailings/")}


def test_posts_without_token_are_refused(sign_in: SignIn, mailing: Mailing) -> None:
    client = sign_in("clerk", csrf=True)

    assert client.post(f"/mailings/{mailing.public_id}/start").status_code == 400
    assert db.session.get(Mailing, mailing.id).state is MailingState.REGISTERED


def test_what_goes_on_is_said_as_it_is(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-18, S1-19: a mailing that is stopping has no end to wait for, and does not go on."""
    client = sign_in("clerk", lang="en")
    url = f"/mailings/?mailing={mailing.public_id}"

    mailing.state, mailing.started_at = MailingState.SENDING, utc_now()
    db.session.commit()
    sending = client.get(url).text
    mailing.state = MailingState.STOPPING
    db.session.commit()
    stopping = client.get(url).text

    assert "You can close this page: the work continues" in sending
    assert "What is on its way still ends" in stopping
    assert "the work continues" not in stopping and "ends at" not in stopping


def test_errors_though_all_were_sent_are_explained(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-18: where one of several addresses was refused, nothing is missing and something is wrong."""
    db.session.execute(update(DeliveryState).values(state=DeliveryStatus.SENT, sent_at=utc_now()))
    mailing.state = MailingState.FINISHED_WITH_ERRORS
    db.session.commit()

    page = sign_in("clerk", lang="en").get("/mailings/").text

    assert "2 sent · some in part" in page
    assert "0 not" not in page


def test_a_draft_that_a_worker_is_at_is_registering(sign_in: SignIn, organization: object) -> None:
    """S1-11: in the list and on the card; a draft that somebody writes is a draft."""
    draft = make_draft()
    db.session.commit()
    client = sign_in("clerk", lang="en")
    url = f"/mailings/?mailing={draft.public_id}"
    written = client.get(url).text

    draft.register_asked_at = utc_now()
    db.session.commit()
    registering = client.get(url).text

    assert "Registering</span>" not in written and "Draft</span>" in written
    assert registering.count("Registering</span>") == 2 and "Draft</span>" not in registering


def test_who_was_left_out_is_counted_on_the_card(
    sign_in: SignIn, organization: Organization, settings: Settings
) -> None:
    """S1-16: with the way to the list of them; nobody, nothing."""
    reached = make_customer()
    make_contact(reached)
    for customer in (reached, make_customer(), make_customer()):
        make_document(customer)
    some = make_registered(settings, ranges=[MailingRange(series="FV")])
    client = sign_in("clerk", lang="en")

    card = client.get(f"/mailings/?mailing={some.public_id}").text

    assert "2 were left out when it was registered" in card
    assert f'href="/mailings/{some.public_id}/recipients?show=excluded"' in card
    none = client.get(f"/mailings/?mailing={make_registered(settings).public_id}").text
    assert "left out when it was registered" not in none
