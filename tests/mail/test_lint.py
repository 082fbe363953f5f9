"""X0-14: what might be better in a message, in which line."""

import pytest

from mail.lint import Remark, Remarked, lint

R = Remark
GOOD = (
    '<p>Hola, {{ contact.name }}:</p>\n<p><a href="{{ access_url }}">Entrar</a> o escriba a '
    '<a href="mailto:a@acme.test">Ana</a>.</p><img src="https://acme.test/l.png" alt="Acme">'
)


def test_X0_14_a_good_letter_gets_no_remark() -> None:
    assert lint("Acceso al portal de {{ company.name }}", GOOD) == []


@pytest.mark.parametrize(
    ("body", "remark"),
    [
        ("<a>Entrar al portal de Acme</a>", R.LINK_WITHOUT_TARGET),
        ('<a href="#">Entrar al portal de Acme</a>', R.LINK_WITHOUT_TARGET),
        ('<a href="portal/acme">Entrar</a>', R.LINK_NOT_WHOLE),
        ('<a href="htps://acme.test">Entrar</a>', R.LINK_NOT_WHOLE),
        ('<a href="mailto:ana">Ana</a>', R.LINK_NOT_WHOLE),
        ('<a href="http://acme.test/x">Entrar</a>', R.LINK_NOT_SECURE),
        ('<a href="http://localhost:5000/x">Entrar</a>', R.LINK_HERE_ONLY),
        ('<a href="https://acme.test/"><br></a>', R.LINK_WITHOUT_WORDS),
        ('<img src="https://acme.test/l.png"> Con suficientes palabras', R.PICTURE_WITHOUT_WORDS),
        ('<p>Hola</p><img alt="Promo" src="https://acme.test/l.png">', R.PICTURES_ONLY),
        ('<p style="color:#222">Hola</p>', R.FAINT_IN_DARK),
        ('<p style="color: white">Hola</p>', R.FAINT_IN_LIGHT),
        ('<p style="background-color:#ffffee">Hola</p>', R.FAINT_IN_DARK),
        ("<p>" + "a" * 95_000 + "</p>", R.TOO_LARGE),
    ],
)
def test_X0_14_each_remark_has_its_cause(body: str, remark: Remark) -> None:
    assert remark in {each.remark for each in lint("Asunto", body)}


def test_X0_14_both_colours_said_are_nobodys_business() -> None:
    assert lint("Asunto", '<p style="color:#222;background:#fff">Hola</p>') == []


def test_X0_14_the_line_and_what_stands_there_are_named() -> None:
    assert lint("Asunto", '<p>Hola</p>\n<p><a href="acme">Entrar</a></p>') == [
        Remarked(R.LINK_NOT_WHOLE, 2, "acme")
    ]


@pytest.mark.parametrize("subject", ["URGENTE FACTURA VENCIDA", "Pague hoy!!"])
def test_X0_14_a_subject_that_shouts(subject: str) -> None:
    assert lint(subject, "<p>Hola</p>") == [Remarked(R.SUBJECT_SHOUTS)]


def test_X0_14_a_subject_that_is_cut_off() -> None:
    assert [each.remark for each in lint("a" * 79, "<p>Hola</p>")] == [R.SUBJECT_TOO_LONG]
    assert lint("a " * 30 + "{{ company.name }}" * 2, "<p>Hola</p>") == []
