"""The way to a mailbox for somebody who has none (S3-03)."""

from models.base import db
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.mailbox import make_mailbox
from tests.factories.people import make_user


def test_whom_to_ask_is_named(sign_in: SignIn, organization: Organization) -> None:
    """S3-03: somebody who may set up accounts, for a mailbox of the team and for one of one's own."""
    chief = make_user(organization, role="administrator", name="Jorge Mario Tobón")
    other = make_user(organization)
    make_mailbox(address="cartera@penalba.example", owner_id=other.id)
    db.session.commit()

    page = sign_in("clerk").get("/mail/").text

    assert "Pídale a Jorge Mario Tobón una cuenta propia." in page
    assert f"mailto:{chief.email}" not in page  # there is no mailbox of the team to ask for


def test_nobody_to_ask(sign_in: SignIn, organization: Organization) -> None:
    """S3-03: nobody else may; it is said without a name."""
    page = sign_in("clerk").get("/mail/").text

    assert "Pida una cuenta propia a quien administra" in page
