"""A form of which several fields cannot be used; nothing of it is saved."""

from collections.abc import Mapping

from flask_babel import gettext as _

from errors import AppError


class FormRefused(AppError):
    """`problems` says a sentence for each field that is wrong."""

    status = 422

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(_("Nothing was saved. Look at what is marked."))
        self.problems = dict(problems)
