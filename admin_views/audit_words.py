"""The audit in words: what was done, to what kind of record, by whom, and through which door."""

from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.base import AdminInfo, Record
from models.system.audit_event import AuditEvent

ACTIONS = {
    "ask_password": _l("Password asked for"),
    "burst_off": _l("Joint sending off"),
    "cancel": _l("Cancellation"),
    "choose_place": _l("Choice of company and branch"),
    "clear": _l("Last doubt decided"),
    "create": _l("Creation"),
    "delete": _l("Deletion"),
    "dismiss_anomaly": _l("Anomaly marked as fine"),
    "finish": _l("End"),
    "lock": _l("Lock after wrong passwords"),
    "look": _l("Look at the portal as the customer"),
    "mail_skipped": _l("E-mail left out"),
    "new_recovery_codes": _l("New recovery codes"),
    "pause": _l("Pause"),
    "portal_mails": _l("Change of the portal's e-mails"),
    "portal_texts": _l("Change of the portal's texts"),
    "post": _l("Posting"),
    "recovery_code_used": _l("Recovery code used"),
    "register": _l("Registration"),
    "rehearse": _l("Rehearsal asked for"),
    "rehearsed": _l("Rehearsal"),
    "reopen": _l("Reopening"),
    "reopen_anomaly": _l("Anomaly to be looked at again"),
    "resolve": _l("Doubt decided"),
    "resume": _l("Continuation"),
    "schedule": _l("Scheduling"),
    "second_step_off": _l("Second step off"),
    "second_step_on": _l("Second step on"),
    "seed": _l("Demo data"),
    "sign_in": _l("Sign-in"),
    "sign_out": _l("Sign-out"),
    "start": _l("Start of the mailing"),
    "stop": _l("Stop of the mailing"),
    "stop_by_itself": _l("Stopped automatically"),
    "test": _l("Test message"),
    "update": _l("Change of data"),
    "void": _l("Voiding"),
    "write_password": _l("Password written by its owner"),
}
SOURCES = {
    "ui": _l("Screen"),
    "cli": _l("Command line"),
    "api": "API",
    "job": _l("Background"),
    "import": _l("Import of a sheet"),
    "portal": _l("Portal"),
    "system": _l("System"),
}
WITHOUT_SCREEN = {
    "address": _l("Address"),
    "comment": _l("Comment"),
    "comment_file": _l("File of a comment"),
    "contact_email": _l("E-mail address"),
    "customer_contact": _l("Contact of a customer"),
    "document": _l("Document"),
    "former_portal_name": _l("Former name of the portal"),
    "group_portal": _l("Portal of a group"),
    "mail_account_check": _l("Test of a mail account"),
    "mail_account_default": _l("Chosen mail account"),
    "mail_account_grant": _l("Right over a mail account"),
    "document_line": _l("Line"),
    "import_run": _l("Import of a sheet"),
    "mailing": _l("Mailing"),
    "message_link": _l("Message of a customer"),
    "payment_allocation": _l("Paid document"),
    "permission": _l("Permission"),
    "portal_question": _l("Question of the registration"),
    "portal_settings": _l("Preferences of the portal"),
    "portal_text": _l("Text of the portal"),
    "setup_link": _l("Set-up link"),
    "user_session": _l("Session"),
}
KINDS = {
    "user": _l("A person"),
    "stranger": _l("Nobody signed in"),
    "link": _l("Whoever has the link"),
    "system": _l("The system"),
}


def action_word(action: str) -> str:
    """What was done; an action without a word of its own is shown as it is kept."""
    return str(ACTIONS.get(action, action.replace("_", " ")))


def source_word(source: str) -> str:
    """Through which door."""
    return str(SOURCES.get(source, source))


def kind_word(kind: str) -> str:
    """What kind of actor it was."""
    return str(KINDS.get(kind, kind))


def entity_word(entity: str) -> str:
    """The kind of record, as its screen is called."""
    label = _labels().get(entity)
    return str(label) if label is not None else entity.replace("_", " ")


def who(event: AuditEvent) -> str:
    """The person; or that it was a command, a job or the system."""
    if event.actor_kind == "user" and event.actor_name:
        return event.actor_name
    if event.actor_kind == "link":
        return kind_word(event.actor_kind)
    return source_word(event.source) if event.source != "ui" else _("The system")


@cache
def _labels() -> dict[str, Any]:
    """The label of each table; of one table with several kinds of records, that of the table."""
    found: dict[str, Any] = dict(WITHOUT_SCREEN)
    for mapper in Record.registry.mappers:
        about = mapper.class_.__dict__.get("__admin__")
        if isinstance(about, AdminInfo):
            found.setdefault(mapper.class_.__tablename__, about.label)
    return found
