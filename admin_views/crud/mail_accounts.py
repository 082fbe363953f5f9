"""Mail accounts and the suppression list."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.crud.account_people import people_table
from admin_views.crud.account_people_field import PEOPLE, PeopleField, person_lines, write_people
from admin_views.identity import current_staff
from admin_views.lookups import ScopedLoader
from admin_views.registry import screen_for
from admin_views.screens.mail_permission import endpoints
from admin_views.screens.mail_suggestion import suggested
from admin_views.verbs import Verb
from mail.errors import InvalidAddress
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.people.user import User
from services.mailbox.account_grants import settle_owner
from services.mailbox.account_values import check_password, settle_values
from services.mailbox.asking_again import ask_again_if_corrected
from services.mailbox.autoconfig import ServerSuggestion
from services.mailbox.cell_doubts import doubts_of
from services.mailbox.consent import use_application
from services.mailbox.letterhead_saving import check_account_words
from services.mailbox.line_rules import check_lines
from services.mailbox.password_warning import password_warning, wants_permission
from services.mailbox.providers import PRESETS
from services.mailbox.tokens import has_permission

OF_PRESET = (
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "imap_host",
    "imap_port",
    "imap_security",
)
BY_APPLICATION = Verb(
    name="by_application",
    label=_l("Use the organization's permission"),
    icon="building",
    run=lambda account: use_application(account, endpoints=endpoints()),
    right="edit",
    fits=lambda account: (
        wants_permission(account) and account.sign_in_by is not SignInBy.APPLICATION
    ),
    question=_l("Sign in by the organization's permission?"),
    explanation=_l(
        "It was given once for all accounts of the tenant. Passwords and permissions of their own that these accounts have are forgotten."
    ),
    done=_l("%(name)s signs in by the organization's permission now."),
)


def _servers_of(address: str) -> ServerSuggestion | None:
    """Those that somebody says are its own; what there is to know of it is said."""
    try:
        found = suggested(address)
    except InvalidAddress:
        flash(_("“%(email)s” is not an e-mail address.", email=address), "warn")
        return None
    if found is None:
        flash(
            _(
                "Nobody says where the mail of %(address)s is kept: write its servers here.",
                address=address,
            ),
            "warn",
        )
    elif found.hint:
        flash(str(found.hint))
    return found


@screen_for(MailAccount)
class MailAccountScreen(ModelScreen):
    """Through which we send. The password can be written, never read."""

    verbs = (BY_APPLICATION,)
    instead_of_deleting = _l("Switch it off instead: then nothing leaves through it.")
    # Server, login and encryption belong together, and to one password.
    bulk_columns = (
        "display_name",
        "reply_to",
        "connections",
        "wants_burst",
        "per_second",
        "per_minute",
        "per_hour",
        "per_day",
        "is_active",
    )

    def find(self, key: str | None) -> Any:
        """With the people who are named for it: lines of its form."""
        record = super().find(key)
        record.people = person_lines(record)
        return record

    def _process_ajax_references(self) -> dict[str, ScopedLoader]:
        self.people_loader = ScopedLoader(PEOPLE, User)
        return {**super()._process_ajax_references(), PEOPLE: self.people_loader}

    def scaffold_form(self) -> type[Any]:
        form = super().scaffold_form()
        about = _l(
            "Besides its owner. An account that everybody uses is closed to the others as soon as the first person is named."
        )
        form.people = PeopleField(
            _l("Who else uses it"), loader=self.people_loader, description=about
        )
        return form

    def prefill(self, form: Any) -> None:
        """A new one is everybody's until somebody is named; one's own where the mail area has led here (S3-03)."""
        address = request.args.get("address", "").strip()[:320]
        found: Any = PRESETS.get(request.args.get("provider", ""))
        form.is_shared.data = found is None and not address
        if form.is_shared.data:
            return
        form.owner.data = current_staff().user
        if address:
            form.address.data = address
            found = _servers_of(address)
        if found is not None:
            for name in OF_PRESET:
                form[name].data = getattr(found, name)

    def details_of(self, record: Any, **more: Any) -> str:
        tables = [table for table in (people_table(record),) if table]
        return super().details_of(record, **{"lines": tables, **more})

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """The way to its permission, for an account at a provider that wants one."""
        if not self.allows("edit") or not (wants_permission(record) or has_permission(record)):
            return None
        return {
            "label": _("Give permission") if not has_permission(record) else _("Permission"),
            "url": url_for("mail_permission.page", public_id=record.public_id),
            "icon": "key",
        }

    def after_save(self, record: Any, is_new: bool) -> None:
        """Who uses it; and what is odd is saved all the same, and said with its cure (S4-14)."""
        write_people(record)
        for sentence in doubts_of(record):
            flash(sentence, "warn")
        warning = password_warning(record.address, record.smtp_host, record.sign_in_by)
        if warning is not None:
            flash(warning, "warn")

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        ask_again_if_corrected(record)
        settle_values(record)
        settle_owner(record)
        written = "password" in form._fields and bool(form.password.data)
        if written:
            check_password(form.password.data)
        check_account_words(record)
        check_lines(record, has_new_password=written)
