"""The pages that say who uses which account, and the forms that ask for a sender."""

import html

import pytest
from sqlalchemy import select

from models.base import db
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.user import User
from models.tenancy import acting_in
from services.mailbox.account_grants import Use, allow
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_mail_account, make_organization, make_user

RIGHTS = "/admin/mail-rights/"


@pytest.fixture
def account(organization: Organization) -> MailAccount:
    made = make_mail_account(address="ventas@penalba.test")
    db.session.commit()
    return made


@pytest.fixture
def lucia(organization: Organization) -> User:
    user = make_user(organization, name="Lucía Ordóñez")
    db.session.commit()
    return user


def cell(account: MailAccount, user: User, shown: str = "nothing") -> str:
    return f"u-{account.id}-{user.id}-{shown}"


def grants() -> list[AccountGrant]:
    db.session.expire_all()
    return list(db.session.scalars(select(AccountGrant)))


def test_the_matrix_names_people_and_accounts(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: one form; what was not touched is not written."""
    admin = sign_in(lang="en")
    other = make_mail_account(address="cobros@penalba.test")
    db.session.commit()
    page = admin.get(RIGHTS).text
    assert "ventas@penalba.test" in page and "Lucía Ordóñez" in page
    assert "Everybody, until somebody is named" in page and cell(account, lucia) in page

    answer = admin.post(RIGHTS, data={cell(account, lucia): "send", cell(other, lucia): "nothing"})

    assert answer.status_code == 302
    assert [(g.account_id, g.user_id, g.can_read, g.can_send) for g in grants()] == [
        (account.id, lucia.id, False, True)
    ]
    assert "Only who is named" in admin.get(RIGHTS).text
    assert "Lucía Ordóñez" in admin.get(f"/admin/mail_account/details/?id={account.id}").text


def test_a_decision_of_somebody_else_is_not_overwritten(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: nothing of the form is kept, and it says why."""
    admin = sign_in(lang="en")
    allow(account, lucia, Use.READ)
    db.session.commit()

    answer = admin.post(RIGHTS, data={cell(account, lucia): "send"})

    assert answer.status_code == 409
    assert "Somebody else has changed what Lucía Ordóñez may do" in html.unescape(answer.text)
    assert [each.can_send for each in grants()] == [False]


def test_nobody_of_another_organization_is_named(
    sign_in: SignIn, account: MailAccount, organization: Organization
) -> None:
    """X4-08, T1: neither a stranger for our account, nor anybody for a foreign one."""
    place = make_organization()
    stranger = make_user(place, name="Stranger")
    with acting_in(place.id):
        foreign = make_mail_account()
    mine = make_user(organization)
    db.session.commit()
    admin = sign_in()
    assert "Stranger" not in admin.get(RIGHTS).text
    for name in (cell(account, stranger), cell(foreign, mine)):
        assert admin.post(RIGHTS, data={name: "send"}).status_code == 404
    assert admin.get(f"{RIGHTS}?account={foreign.public_id}").status_code == 404
    assert grants() == []
    globally = sign_in(is_global_admin=True)
    assert globally.post(RIGHTS, data={cell(account, stranger): "send"}).status_code == 422
    assert grants() == []


@pytest.mark.parametrize("role", ["clerk", "reader"])
def test_who_may_not_change_accounts_names_nobody(
    sign_in: SignIn, account: MailAccount, lucia: User, role: str
) -> None:
    """X4-08: denied by default."""
    client = sign_in(role)
    assert client.post(RIGHTS, data={cell(account, lucia): "send"}).status_code == 403
    assert client.post(f"{RIGHTS}defaults", data={"for-notices": account.id}).status_code == 403
    assert grants() == []


def test_everybody_chooses_their_own_accounts(sign_in: SignIn, account: MailAccount) -> None:
    """S4-01: one default per user and purpose; the mailing begins with it."""
    other = make_mail_account(address="cobros@penalba.test")
    db.session.commit()
    clerk = sign_in("clerk", lang="en")
    assert "My mail accounts" in clerk.get("/account").text
    assert "No choice (now ventas@penalba.test)" in clerk.get("/account").text

    assert clerk.post("/account/mail", data={"for-invoices": other.id}).status_code == 302

    chosen = db.session.scalars(select(AccountDefault)).one()
    assert (chosen.purpose, chosen.account_id) == (MailPurpose.INVOICES, other.id)
    assert (
        f'<option selected value="{other.id}">cobros@penalba.test'
        in clerk.get("/mailings/new").text
    )


def test_the_form_of_a_mailing_offers_what_one_may_use(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08, E-9: neither shown nor accepted."""
    make_mail_account(address="lucia@penalba.test", owner_id=lucia.id)
    db.session.commit()
    closed = db.session.scalars(MailAccount.at("lucia@penalba.test")).one()
    clerk = sign_in("clerk", lang="en")
    page = clerk.get("/mailings/new").text
    assert "ventas@penalba.test" in page and "lucia@penalba.test" not in page

    for url in ("/mailings/new", "/mailings/draft"):
        answer = clerk.post(url, data={"account": closed.id, "subject": "x", "body": "x"})
        assert "may not send as lucia@penalba.test" in html.unescape(answer.text)
    answer = clerk.post("/mailings/new", data={"account": closed.id, "save": "1"})
    assert answer.status_code == 403
    assert db.session.scalars(select(Mailing)).all() == []


def test_a_draft_says_that_its_account_was_withdrawn(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: with a cure, and without taking another account in silence."""
    draft = make_draft(account=account)
    make_mail_account(address="cobros@penalba.test")
    allow(account, lucia, Use.SEND)
    db.session.commit()
    page = html.unescape(
        sign_in("clerk", lang="en", name="Omar").get(f"/mailings/{draft.public_id}/edit").text
    )
    assert "Omar may not send as ventas@penalba.test. Choose another account" in page
    assert '<option selected value="">Choose…' in page


def test_a_registered_mailing_says_so_and_does_not_start(
    sign_in: SignIn, settings: Settings, account: MailAccount, lucia: User
) -> None:
    """X4-08: at the console and at the question; whoever may send as the account starts it."""
    mailing = make_registered(settings, account=account)
    allow(account, lucia, Use.SEND)
    db.session.commit()
    clerk = sign_in("clerk", lang="en", name="Omar")
    url = f"/mailings/{mailing.public_id}"
    sentence = "Omar may not send as ventas@penalba.test"

    assert sentence in clerk.get(f"/mailings/?mailing={mailing.public_id}").text
    for answer in (
        clerk.post(f"{url}/start"),
        clerk.post(f"{url}/test", data={"address": "me@penalba.test"}),
    ):
        assert answer.status_code == 403 and sentence in answer.text
    db.session.expire_all()
    assert mailing.state is MailingState.REGISTERED


def test_an_owner_is_a_colleague_and_then_it_is_not_shared(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """S4-01: the form of the account."""
    admin = sign_in(lang="en")
    fields = {
        "address": account.address,
        "smtp_host": "127.0.0.1",
        "smtp_port": "2525",
        "smtp_security": "none",
        "imap_port": "993",
        "imap_security": "tls",
        "connections": "2",
        "is_active": "y",
        "is_shared": "y",
        "owner": str(lucia.id),
        "row_version": str(account.version),
    }
    answer = admin.post(f"/admin/mail_account/edit/?id={account.id}", data=fields)
    assert answer.status_code == 302, answer.text
    db.session.expire_all()
    assert (account.owner_id, account.is_shared) == (lucia.id, False)


def test_taking_a_place_away_ends_the_rights(
    sign_in: SignIn, organization: Organization, account: MailAccount, lucia: User
) -> None:
    """X4-08: at the screen of the memberships."""
    mine = make_mail_account(owner_id=lucia.id)
    allow(account, lucia, Use.SEND)
    db.session.commit()
    place = db.session.scalars(
        select(UserMembership).where(UserMembership.user_id == lucia.id)
    ).one()

    answer = sign_in().post("/admin/user_membership/delete/", data={"id": place.id})

    assert answer.status_code == 302
    assert grants() == []
    assert (mine.owner_id, mine.is_shared) == (None, False)
