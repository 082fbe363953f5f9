"""No English sentence of `mail/` or `files/` reaches a Spanish reader."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g
from flask_babel import force_locale

from files.errors import StoreUnavailable
from mail.errors import NotAllowed
from models.portal.portal_settings import PORTAL_LANGUAGES
from services.system.retelling import retold

ROOT = Path(__file__).resolve().parents[3]
# What the doors translate themselves, with its values, or what nobody reads.
ELSEWHERE = ("N_", "logger.")


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that `mail/` and `files/` hand to a call, filled in somehow, with its file."""
    for file in sorted([*(ROOT / "mail").glob("*.py"), *(ROOT / "files").glob("*.py")]):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and not ast.unparse(call.func).startswith(ELSEWHERE):
                for argument in call.args:
                    said = filled_in(argument)
                    if said[:1].isupper() and " " in said and (said[-1] == "." or ": x" in said):
                        yield f"{file.parent.name}/{file.name}", said


def filled_in(argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if isinstance(argument, ast.JoinedStr):
        return "".join(
            str(piece.value) if isinstance(piece, ast.Constant) else "X9x"
            for piece in argument.values
        )
    return ""


FOUND = sorted(set(sentences()))


def test_there_are_sentences() -> None:
    assert len(FOUND) > 50


@pytest.mark.parametrize(("file", "said"), FOUND, ids=lambda part: part[:60])
def test_each_is_retold(app: Flask, file: str, said: str) -> None:
    with app.app_context(), force_locale("es"):
        assert retold(said) != said
    with app.app_context(), force_locale("en"):
        assert retold(said) == said


OF_STAFF = ("mail/", "files/handbook.py")
OF_FILES = [(file, said) for file, said in FOUND if not file.startswith(OF_STAFF)]


@pytest.mark.parametrize(("file", "said"), OF_FILES, ids=lambda part: part[:60])
def test_P_20_what_files_say_is_retold_to_customers(app: Flask, file: str, said: str) -> None:
    """Their documents are drawn and stored by `files/`."""
    with app.app_context(), force_locale("pt"):
        assert retold(said) != said


def test_what_a_server_said_stays_as_it_is(app: Flask) -> None:
    with app.app_context(), force_locale("es"):
        assert retold("The mail server said: 550 5.1.1 no such user") == (
            "El servidor de correo dijo: 550 5.1.1 no such user"
        )
        assert retold("550 5.1.1 no such user") == "550 5.1.1 no such user"
        assert retold(NotAllowed().message).startswith("Desde aquí")


def test_an_error_page_speaks_spanish(app: Flask) -> None:
    """As when the store is away while somebody looks at a message."""
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        broken = StoreUnavailable("The stored file abc is damaged.")
        answer = app.make_response(app.handle_user_exception(broken))

    assert answer.status_code == 503
    assert "El archivo guardado abc está dañado." in answer.get_data(as_text=True)


def test_P_20_an_error_page_speaks_portuguese(app: Flask) -> None:
    """As when the store is away while a customer asks for a document."""
    with app.test_request_context("/portal/nobody/", headers={"Accept-Language": "pt"}):
        g.languages = PORTAL_LANGUAGES
        broken = StoreUnavailable("The stored file abc is damaged.")
        answer = app.make_response(app.handle_user_exception(broken))

    assert "O arquivo guardado abc está danificado." in answer.get_data(as_text=True)
