"""What a level says of the portal's e-mails: S0-06 to S0-30, X0-09, X0-10, X0-12."""

import pytest
from sqlalchemy import select

from errors import Conflict
from models.base import db
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.group_portal import GroupPortal
from models.portal.portal_text import PortalText, PortalTextKind
from models.system.audit_event import AuditEvent
from services.portal.form_refused import FormRefused
from services.portal.group_levels import GroupSettings, LevelKind
from services.portal.group_mails import GroupMails, save_group_mails
from services.portal.portal_texts import Texts, restore, revisions_of
from tests.factories.accounts import make_own_account
from tests.factories.people import make_group, make_mail_account, make_user
from tests.factories.portal_texts import make_group_portal, make_text

K = PortalTextKind
RESET = '<p><a href="{{ reset_url }}">Nueva</a></p>'


@pytest.fixture
def group(organization: Organization) -> CustomerGroup:
    return make_group(name="Mayoristas", uses_portal=True)


def refused(group: CustomerGroup | None, **wanted: object) -> dict[str, str]:
    db.session.commit()
    with pytest.raises(FormRefused) as refusal:
        save_group_mails(group, GroupMails(lang="es", **wanted))
    db.session.rollback()
    return refusal.value.problems


def test_S0_01_what_a_group_says_is_its_own(group: CustomerGroup) -> None:
    others = make_group(name="Minoristas", uses_portal=True)
    make_text(K.ACCESS_EMAIL, "<p>{{ access_url }} minorista</p>", group=others)

    words = ("Acceso", "<p>{{ access_url }} mayorista</p>")
    save_group_mails(group, GroupMails(lang="es", texts={K.ACCESS_EMAIL: words}))

    assert Texts(group).said(K.ACCESS_EMAIL, "es").body_html == words[1]
    assert "minorista" in Texts(others).said(K.ACCESS_EMAIL, "es").body_html


def test_X0_12_a_level_that_says_nothing_takes_what_is_above(group: CustomerGroup) -> None:
    below = make_group(name="Norte", parent_id=group.id)
    assert Texts(below).said(K.NEW_PRIMARY, "es").level.kind is LevelKind.BUILT_IN

    make_text(K.NEW_PRIMARY, "<p>De la empresa</p>")
    assert Texts(below).said(K.NEW_PRIMARY, "es").level.kind is LevelKind.ORGANIZATION
    make_text(K.NEW_PRIMARY, "<p>Del grupo</p>", group=group)
    said = Texts(below).said(K.NEW_PRIMARY, "es")
    assert (said.body_html, said.level.name) == ("<p>Del grupo</p>", "Mayoristas")
    # X0-10: in a language that nobody has written in, the product's own words.
    assert Texts(below).said(K.NEW_PRIMARY, "en").level.kind is LevelKind.BUILT_IN

    make_group_portal(group, access_requests_to="cxc@acme.test")
    assert GroupSettings(below).said("access_requests_to").level.name == "Mayoristas"
    assert GroupSettings(below).reminder_days() == [3, 10]


def test_S0_06_addresses_are_checked(group: CustomerGroup) -> None:
    problems = refused(group, access_requests_to="nobody", sender="also nobody")

    assert set(problems) == {"access_requests_to", "sender"}


def test_S0_08_the_sender_must_be_able_to_send(group: CustomerGroup) -> None:
    organization = db.session.get_one(Organization, group.organization_id)
    make_own_account(make_user(organization, name="Ana"), "ana@acme.test")
    make_mail_account(address="apagada@acme.test", is_active=False)
    fine = make_mail_account(address="portal@acme.test")

    assert "cuenta" in refused(group, sender="nadie@acme.test")["sender"]
    assert "es de una persona" in refused(group, sender="ana@acme.test")["sender"]
    assert "desactivada" in refused(group, sender="apagada@acme.test")["sender"]

    save_group_mails(group, GroupMails(lang="es", sender="Portal@acme.test"))
    assert GroupSettings(group).sender() == fine


@pytest.mark.parametrize(
    ("kind", "subject", "body", "field", "words"),
    [
        (K.PASSWORD_RESET, "Clave", "<p>Hola</p>", "body", "reset_url"),  # S0-29
        (K.ACCESS_EMAIL, "Acceso", "<p>Hola</p>", "body", "access_url"),
        (K.ACCESS_EMAIL, "Acceso", "<p>{{ acces_url }}</p>", "body", "«access_url»"),
        (
            K.ACCESS_EMAIL,
            "A {{ document.number }}",
            "<p>{{ access_url }}</p>",
            "subject",
            "Se permiten",
        ),
        (K.NEW_PRIMARY, "Una\nDos", "<p>Hola</p>", "subject", "una sola línea"),  # S0-11
        (K.NEW_PRIMARY, "", "<p>Hola</p>", "subject", "asunto"),
        (K.NEW_PRIMARY, "Hola", " ", "body", "contenido"),
    ],
)
def test_S0_12_a_text_that_cannot_be_sent_is_refused(
    group: CustomerGroup, kind: K, subject: str, body: str, field: str, words: str
) -> None:
    problems = refused(group, texts={kind: (subject, body)})

    assert list(problems) == [f"{field}-{kind}"]
    assert words in problems[f"{field}-{kind}"]


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        pytest.param(K.VALIDATION_CONFIRMED, "portal_url", id="S0-14, S0-15"),
        pytest.param(K.NEW_PRIMARY, "previous_primary", id="S0-18, S0-19"),
        pytest.param(K.PREVIOUS_PRIMARY, "new_primary", id="S0-22, S0-23"),
        pytest.param(K.FORGOTTEN_USER_NAME, "user_names", id="S0-25, S0-26"),
        pytest.param(K.PASSWORD_RESET, "reset_url", id="S0-28, S0-29"),
    ],
)
def test_every_section_has_a_subject_and_a_content_of_its_own(
    group: CustomerGroup, kind: K, own: str
) -> None:
    """As S0-11 and S0-12: kept as they were written; a second line or a field of another matter is refused."""
    words = ("{{ company.name }}: ñ, 5 €", f"<p>{{{{ contact.name }}}}: {{{{ {own} }}}}</p>")
    save_group_mails(group, GroupMails(lang="es", texts={kind: words}))

    said = Texts(group).said(kind, "es")
    of_subject = refused(group, texts={kind: ("Una\nDos", words[1])})
    of_body = refused(group, texts={kind: (words[0], f"{words[1]}{{{{ document.number }}}}")})

    assert (said.subject, said.body_html) == words
    assert "una sola línea" in of_subject[f"subject-{kind}"]
    assert "Se permiten" in of_body[f"body-{kind}"]
    assert own in of_body[f"body-{kind}"]


def test_S0_30_all_sections_are_saved_or_none(group: CustomerGroup) -> None:
    texts = {K.NEW_PRIMARY: ("Bien", "<p>Bien</p>"), K.PASSWORD_RESET: ("Mal", "<p>Mal</p>")}

    refused(group, texts=texts, access_requests_to="cxc@acme.test")

    assert db.session.scalars(select(PortalText)).all() == []
    assert db.session.scalars(select(GroupPortal)).all() == []


def test_S0_30_the_audit_holds_old_and_new(group: CustomerGroup) -> None:
    make_text(K.PASSWORD_RESET, RESET, group=group, subject="Vieja")

    wanted = GroupMails(
        lang="es",
        texts={K.PASSWORD_RESET: ("Nueva", RESET)},
        revisions={K.PASSWORD_RESET: 1},
        boxes={"tells_new_primary": True},
    )
    assert save_group_mails(group, wanted)
    db.session.commit()

    [event] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "portal_mails"))
    assert event.before and event.after
    assert event.before["password_reset.es"]["subject"] == "Vieja"
    assert event.after["password_reset.es"]["subject"] == "Nueva"
    assert (event.before["tells_new_primary"], event.after["tells_new_primary"]) == (None, True)


def test_the_second_saver_is_told(group: CustomerGroup) -> None:
    make_text(K.PASSWORD_RESET, RESET, group=group)

    with pytest.raises(Conflict):
        save_group_mails(
            group,
            GroupMails(
                lang="es",
                texts={K.PASSWORD_RESET: ("Otra", RESET)},
                revisions={K.PASSWORD_RESET: 0},
            ),
        )


def test_X0_09_versions_are_kept_and_come_back(group: CustomerGroup) -> None:
    for number in range(3):
        save_group_mails(
            group,
            GroupMails(
                lang="es",
                texts={K.PASSWORD_RESET: (f"Versión {number + 1}", RESET)},
                revisions={K.PASSWORD_RESET: number},
            ),
        )

    restore(group, K.PASSWORD_RESET, "es", 1)

    rows = revisions_of(group, K.PASSWORD_RESET, "es")
    assert [(row.revision, row.subject, row.is_current) for row in rows] == [
        (4, "Versión 1", True),
        (3, "Versión 3", False),
        (2, "Versión 2", False),
        (1, "Versión 1", False),
    ]
    with pytest.raises(Conflict):
        restore(group, K.PASSWORD_RESET, "es", 4)


def test_what_runs_is_taken_out(group: CustomerGroup) -> None:
    body = '<p onclick="x()">Hola<script>alert(1)</script></p>'

    save_group_mails(group, GroupMails(lang="es", texts={K.NEW_PRIMARY: ("Hola", body)}))

    assert Texts(group).said(K.NEW_PRIMARY, "es").body_html == "<p>Hola</p>"


@pytest.mark.parametrize("typed", ["x", "0", "3, -1", "1 2 3 4", "999"])
def test_X0_11_days_of_reminders(group: CustomerGroup, typed: str) -> None:
    assert "reminder_days" in refused(group, reminder_days=typed)

    save_group_mails(group, GroupMails(lang="es", reminder_days="10, 3"))
    assert GroupSettings(group).reminder_days() == [3, 10]


def test_a_subject_may_have_any_letter(group: CustomerGroup) -> None:
    """S0-11: UTF-8 safe."""
    words = ("Ñandú & Cía: 5 €", "<p>Hola</p>")
    save_group_mails(group, GroupMails(lang="es", texts={K.NEW_PRIMARY: words}))
    assert Texts(group).said(K.NEW_PRIMARY, "es").subject == words[0]
