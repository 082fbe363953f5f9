"""Writing a mailing: kept as a draft, refused at its field, scheduled, with copies and a second language."""

import html
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db, utc_now
from models.mailings.mailing import AudienceMode, Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.message_template import MessageTemplate
from models.people.customer import Customer
from models.sales.document import CreditNote
from models.sales.document_state import DocumentState
from services.mailings import flow
from services.mailings.reaper import start_scheduled
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.admin_views.mailing_writing.writing import fields, text_of, the_only_mailing
from tests.factories.sales import make_document
from tests.factories.saving import saved


def test_a_form_is_kept_as_it_is_and_found_again(clerk: FlaskClient) -> None:
    """S1-11: a draft is kept, right or wrong, and opens as it was left."""
    first = clerk.post("/mailings/draft", data=fields(number_from="900", body="Half a sen"))
    mailing = the_only_mailing()
    again = clerk.post(
        "/mailings/draft", data=fields(draft=str(mailing.public_id), body="Half a sentence", cc="x")
    )
    console = clerk.get(f"/mailings/?mailing={mailing.public_id}")
    page = clerk.get(f"/mailings/{mailing.public_id}/edit")

    assert first.headers["HX-Replace-Url"] == f"/mailings/{mailing.public_id}/edit"
    assert f'name="draft" value="{mailing.public_id}"' in first.text
    assert "Saved at" in again.text
    assert the_only_mailing().state is MailingState.DRAFT
    assert "Keep editing" in console.text and "Not registered yet" in console.text
    assert "Half a sentence</textarea>" in page.text
    assert "x</textarea>" in page.text


def test_a_kept_draft_is_registered_as_the_same_mailing(clerk: FlaskClient) -> None:
    """S1-11."""
    clerk.post("/mailings/draft", data=fields())
    mailing = the_only_mailing()

    answer = clerk.post("/mailings/new", data=fields(draft=str(mailing.public_id)))

    assert answer.status_code == 302
    assert the_only_mailing().is_being_registered


def test_nobody_changes_what_is_being_registered(clerk: FlaskClient) -> None:
    """S1-11: what was shown is what is sent."""
    clerk.post("/mailings/new", data=fields(title="First"))
    mailing = the_only_mailing()
    draft = str(mailing.public_id)

    kept = clerk.post("/mailings/draft", data=fields(draft=draft, title="Second"))
    changed = clerk.post(f"/mailings/{draft}/edit", data=fields(title="Third"))
    console = clerk.get(f"/mailings/?mailing={draft}").text

    assert "being registered at this moment" in kept.text
    assert changed.status_code == 409
    assert the_only_mailing().title == "First"
    assert "Keep editing" not in console


def test_a_draft_of_nobody_is_a_new_one(clerk: FlaskClient) -> None:
    for wrong in ("", "nonsense"):
        assert clerk.post("/mailings/draft", data=fields(draft=wrong)).status_code == 200


def test_copies_answers_and_files_are_kept(clerk: FlaskClient) -> None:
    """X1-07, S1-09: a list pasted from a sheet; the archive gets only the first sending."""
    clerk.post(
        "/mailings/new",
        data=fields(
            cc="Ana\tana@example.com\r\nLuis\tluis@example.com",
            bcc='"Peñalba, S. A." <archivo@example.com>; b@example.com',
            bcc_once="y",
            cc_roles="technical",
            reply_to="answers@example.com",
            files=["xml", "annex"],
            contacts="everybody",
        ),
    )

    mailing = the_only_mailing()
    assert mailing.cc == ["ana@example.com", "luis@example.com"]
    assert mailing.bcc == ["archivo@example.com", "b@example.com"]
    assert (mailing.bcc_once, mailing.cc_roles) == (True, ["technical"])
    assert mailing.reply_to == "answers@example.com"
    assert mailing.extra_file_kinds == ["xml", "annex"]
    assert [way.mode for way in mailing.audience] == [AudienceMode.EVERYBODY]


@pytest.mark.parametrize(
    ("changed", "place", "sentence"),
    [
        ({"cc": "ana@example.com\nnobody"}, "cc", "This is not an e-mail address: “nobody”."),
        ({"bcc": "a@@b"}, "bcc", "This is not an e-mail address: “a@@b”."),
        ({"reply_to": "me"}, "reply_to", "This is not an e-mail address: “me”."),
        ({"number_to": "FX-203"}, "series", "A range has one series; here are several: FV, FX."),
        ({"series": "", "number_from": "FX-201"}, "series", "There is no series “FX”."),
        ({"credit_notes": "y"}, "credit_series", "Say which credit notes"),
        ({"contacts": "contacts"}, "people", "Choose at least one contact."),
        ({"variant_subject": "Only"}, "variant_body", "both a subject and a message"),
        (
            {"variant_subject": "{{ custmer.name }}", "variant_body": "x"},
            "variant_subject",
            "Did you mean “customer.name”?",
        ),
        ({"when": "schedule"}, "day", "Choose a day."),
        (
            {"when": "schedule", "day": "2020-01-01", "time": "09:00"},
            "time",
            "This moment has passed.",
        ),
        (
            {
                "when": "schedule",
                "day": "2027-03-28",
                "time": "02:30",
                "zone": "Europe/Madrid",
            },
            "time",
            "there is no 02:30",
        ),
    ],
)
def test_an_error_stands_at_its_field(
    clerk: FlaskClient, changed: dict[str, str], place: str, sentence: str
) -> None:
    """S1-06, S1-07, S1-10, S1-11, X1-07."""
    answer = clerk.post("/mailings/new", data=fields(**changed))

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert sentence in html.unescape(answer.text)
    assert db.session.scalar(select(Mailing)) is None


def test_credit_notes_go_with_their_own_range(
    clerk: FlaskClient, customers: list[Customer]
) -> None:
    """S1-09: several kinds, each with its range, in one e-mail to the customer."""
    make_document(customers[0], kind=CreditNote, series="NC", number="7")
    make_document(customers[1], kind=CreditNote, series="NC", number="8", state=DocumentState.DRAFT)
    db.session.commit()
    both = fields(credit_notes="y", credit_from="NC-7", credit_to="NC-9")

    text = text_of(clerk.post("/mailings/new/summary", data=both))
    clerk.post("/mailings/new", data=both)

    assert '<dt>Credit notes</dt><dd class="num mid">1</dd>' in text
    assert "4 documents" in text and "The number NC-9 does not exist." in text
    assert [part.kind.value for part in the_only_mailing().ranges] == ["invoice", "credit_note"]


def test_a_text_is_kept_under_a_name_in_both_languages(clerk: FlaskClient) -> None:
    """S1-10."""
    written = fields(
        keep_text="1", template_name="Monthly", variant_subject="Invoice", variant_body="Here"
    )
    clerk.post("/mailings/new", data=written)
    clerk.post("/mailings/new", data={**written, "subject": "Changed"})
    part = clerk.post("/mailings/new/text", data=fields(template="Monthly"))

    kept = {each.lang: each for each in db.session.scalars(select(MessageTemplate))}
    assert (kept["es"].subject, kept["es"].revision) == ("Changed", 2)
    assert (kept["en"].body_html, kept["en"].revision) == ("<p>Here</p>", 1)
    assert 'value="Changed"' in part.text and "Here</textarea>" in part.text


def test_a_text_without_a_name_is_not_kept(clerk: FlaskClient) -> None:
    answer = clerk.post("/mailings/new", data=fields(keep_text="1"))

    assert answer.status_code == 422
    assert "Give the text a name." in answer.text


def test_a_period_fills_the_dates(clerk: FlaskClient) -> None:
    """S1-07: without script, too."""
    page = clerk.post("/mailings/new", data=fields(period="this_year")).text

    assert f'value="{utc_now().year}-01-01"' in page
    assert f'value="{utc_now().year}-12-31"' in page


def test_a_filter_of_the_list_is_said_and_travels_as_a_filter(clerk: FlaskClient) -> None:
    """S1-05: however many invoices it shows."""
    clerk.get("/mailings/", query_string={"from": "/admin/invoice/?flt_state=posted&search=Kunde"})
    page = html.unescape(clerk.get("/mailings/new").text)
    text = text_of(
        clerk.post(
            "/mailings/new/summary",
            data={**fields(series="", number_from="", number_to=""), "view": "search=FV-202"},
        )
    )

    assert "Only the 3 invoices that the list shows" in page
    assert "State:" in page and "“Kunde”" in page
    assert '<dt>Invoices</dt><dd class="num mid">1</dd>' in text


@pytest.mark.parametrize("zone", ["America/Buenos_Aires", "America/Argentina/Buenos_Aires"])
def test_an_old_name_of_a_time_zone_is_taken(
    clerk: FlaskClient, settings: Settings, zone: str
) -> None:
    """S1-06: a draft, or a browser that proposes it, may call the zone as it was called before."""
    soon = utc_now() + timedelta(days=2)
    moment = {"when": "schedule", "day": f"{soon:%Y-%m-%d}", "time": "09:00", "zone": zone}
    clerk.post("/mailings/draft", data=fields(**moment))
    draft = the_only_mailing()
    page = clerk.get(f"/mailings/{draft.public_id}/edit").text

    answer = clerk.post(f"/mailings/{draft.public_id}/edit", data=fields(**moment))

    assert '<option selected value="America/Argentina/Buenos_Aires">' in page
    assert answer.status_code == 302
    assert the_only_mailing().scheduled_zone == "America/Argentina/Buenos_Aires"


def test_a_mailing_is_scheduled_when_it_is_registered_and_begins(
    clerk: FlaskClient, settings: Settings
) -> None:
    """S1-06: it can be changed and given up until then, and starts by itself."""
    soon = utc_now() + timedelta(days=2)
    clerk.post(
        "/mailings/new",
        data=fields(when="schedule", day=f"{soon:%Y-%m-%d}", time="09:00", zone="Europe/Madrid"),
    )
    mailing = the_only_mailing()
    register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))
    key = mailing.public_id
    console = text_of(clerk.get(f"/mailings/?mailing={key}"))

    moved = clerk.post(
        f"/mailings/{key}/schedule",
        data={"day": f"{soon:%Y-%m-%d}", "time": "10:00", "zone": "Europe/Madrid"},
    )
    late = clerk.post(
        f"/mailings/{key}/schedule", data={"day": "2020-01-01", "time": "10:00", "zone": "UTC"}
    )
    assert "09:00 in Europe/Madrid" in console and "Reschedule" in console
    assert f"{soon:%b} {soon.day}, 09:00 in Madrid" in console  # its row in the list
    assert (moved.status_code, late.status_code) == (302, 422)
    assert the_only_mailing().state is MailingState.SCHEDULED

    clerk.post(f"/mailings/{key}/unschedule")
    assert the_only_mailing().state is MailingState.REGISTERED
    assert the_only_mailing().scheduled_at is None

    flow.schedule(mailing.id, utc_now() + timedelta(seconds=60))
    db.session.execute(Mailing.__table__.update().values(scheduled_at=utc_now()))
    db.session.commit()
    assert start_scheduled() == 1
    assert the_only_mailing().state is MailingState.SENDING


def test_a_reader_writes_nothing(sign_in: SignIn, customers: list[Customer]) -> None:
    reader = sign_in("reader")

    for path in ("draft", "example", "new/summary", "new/left-out", "new/text"):
        assert reader.post(f"/mailings/{path}", data=fields()).status_code == 403
    assert reader.get("/mailings/new/people").status_code == 403


def test_contacts_are_found_by_name(clerk: FlaskClient) -> None:
    """S1-08: single contacts."""
    saved(MessageTemplate(code="x", subject="s", body_html="b"))
    found = clerk.get("/mailings/new/people?query=ana 2").json

    assert [name for _key, name in found] == ["Ana 2"]
