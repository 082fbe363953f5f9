"""Verbs on one record or on a selection: always a POST, on scoped records, with a question where it cannot be undone."""

from collections import Counter
from typing import Any
from urllib.parse import quote

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError

from admin_views.database_sentences import sentence_of
from admin_views.deleting import remove
from admin_views.list_arguments import ListArguments
from admin_views.verbs import MOST_AT_ONCE, Verb
from errors import AppError, Conflict
from models.base import db
from models.tenancy import current_scope, enter


class BatchRoutes:
    """The row's menu, the record's menu, the selection bar."""

    def known_verbs(self: Any) -> dict[str, Verb]:
        """What this reader may do, by name."""
        return {verb.name: verb for verb in self.verbs if self.allows(verb.right)}

    def _deleting(self: Any) -> Verb:
        return Verb(
            name="delete",
            label=_("Delete"),
            icon="trash",
            run=lambda record: remove(self, record),
            right="delete",
            question=_("Delete what was chosen?"),
            explanation=_("What other records depend on stays."),
            is_danger=True,
        )

    def batch_actions(self: Any) -> list[dict[str, Any]]:
        """The buttons of the selection bar."""
        verbs = [verb for verb in self.known_verbs().values() if verb.in_batch]
        if self.allows("delete"):
            verbs.append(self._deleting())
        return [
            {
                "name": verb.name,
                "label": verb.label,
                "icon": verb.icon,
                "is_danger": verb.is_danger,
                "asks": verb.asks,
            }
            for verb in verbs
        ]

    def row_menu(self: Any) -> list[dict[str, Any]]:
        """The entries of every row, with `__id__` in the place of its key."""
        url = f"{self.url}/{{}}/?id=__id__"
        entries = [
            {"name": "view", "label": _("View"), "icon": "eye", "url": url.format("details")}
        ]
        if self.allows("edit"):
            entries.append(
                {"name": "edit", "label": _("Edit"), "icon": "edit", "url": url.format("edit")}
            )
        entries += self.further_entries("__id__")
        entries += [self._entry(verb, "__id__") for verb in self.known_verbs().values()]
        if self.allows("delete"):
            entries.append(self._delete_entry("__id__"))
        return [{"kind": "link", "is_danger": False, **entry} for entry in entries]

    def record_menu(self: Any, record: Any) -> list[dict[str, Any]]:
        """The same for one record, without what its state refuses."""
        refused = self.refused_entries(record).split()
        entries = self.further_entries(str(record.id))
        entries += [self._entry(v, str(record.id)) for v in self.known_verbs().values()]
        if self.allows("delete"):
            entries.append(self._delete_entry(str(record.id)))
        return [
            {"kind": "link", "is_danger": False, **entry}
            for entry in entries
            if entry["name"] not in refused
        ]

    def further_entries(self, key: str) -> list[dict[str, Any]]:
        """Links of a screen of its own, such as the PDF of a document."""
        return []

    def _entry(self: Any, verb: Verb, key: str) -> dict[str, Any]:
        return {
            "name": verb.name,
            "label": f"{verb.label}…" if verb.asks else verb.label,
            "icon": verb.icon,
            "url": f"{self.url}/verb/?verb={verb.name}&id={key}",
            "kind": "dialog" if verb.asks else "post",
            "is_danger": verb.is_danger,
        }

    def _delete_entry(self: Any, key: str) -> dict[str, Any]:
        return {
            "name": "delete",
            "label": _("Delete…"),
            "icon": "trash",
            "url": f"{self.url}/delete/confirm/?id={key}",
            "kind": "dialog",
            "is_danger": True,
        }

    def refused_entries(self: Any, record: Any) -> str:
        """The names of entries that the state of this record does not allow, by spaces."""
        names = [verb.name for verb in self.verbs if not verb.fits(record)]
        if self.is_frozen(record):
            names += ["edit", "delete"]
        return " ".join(names)

    def _verb(self: Any, name: str) -> Verb:
        """The verb of this name; 404 if there is none, 403 if it is not for this role."""
        verbs = {verb.name: verb for verb in (*self.verbs, self._deleting())}
        verb: Verb = verbs.get(name) or abort(404)
        self.require(verb.right)
        return verb

    @expose("/verb/", methods=("GET", "POST"))
    def verb_view(self: Any) -> ResponseReturnValue:
        """One verb on one record: GET asks, POST does."""
        verb = self._verb(request.args.get("verb", ""))
        record = self.find(request.args.get("id"))
        if request.method == "GET":
            return self._question(
                title=str(verb.question or verb.label).replace("%(name)s", str(record)),
                verb=verb,
                action_url=f"{self.url}/verb/?verb={verb.name}&id={record.id}",
                pairs=[("url", self.return_url())],
            )
        made = verb.run(record)
        db.session.commit()
        if verb.answer is not None:
            return verb.answer(self, made)
        flash(str(verb.done or _("Done.")).replace("%(name)s", str(record)))
        target = request.form.get("url")
        return redirect(self.return_url() if target else self.record_url(record))

    def _question(
        self: Any, *, title: str, verb: Verb, action_url: str, pairs: Any, facts: Any = ()
    ) -> str:
        return str(
            self.render(
                "admin/model/confirm.html",
                dialog=request.headers.get("HX-Request") == "true",
                title=title,
                text=verb.explanation or "",
                facts=facts,
                button=verb.label,
                is_danger=verb.is_danger,
                action_url=action_url,
                pairs=pairs,
                return_url=self.return_url(),
            )
        )

    @expose("/action/", methods=("POST",))
    def action_view(self: Any) -> ResponseReturnValue:
        """A verb on the selection, or on all that the list's address means."""
        verb = self._verb(request.form.get("action", ""))
        if not verb.in_batch:
            abort(404)
        asked = ListArguments(self, request.args)
        query = self._selection(asked)
        records = list(db.session.scalars(query.limit(MOST_AT_ONCE + 1)).unique().all())
        if len(records) > MOST_AT_ONCE:
            raise Conflict(_("At most %(most)d at once. Set a filter.", most=MOST_AT_ONCE))
        if not records:
            raise Conflict(_("Nothing was chosen."))
        if verb.asks and not request.form.get("sure"):
            return self._ask_for(verb, records)
        done, refused = self._run(verb, records)
        if done:
            flash(ngettext("%(num)d record done.", "%(num)d records done.", done))
        for sentence, number in refused.most_common(5):
            text = ngettext("%(num)d not: %(why)s", "%(num)d not: %(why)s", number, why=sentence)
            flash(text, "error")
        return redirect(asked.url())

    def _ask_for(self: Any, verb: Verb, records: list[Any]) -> str:
        """The question with the number and some names."""
        fitting = [
            record for record in records if verb.fits(record) and not self._is_refused(verb, record)
        ]
        facts = [("check", "ok", ngettext("%(num)d record", "%(num)d records", len(fitting)))]
        if len(fitting) < len(records):
            without = len(records) - len(fitting)
            text = ngettext("%(num)d stays as it is", "%(num)d stay as they are", without)
            facts.append(("alert-triangle", "warn", text))
        names = ", ".join(str(record) for record in fitting[:5])
        if names:
            facts.append(("file-text", "", names + ("…" if len(fitting) > 5 else "")))
        kept = [
            (k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "sure")
        ]
        query = request.query_string.decode("ascii", "ignore")
        return str(
            self._question(
                title=ngettext(
                    "%(verb)s %(num)d record?",
                    "%(verb)s %(num)d records?",
                    len(fitting),
                    verb=verb.label,
                ),
                verb=verb,
                action_url=f"{self.url}/action/?{quote(query, safe='=&%+-._~,:')}",
                pairs=kept,
                facts=facts,
            )
        )

    def _is_refused(self: Any, verb: Verb, record: Any) -> bool:
        return verb.name in self.refused_entries(record).split()

    def _selection(self: Any, asked: ListArguments) -> Select[Any]:
        if request.form.get("all") == "1":
            return asked.query.order_by(self.model.id)
        keys = [int(k) for k in request.form.getlist("rowid") if k.isdecimal() and len(k) < 19]
        query: Select[Any] = self.scoped().where(self.model.id.in_(keys))
        return query.order_by(self.model.id)

    def _run(self: Any, verb: Verb, records: list[Any]) -> tuple[int, Counter[str]]:
        """Each record on its own: one that is refused does not hold up the others."""
        done, refused = 0, Counter[str]()
        scope = current_scope()
        for record in records:
            try:
                with db.session.begin_nested():
                    verb.run(record)
                done += 1
            except AppError as problem:
                refused[problem.message] += 1
            except DBAPIError as problem:
                refused[sentence_of(problem, self.model)] += 1
        try:
            db.session.commit()
        except DBAPIError as problem:  # what is checked at the end of a transaction
            sentence = sentence_of(problem, self.model)
            db.session.rollback()
            enter(scope)
            return 0, Counter({sentence: len(records)})
        return done, refused
