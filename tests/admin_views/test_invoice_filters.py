"""The list of invoices narrowed by what a mailing is chosen by: group of customers and series (S1-05, S1-07)."""

import html
import re

import pytest
from flask.testing import FlaskClient

from models.base import db
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def groups(organization: Organization) -> tuple[int, int]:
    """Shops, with FV-1 and (in the group below) FX-2; beside them FV-3 of nobody's group."""
    make_mail_account()
    shops = make_group(name="Shops")
    islands = make_group(name="Shops of the islands", parent_id=shops.id)
    for number, group, series in (("1", shops, "FV"), ("2", islands, "FX"), ("3", None, "FV")):
        customer = make_customer(customer_group_id=group.id if group else None)
        make_contact(customer)
        make_document(customer, series=series, number=number)
    db.session.commit()
    return shops.id, islands.id


@pytest.fixture
def clerk(sign_in: SignIn, groups: tuple[int, int]) -> FlaskClient:
    return sign_in("clerk", lang="en")


def labels(client: FlaskClient, query: str) -> set[str]:
    page = client.get(f"/admin/invoice/?{query}").text
    return set(re.findall(r'<a class="id"[^>]*>([^<]+)</a>', page))


def test_a_group_has_those_below_it(clerk: FlaskClient, groups: tuple[int, int]) -> None:
    """S1-05: as a mailing to the group takes it."""
    shops, islands = groups

    assert labels(clerk, f"flt_customer_group={shops}") == {"FV-1", "FX-2"}
    assert labels(clerk, f"flt_customer_group={islands}") == {"FX-2"}
    page = html.unescape(clerk.get(f"/admin/invoice/?flt_customer_group={shops}").text)
    assert "Customer group" in page and "Shops" in page


def test_a_series(clerk: FlaskClient) -> None:
    """S1-07: one or several; one that does not exist narrows nothing."""
    assert labels(clerk, "flt_series=FX") == {"FX-2"}
    assert labels(clerk, "flt_series=FX,FV") == labels(clerk, "flt_series=ZZ")
    assert 'name="value" value="FX"' in clerk.get("/admin/invoice/filter-value/?add=series").text


def test_a_mailing_begins_with_them(clerk: FlaskClient, groups: tuple[int, int]) -> None:
    """S1-05: the filter is the proposal, in words."""
    asked = f"/admin/invoice/?flt_customer_group={groups[0]}&flt_series=FV"

    page = html.unescape(clerk.get("/mailings/new", query_string={"from": asked}).text)

    assert "Only the invoice that the list shows with its filter" in page
    assert "Customer group: <b" in page and "Series: <b" in page


def test_groups_are_found_by_typing(clerk: FlaskClient, groups: tuple[int, int]) -> None:
    found = clerk.get("/admin/invoice/ajax/lookup/?name=customer_group&query=isla").json

    assert found == [[groups[1], "Shops of the islands"]]


def test_an_unknown_group_narrows_nothing(clerk: FlaskClient) -> None:
    assert len(labels(clerk, "flt_customer_group=999999")) == 3
