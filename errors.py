"""The root of every error that is raised on purpose."""


class AppError(Exception):
    """An expected failure; `message` is shown to the person at the screen."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(AppError):
    """What was entered cannot be used as it is; `field` names the place when there is one."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(AppError):
    """The record is not in a state that allows this."""

    status = 409


class Forbidden(AppError):
    """The person who asks may not do this."""

    status = 403


class NotFound(AppError):
    """There is no such record, or the person who asks may not know of it."""

    status = 404


class TooMany(AppError):
    """Somebody asks more often than anybody needs to."""

    status = 429


class Unavailable(AppError):
    """A service that the product needs cannot be reached, or is not what it should be."""

    status = 503
