"""Verbs on one record or on a selection: always a POST, on scoped records, with a question where it cannot be undone."""

from typing import Any
from urllib.parse import quote

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select

from admin_views.bulk_edit import BULK_EDIT
from admin_views.bulk_fields import bulk_fields
from admin_views.bulk_start import set_going
from admin_views.deleting import remove
from admin_views.list_arguments import ListArguments
from admin_views.reader_formats import language, number
from admin_views.verbs import Verb
from errors import Conflict, NotFound
from models.base import db
from models.system.bulk_run import BulkDeed
from services.system.bulk.begin import IN_THE_REQUEST, begin


class BatchRoutes:
    """The row's menu, the record's menu, the selection bar."""

    def known_verbs(self: Any) -> dict[str, Verb]:
        """What this reader may do, by name."""
        return {v.name: v for v in self.verbs if self.allows(v.right, v.field)}

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
        buttons = [
            {
                "name": verb.name,
                "label": verb.label,
                "icon": verb.icon,
                "is_danger": verb.is_danger,
                "asks": verb.asks,
            }
            for verb in verbs
        ]
        label = _("Change…")
        edit = {"name": BULK_EDIT, "label": label, "icon": "edit", "is_danger": False, "asks": True}
        return [edit, *buttons] if bulk_fields(self) else buttons

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

    def verb_named(self: Any, name: str) -> Verb:
        """The verb of this name; raises NotFound if there is none, Forbidden if it is not for this role."""
        verbs = {verb.name: verb for verb in (*self.verbs, self._deleting())}
        if name not in verbs:
            raise NotFound(_("There is no such action."))
        self.require(verbs[name].right, verbs[name].field)
        return verbs[name]

    @expose("/verb/", methods=("GET", "POST"))
    def verb_view(self: Any) -> ResponseReturnValue:
        """One verb on one record: GET asks, POST does."""
        verb = self.verb_named(request.args.get("verb", ""))
        record = self.find(request.args.get("id"))
        if request.method != "POST":
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
        self: Any,
        *,
        title: str,
        verb: Verb,
        action_url: str,
        pairs: Any,
        facts: Any = (),
        must: str | None = None,
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
                must=must,
                return_url=self.return_url(),
            )
        )

    @expose("/action/", methods=("POST",))
    def action_view(self: Any) -> ResponseReturnValue:
        """A verb on the selection, or on all that the list's address means; or new values for it."""
        name = request.form.get("action", "")
        if name == BULK_EDIT:
            return self.ask_for_changes()
        verb = self.verb_named(name)
        if not verb.in_batch:
            abort(404)
        asked = ListArguments(self, request.args)
        chosen = self.selection(asked)
        count = self.how_many(chosen)
        if verb.asks and not request.form.get("sure"):
            return self._ask_for(verb, chosen, count)
        if self._wants_number(verb, count) and request.form.get("must") != str(count):
            raise Conflict(_("The number is another one now. Look at the list again."))
        run = begin(
            self.keys_of(chosen),
            screen=self.endpoint,
            deed=BulkDeed.VERB,
            verb=verb.name,
            lang=language(),
        )
        return redirect(set_going(run, back=asked.url()))

    @staticmethod
    def _wants_number(verb: Verb, count: int) -> bool:
        """Whether one has to write how many: nobody takes this back, and nobody has seen them all."""
        return verb.asks and not verb.opposite and count > IN_THE_REQUEST

    def _ask_for(self: Any, verb: Verb, chosen: Select[Any], count: int) -> str:
        """The question with the number and, if they are few, some names."""
        fitting, facts = count, []
        if count <= IN_THE_REQUEST:
            records = list(db.session.scalars(chosen).unique())
            willing = [r for r in records if verb.name not in self.refused_entries(r).split()]
            fitting = len(willing)
            facts = self._facts_about(willing, without=count - fitting)
        else:
            words = ngettext("%(count)s record", "%(count)s records", count, count=number(count))
            each = _("Each is looked at when its turn comes; what its state does not allow stays.")
            facts = [("check", "ok", words), ("info-circle", "", each)]
        kept = [
            (key, value)
            for key, value in request.form.items(multi=True)
            if key not in ("csrf_token", "sure", "must")
        ]
        query = request.query_string.decode("ascii", "ignore")
        return str(
            self._question(
                title=ngettext(
                    "%(verb)s %(count)s record?",
                    "%(verb)s %(count)s records?",
                    fitting,
                    verb=verb.label,
                    count=number(fitting),
                ),
                verb=verb,
                action_url=f"{self.url}/action/?{quote(query, safe='=&%+-._~,:')}",
                pairs=kept,
                facts=facts,
                must=str(count) if self._wants_number(verb, count) else None,
            )
        )

    @staticmethod
    def _facts_about(willing: list[Any], *, without: int) -> list[tuple[str, str, str]]:
        words = ngettext("%(num)d record", "%(num)d records", len(willing))
        facts = [("check", "ok", words)]
        if without:
            text = ngettext("%(num)d stays as it is", "%(num)d stay as they are", without)
            facts.append(("alert-triangle", "warn", text))
        names = ", ".join(str(record) for record in willing[:5])
        if names:
            facts.append(("file-text", "", names + ("…" if len(willing) > 5 else "")))
        return facts
