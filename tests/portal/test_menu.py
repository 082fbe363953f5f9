"""P-18: the menu of the portal has what is switched on and what is for the visitor's role."""

import re

import pytest
from sqlalchemy import update

from models.base import db
from models.portal.portal_settings import PortalSettings

ALWAYS = {"home", "invoices", "quotes", "account", "payments", "credit-notes", "statements"}
SWITCHED = {"sales-orders", "projects", "reviews"}


def switch(*, is_on: bool) -> None:
    db.session.execute(
        update(PortalSettings).values(
            show_sales_orders=is_on, show_projects=is_on, allow_reviews=is_on
        )
    )
    db.session.commit()


def menu_of(window) -> set[str]:
    """The last part of every address in the frame of the home page, among those of the menus."""
    page = window.get("/").text
    frame = re.sub(r"<main.*?</main>", "", page, flags=re.DOTALL)
    found = set(re.findall(rf'href="{window.root}/([\w-]*)"', frame))
    return {each or "home" for each in found} & (ALWAYS | SWITCHED)


def test_P_18_what_is_off_is_absent(stand):
    """S2-20, S2-21, S2-23: and there again when it is on."""
    window = stand()

    switch(is_on=True)
    assert menu_of(window) == ALWAYS | SWITCHED
    switch(is_on=False)
    assert menu_of(window) == ALWAYS


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("billing", {"invoices", "credit-notes", "payments", "statements", "account"}),
        ("technical", {"sales-orders", "projects"}),
        ("approver", {"quotes"}),
    ],
)
def test_P_18_what_is_not_for_a_role_is_absent(stand, role, seen):
    """P-10: and answers 404 by its address."""
    window = stand(roles=(role,), is_primary=False)
    switch(is_on=True)

    hidden = (ALWAYS | SWITCHED) - seen - {"home", "reviews"}

    assert menu_of(window) == {"home", "reviews"} | seen
    assert {each: window.get(f"/{each}").status_code for each in hidden} == dict.fromkeys(
        hidden, 404
    )
