"""How the reading of mailboxes stands, and what the server did not do."""

import pytest
from sqlalchemy import select

from models.base import db, utc_now
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.batch_progress import progress_of
from services.mailbox.marking import mark
from services.mailbox.reading_state import Reading, failures_of, notice_failures, readings_of
from tests.factories.mail_rows import make_mailbox, put
from tests.factories.people import make_mail_account, make_user
from tests.factories.saving import saved


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, Reading.WAITING),
        ({"began_at": utc_now(), "done": 5, "wanted": 20}, Reading.FIRST_RUN),
        ({"began_at": utc_now(), "first_run_ended_at": utc_now()}, Reading.GOOD),
        ({"first_run_ended_at": utc_now(), "failures_in_a_row": 1}, Reading.FAILING),
    ],
)
def test_what_one_can_say_of_a_mailbox(
    organization: Organization, fields: dict[str, object], state: Reading
) -> None:
    """S3-03."""
    box = make_mailbox()
    saved(MailSync(account_id=box.account.id, **fields))

    assert [each.state for each in readings_of([box.account])] == [state]


def test_an_account_without_incoming_server(organization: Organization) -> None:
    assert readings_of([make_mail_account()])[0].state is Reading.NO_SERVER


def test_progress_and_failures_of_what_was_done_with_one_click(ann: User) -> None:
    """S3-16: 500 at once; how far the server is, and what it refused, once to whoever did it."""
    box = make_mailbox()
    batch = mark([put(box.inbox) for _n in range(500)], OperationKind.READ, ann)
    operations = db.session.scalars(select(MailboxOperation).order_by(MailboxOperation.id)).all()
    for operation in operations[:300]:
        operation.state = OperationState.DONE
    operations[300].state, operations[300].note = OperationState.FAILED, "NO no"
    db.session.flush()

    progress = progress_of(batch.id, ann)

    assert (progress.done, progress.waiting, progress.refused) == (300, 199, 1)
    assert readings_of([box.account])[0].waiting == 199
    assert [each.operation.note for each in failures_of(ann)] == ["NO no"]
    notice_failures(ann)
    assert failures_of(ann) == []
