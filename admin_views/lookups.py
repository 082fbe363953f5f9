"""Look-ups: what one types is searched among the records that one may see, and so is the id that a form posts."""

from typing import Any

from flask_admin.contrib.sqla.ajax import QueryAjaxModelLoader
from sqlalchemy import Select, inspect

from admin_views.columns import search_columns
from admin_views.scoping import scoped
from admin_views.searching import searched
from models.base import db

MOST = 20


class ScopedLoader(QueryAjaxModelLoader):
    """Finds records of one model for a relation."""

    def __init__(self, name: str, model: type[Any]) -> None:
        self.title = self._title_of(model)
        super().__init__(name, db, model, fields=search_columns(model) or [self.title])

    @staticmethod
    def _title_of(model: type[Any]) -> str:
        info = getattr(model, "__admin__", None)
        names = {attribute.key for attribute in inspect(model).column_attrs}
        wanted = [info.sort.lstrip("-"), info.title] if info is not None else []
        return next((name for name in [*wanted, "label", "name"] if name in names), "id")

    def get_query(self) -> Select[Any]:
        return scoped(self.model)

    def get_one(self, pk: Any) -> Any:
        if not str(pk).isdecimal() or len(str(pk)) > 18:
            return None
        with db.session.no_autoflush:
            return db.session.scalars(
                self.get_query().where(self.model.id == int(pk))
            ).one_or_none()

    def get_list(self, term: str, offset: int = 0, limit: int = MOST) -> list[Any]:
        query = searched(self.get_query(), self.model, term or "")
        order = getattr(self.model, self.title)
        query = query.order_by(order, self.model.id).offset(max(offset, 0)).limit(min(limit, MOST))
        return list(db.session.scalars(query).all())
