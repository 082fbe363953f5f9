"""Saving a record: rights per field, optimistic lock, the model's own rules, and what the database refuses."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.columns import lines_of
from admin_views.database_sentences import sentence_of
from admin_views.file_field import keep_uploads
from errors import AppError, Invalid
from models.base import db, utc_now
from models.tenancy import current_scope, enter
from services.system.retelling import retold

NOT_OF_THE_RECORD = {"row_version", "row_base", "row_asked", "id", "csrf_token"}


class NotSaved(Exception):
    """A save was refused; `sentences` belong to no field of the form."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


def save(form: Any, record: Any, screen: Any, *, is_new: bool) -> None:
    """Write the form into the record and commit; raises NotSaved, and nothing of it happened."""
    model = type(record)
    scope = current_scope()
    try:
        with db.session.no_autoflush:
            for name, field in form._fields.items():
                if name not in NOT_OF_THE_RECORD:
                    field.populate_obj(record, name)
            screen.before_save(record, form, is_new)
            if is_new:
                db.session.add(record)
            elif _lines_changed(record):
                record.updated_at = utc_now()  # a change in the lines is a change of the record
        db.session.flush()
        keep_uploads(form, record)
        screen.after_save(record, is_new)
        db.session.commit()
    except AppError as problem:
        _undo(scope)
        _tell(form, problem)
    except StaleDataError:
        _undo(scope)
        raise NotSaved([_("Somebody else changed it at the same moment. Save again.")]) from None
    except DBAPIError as problem:
        sentence = sentence_of(problem, model)
        _undo(scope)
        raise NotSaved([sentence]) from None
    screen.once_saved(record, is_new)


def _undo(scope: Any) -> None:
    db.session.rollback()
    enter(scope)


def _tell(form: Any, problem: AppError) -> None:
    """A sentence about a field stands at the field."""
    sentence = retold(problem.message)
    field = getattr(problem, "field", None) if isinstance(problem, Invalid) else None
    if field and field in form._fields:
        form[field].errors = [*form[field].errors, sentence]
        raise NotSaved([]) from None
    raise NotSaved([sentence]) from None


def _lines_changed(record: Any) -> bool:
    kinds = tuple(relation.mapper.class_ for relation in lines_of(type(record)).values())
    if not kinds:
        return False
    session = db.session()
    parts = [
        *session.new,
        *session.deleted,
        *(one for one in session.dirty if session.is_modified(one)),
    ]
    gone = any(inspect(record).attrs[name].history.has_changes() for name in lines_of(type(record)))
    return gone or any(isinstance(one, kinds) for one in parts)
