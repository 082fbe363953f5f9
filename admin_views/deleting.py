"""Deleting: first the question, which names what depends on the record; then the deed, in which the database decides."""

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import ForeignKeyConstraint, func, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.columns import lines_of
from admin_views.database_sentences import sentence_of
from errors import Conflict
from models.base import db
from models.tenancy import current_scope, enter

COUNTED_UP_TO = 1_000


class DeleteRoutes:
    """`/delete/confirm/` asks, `/delete/` does it."""

    @expose("/delete/confirm/")
    def delete_confirm(self: Any) -> ResponseReturnValue:
        """What would go, and what stands in the way."""
        self.require("delete")
        record = self.find(request.args.get("id"))
        dependants, is_free = dependants_of(record)
        if self.is_frozen(record):
            is_free = False
        return str(
            self.render(
                "admin/model/delete.html",
                dialog=request.headers.get("HX-Request") == "true",
                title=_("Delete “%(name)s”?", name=str(record)),
                text=_("This cannot be undone. The audit keeps what it was."),
                dependants=dependants,
                can_delete=is_free,
                instead=self.instead_of_deleting,
                action_url=f"{self.url}/delete/",
                pairs=[
                    ("id", record.id),
                    ("v", getattr(record, "version", "")),
                    ("url", self.return_url()),
                ],
                return_url=self.return_url(),
                page=str(record),
            )
        )

    @expose("/delete/", methods=("POST",))
    def delete_view(self: Any) -> ResponseReturnValue:
        """Delete one record, if it is still the one that was shown."""
        self.require("delete")
        record = self.find(request.form.get("id"))
        name = str(record)
        if self.has_version and request.form.get("v") != str(record.version):
            raise Conflict(_("Somebody else changed it in the meantime. Look at it again."))
        remove(self, record)
        db.session.commit()
        flash(_("“%(name)s” was deleted.", name=name))
        return redirect(self.return_url())


def remove(screen: Any, record: Any) -> None:
    """Delete and flush; raises Conflict with a sentence if that is not possible."""
    if screen.is_frozen(record):
        raise Conflict(_("This record does not change any more."))
    scope = current_scope()
    try:
        with db.session.begin_nested():
            screen.before_delete(record)
            db.session.delete(record)
            db.session.flush()
            screen.after_delete(record)
    except DBAPIError as problem:
        sentence = sentence_of(problem, type(record))
        enter(scope)
        raise Conflict(_what_keeps(screen, record) or sentence) from None
    except StaleDataError:
        raise Conflict(_("Somebody else deleted it in the meantime.")) from None


def _what_keeps(screen: Any, record: Any) -> str | None:
    """Why it cannot be deleted, with what refers to it and what one does instead; None if that is not the reason."""
    dependants, is_free = dependants_of(record)
    if is_free:
        return None
    kept = ", ".join(each["text"] for each in dependants if not each["is_deleted"])
    sentence = _("“%(name)s” is still needed: %(what)s.", name=str(record), what=kept)
    return " ".join(filter(None, [sentence, str(screen.instead_of_deleting or "")]))


def dependants_of(record: Any) -> tuple[list[dict[str, Any]], bool]:
    """What refers to the record, in words, and whether it can be deleted all the same."""
    model = type(record)
    table = inspect(model).local_table
    parts = {r.mapper.local_table.name: r.info["label"] for r in lines_of(model).values()}
    found: dict[tuple[str, bool], int] = {}
    for mapper in sorted(model.registry.mappers, key=lambda one: one.class_.__name__):
        if mapper.inherits is not None:
            continue
        for constraint in mapper.local_table.foreign_key_constraints:
            if constraint.referred_table is not table:
                continue
            number = _how_many(mapper.class_, constraint, record)
            if not number:
                continue
            dies_with_it = constraint.ondelete == "CASCADE"
            kind = (_plural(mapper.class_, parts), dies_with_it)
            found[kind] = max(number, found.get(kind, 0))
    told = [
        {
            "icon": "trash" if dies_with_it else "lock",
            "tone": "" if dies_with_it else "warn",
            "text": _sentence(plural, number, dies_with_it),
            "is_deleted": dies_with_it,
        }
        for (plural, dies_with_it), number in found.items()
    ]
    return told, all(dies_with_it for _plural_word, dies_with_it in found)


def _how_many(child: type[Any], constraint: ForeignKeyConstraint, record: Any) -> int:
    """How many rows of `child` refer to the record, up to a limit."""
    key = next(
        element.parent
        for element in constraint.elements
        if element.column.name != "organization_id"
    )
    first = inspect(child).primary_key[0]
    rows = select(first).where(key == record.id).limit(COUNTED_UP_TO + 1)
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _plural(child: type[Any], parts: dict[str, Any]) -> str:
    info = getattr(child, "__admin__", None)
    name = inspect(child).local_table.name
    if info is not None:
        return str(info.plural)
    return {
        "document": _("Documents"),
        "document_line": _("Lines"),
        "document_file": _("Files"),
        "payment_allocation": _("Parts of payments"),
        "delivery_document": _("Deliveries"),
        "delivery_attempt": _("Attempts to send"),
        "delivery_state": _("Deliveries"),
        "delivery_copy": _("Copies of e-mails"),
        "mailing_anomaly": _("Notices of mailings"),
        "mailing_exclusion": _("Exclusions from mailings"),
        "user_session": _("Sign-ins"),
        "mail_account_grant": _("Rights over mail accounts"),
        "mail_account_default": _("Chosen mail accounts"),
        "mail_account_check": _("Tests of mail accounts"),
        "permission": _("Permissions"),
        "comment": _("Comments"),
    }.get(name) or str(parts.get(name) or _("Other records"))


def _sentence(plural: str, number: int, dies_with_it: bool) -> str:
    count = (
        _("more than %(number)d", number=COUNTED_UP_TO) if number > COUNTED_UP_TO else str(number)
    )
    if dies_with_it:
        return _("%(what)s: %(count)s, deleted with it", what=plural, count=count)
    return _("%(what)s: %(count)s", what=plural, count=count)
