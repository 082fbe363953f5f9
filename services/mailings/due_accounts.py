"""Which accounts have something to send now, and which mailings wait to be ended."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true

from mail.smtp import SmtpServer
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.tenancy import across_organizations
from services.mailbox.servers import MailNetwork, smtp_server_of
from services.mailbox.tokens import has_token
from services.mailings.account_load import limits_of
from services.mailings.account_pause import CURED_BY_A_CHANGE
from services.mailings.account_run import AccountPlan
from services.mailings.limits import Limit

UNDER_WAY = (MailingState.SENDING, MailingState.STOPPING)


@dataclass(frozen=True)
class DueAccount:
    """An account with its limits, ready to be taken."""

    plan: AccountPlan
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class UnderWay:
    """A mailing that is being sent or stopped; `has_open_rows`: something is queued or on its way."""

    id: int
    organization_id: int
    account_id: int
    state: MailingState
    has_open_rows: bool


def due_account_ids(*, among: Collection[int] | None = None) -> list[int]:
    """Accounts that may send and have a message that is due; the one that waits longest first."""
    with across_organizations():
        may_leave = or_(
            DeliveryState.mailing_id.is_(None),
            exists().where(
                Mailing.id == DeliveryState.mailing_id, Mailing.state == MailingState.SENDING
            ),
        )
        has_due = exists().where(
            DeliveryState.account_id == MailAccount.id,
            DeliveryState.is_open,
            DeliveryState.state == DeliveryStatus.QUEUED,
            DeliveryState.not_before <= func.now(),
            may_leave,
        )
        return list(
            db.session.scalars(
                select(MailAccount.id)
                .where(_is_one_of(among), MailAccount.is_active, _is_not_paused(), has_due)
                .order_by(MailAccount.id)
            )
        )


def accounts_left_behind(
    *, besides: Collection[int] = (), among: Collection[int] | None = None
) -> list[int]:
    """Accounts with rows that say *sending*, or mailings that wait to be ended; held by somebody or not."""
    with across_organizations():
        on_the_way = exists().where(
            DeliveryState.account_id == MailAccount.id,
            DeliveryState.is_open,
            DeliveryState.state == DeliveryStatus.SENDING,
        )
        open_row = exists().where(
            DeliveryState.account_id == MailAccount.id,
            DeliveryState.mailing_id == Mailing.id,
            DeliveryState.is_open,
        )
        to_end = exists().where(
            Mailing.account_id == MailAccount.id,
            or_(
                Mailing.state == MailingState.STOPPING,
                and_(Mailing.state == MailingState.SENDING, ~open_row),
            ),
        )
        return list(
            db.session.scalars(
                select(MailAccount.id).where(
                    MailAccount.id.not_in(besides), _is_one_of(among), or_(on_the_way, to_end)
                )
            )
        )


def due_accounts(account_ids: list[int], network: MailNetwork) -> dict[int, DueAccount]:
    """The accounts as they stand now, without those that may not send any more."""
    with across_organizations():
        accounts = db.session.scalars(
            select(MailAccount)
            .where(MailAccount.id.in_(account_ids), MailAccount.is_active, _is_not_paused())
            .execution_options(populate_existing=True)
        )
        return {account.id: _due_account(account, network) for account in accounts}


def is_put_right(
    account_id: int, refused: SmtpServer, reason: ReasonCode, network: MailNetwork
) -> bool:
    """Whether somebody has changed server, login or password since: what was refused says nothing about these.

    The account stays as it is until the transaction ends.
    """
    account = db.session.scalars(
        select(MailAccount)
        .where(MailAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if reason is ReasonCode.CONSENT_LOST:
        return has_token(account_id)  # a refused renewal has left none: somebody has agreed again
    return reason in CURED_BY_A_CHANGE and smtp_server_of(account, network) != refused


def _due_account(account: MailAccount, network: MailNetwork) -> DueAccount:
    plan = AccountPlan(
        id=account.id,
        organization_id=account.organization_id,
        server=smtp_server_of(account, network),
        connections=account.connections,
        wants_burst=account.wants_burst,
        has_failed_before=account.consecutive_failures > 0,
    )
    return DueAccount(plan, limits_of(account))


def mailings_under_way(account_ids: list[int]) -> list[UnderWay]:
    """The mailings of these accounts that are being sent or stopped."""
    with across_organizations():
        open_row = exists().where(
            DeliveryState.account_id == Mailing.account_id,
            DeliveryState.mailing_id == Mailing.id,
            DeliveryState.is_open,
        )
        rows = db.session.execute(
            select(Mailing.id, Mailing.organization_id, Mailing.account_id, Mailing.state, open_row)
            .where(Mailing.account_id.in_(account_ids), Mailing.state.in_(UNDER_WAY))
            .order_by(Mailing.organization_id, Mailing.id)
        )
        return [UnderWay(*row) for row in rows.all()]


def _is_one_of(accounts: Collection[int] | None) -> ColumnElement[bool]:
    return true() if accounts is None else MailAccount.id.in_(accounts)


def _is_not_paused() -> ColumnElement[bool]:
    return or_(MailAccount.paused_reason.is_(None), MailAccount.paused_until <= func.now())
