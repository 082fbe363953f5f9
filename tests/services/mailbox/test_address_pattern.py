"""Addresses are made of names, and no two are the same (S4-11)."""

import pytest
from flask import Flask

from errors import Invalid
from services.mailbox.address_pattern import plain_letters, propose

SHORT = "{inicial}{apellido}"


def address_of(name: str, pattern: str = SHORT) -> str | None:
    return propose([(1, name, "acme.com")], pattern, taken=()).get(1)


@pytest.mark.parametrize(
    ("name", "pattern", "address"),
    [
        ("Andrés Muñoz", SHORT, "amunoz@acme.com"),
        ("Diana Güiza", SHORT, "dguiza@acme.com"),
        ("Íngrid Cañón", "{nombre}.{apellido}", "ingrid.canon@acme.com"),
        ("José Nicolás Bermúdez", SHORT, "jbermudez@acme.com"),
        ("María José García López", SHORT, "mgarcia@acme.com"),
        ("María José García López", "{iniciales}.{apellidos}", "mj.garcialopez@acme.com"),
        ("Juan de la Cruz", SHORT, "jdelacruz@acme.com"),
        ("Øystein Łukasz Straße", "{first}.{last}", "oystein.strasse@acme.com"),
        ("Cher", SHORT, "c@acme.com"),
        ("Cher", "{nombre}.{apellido}", "cher@acme.com"),
        ("O'Brien Séamus", SHORT, "oseamus@acme.com"),
        ("李小龍", SHORT, None),
        ("", SHORT, None),
    ],
)
def test_addresses_from_names(name: str, pattern: str, address: str | None) -> None:
    """S4-11: "generar desde plantilla {inicial}{apellido}@dominio", in plain letters."""
    assert address_of(name, pattern) == address


def test_who_comes_second_gets_a_number() -> None:
    """S4-11: among those who are proposed, and against those who have one."""
    people = [(1, "Ana Ruiz", "acme.com"), (2, "Alba Ruiz", "acme.com"), (3, "Ada Ruiz", "b.com")]

    proposed = propose(people, SHORT, taken={"aruiz@acme.com"})

    assert proposed == {1: "aruiz2@acme.com", 2: "aruiz3@acme.com", 3: "aruiz@b.com"}


def test_without_a_domain_nothing_is_proposed() -> None:
    assert propose([(1, "Ana Ruiz", "")], SHORT, taken=()) == {}


@pytest.mark.parametrize("pattern", ["", "ventas", "{apodo}", "{nombre}@x", "{nombre} {apellido}"])
def test_a_pattern_that_makes_no_address_is_refused(app: Flask, pattern: str) -> None:
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        address_of("Ana Ruiz", pattern)
    assert refused.value.field == "pattern"


def test_a_long_name_stays_an_address() -> None:
    found = address_of("A" * 80 + " " + "B" * 80, "{nombre}.{apellido}")

    assert found is not None
    assert len(found.partition("@")[0]) <= 64


def test_plain_letters_are_what_every_server_takes() -> None:
    assert plain_letters("Ñandú.Pérez+ventas_1") == "nandu.perez+ventas_1"
