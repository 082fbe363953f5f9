"""What processes keep of a company, and that they never keep it for too long."""

import psycopg
from sqlalchemy import select

from models.base import db
from models.portal.portal_user import MembershipState, PortalMembership
from models.sales.document import SalesOrder
from tests.factories.sales import make_document


def test_a_change_of_the_company_is_there_with_the_next_page(stand, superuser_dsn) -> None:
    """Whoever makes it: here another process, by SQL, without touching any time stamp of ours."""
    window = stand()
    assert "Distinta S.A." not in window.get("/").text

    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE organization SET legal_name = 'Distinta S.A.' WHERE id = %s",
            [window.customer.organization_id],
        )

    assert "Distinta S.A." in window.get("/").text


def test_a_feature_that_is_switched_off_is_gone_with_the_next_click(stand, superuser_dsn) -> None:
    """S2: what is off is absent and answers 404."""
    window = stand()
    make_document(window.customer, kind=SalesOrder)
    db.session.commit()
    assert "/sales-orders" in window.get("/").text
    assert window.get("/sales-orders").status_code == 200

    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("UPDATE portal_settings SET show_sales_orders = false")

    assert window.get("/sales-orders").status_code == 404
    assert "/sales-orders" not in window.get("/").text


def test_the_rights_of_a_visitor_are_never_kept(stand) -> None:
    window = stand()
    assert window.get("/").status_code == 200

    member = db.session.scalars(select(PortalMembership)).one()
    member.state = MembershipState.SUSPENDED
    db.session.commit()

    assert window.get("/").status_code == 302


def test_what_goes_wrong_while_a_visit_is_found_is_said_as_ever(stand, superuser_dsn) -> None:
    """The driver is asked without SQLAlchemy between; what went wrong is still said as of all statements."""
    window = stand()
    assert window.get("/").status_code == 200

    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute(
            "REVOKE EXECUTE ON FUNCTION find_visit(text, text, text, int) FROM ventanilla_portal"
        )
        try:
            refused = window.get("/").status_code
        finally:
            connection.execute(
                "GRANT EXECUTE ON FUNCTION find_visit(text, text, text, int) TO ventanilla_portal"
            )

    assert refused == 500
    assert window.get("/").status_code == 200
