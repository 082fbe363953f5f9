"""A registration that was asked for comes to its end, whatever becomes of its workers."""

import pytest
from sqlalchemy import func, select, text

from errors import Conflict
from jobs.mailings import register, ring_for_registrations
from jobs.timetable import TIMETABLE
from models.base import db
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.user import User
from models.tenancy import Actor, Scope, enter
from services.mailings import registration
from services.mailings.draft import change_draft
from services.mailings.flow import start
from services.mailings.register import REGISTERING_LOCK, NotNow, register_mailing
from services.mailings.registration import MOST_STARTS, ask_to_register, left_behind
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_user


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(registration, "QUIET_SECONDS", 0)


@pytest.fixture
def asked(organization, quiet):
    """A draft that somebody has handed over, and that no worker has heard of."""
    mailing = make_draft(customers=2)
    ask_to_register(mailing)
    db.session.commit()
    return mailing


def fresh(mailing) -> Mailing:
    db.session.rollback()
    return db.session.get_one(Mailing, mailing.id, populate_existing=True)


def test_the_clock_finds_what_no_worker_has_heard_of(asked):
    """S1-11, X1-01: a lost bell loses nothing."""
    assert left_behind() == [asked.id]
    assert ring_for_registrations in [job for _every, job in TIMETABLE]

    register(asked.id)

    assert fresh(asked).state is MailingState.REGISTERED
    assert left_behind() == []


def test_one_that_is_being_worked_on_is_left_alone(asked):
    with db.engine.connect() as worker:
        keys = {"kind": REGISTERING_LOCK, "mailing": asked.id}
        worker.execute(text("SELECT pg_advisory_lock(:kind, :mailing)"), keys)

        assert left_behind() == []
        register(asked.id)  # rung twice

        worker.execute(text("SELECT pg_advisory_unlock(:kind, :mailing)"), keys)
        worker.rollback()
    found = fresh(asked)
    assert (found.state, found.register_error, found.register_starts) == ("draft", None, 0)
    assert left_behind() == [asked.id]


def test_a_draft_that_nobody_has_handed_over_waits(organization, quiet):
    make_draft(customers=1)
    db.session.commit()

    assert left_behind() == []


def test_after_some_starts_without_an_end_the_mailing_says_so(asked, monkeypatch):
    """What kills every worker is not begun for ever, and a person hears of it."""

    class PowerCut(BaseException):
        pass

    def cut(_choice):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr("services.mailings.register.resolve", cut)
        for _death in range(MOST_STARTS):
            assert left_behind() == [asked.id]
            with pytest.raises(PowerCut):
                register(asked.id)
            db.session.rollback()
        register(asked.id)

    found = fresh(asked)
    assert found.state is MailingState.DRAFT
    assert str(MOST_STARTS) in found.register_error
    assert left_behind() == []
    ask_to_register(found)
    db.session.commit()
    register(asked.id)
    assert fresh(asked).state is MailingState.REGISTERED


def test_a_late_worker_does_not_take_a_started_mailing_back(organization, settings):
    """Somebody ended between the look at the mailing and its lock."""
    mailing = make_draft(customers=1)
    db.session.commit()
    workshop = Workshop(files_url=settings.files_url, base_url="http://localhost")
    register_mailing(mailing, workshop)
    start(mailing.id)
    db.session.commit()

    with pytest.raises(NotNow):
        register_mailing(mailing, workshop)
    register(mailing.id)

    assert fresh(mailing).state is MailingState.SENDING
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1


def test_it_is_registered_in_the_name_of_who_asked(organization, quiet):
    user: User = make_user(organization, name="Lucía")
    enter(Scope(organization_id=organization.id, actor=Actor(kind="user", id=user.id)))
    mailing = make_draft(customers=1)
    ask_to_register(mailing)
    db.session.commit()
    enter(Scope(organization_id=organization.id))

    register(mailing.id)

    assert fresh(mailing).registered_by_id == user.id


def test_a_draft_that_is_being_registered_is_not_changed(asked):
    with pytest.raises(Conflict):
        change_draft(asked, {"subject": "Otro asunto"})


def test_a_refused_draft_that_is_changed_has_to_be_handed_over_again(asked):
    asked.register_error = "Nobody would get this mailing."
    db.session.commit()

    change_draft(asked, {"subject": "Otro asunto"})
    db.session.commit()

    assert left_behind() == []
    assert asked.register_asked_at is None


def test_a_bell_that_comes_late_registers_nothing_that_nobody_asks_for_any_more(asked):
    """A busy worker hears the same bell again after the first has failed and somebody goes on writing."""
    asked.register_error = "The store cannot be reached."
    db.session.commit()

    register(asked.id)

    assert fresh(asked).state is MailingState.DRAFT
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0
