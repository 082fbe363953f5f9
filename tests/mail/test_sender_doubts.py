"""Senders who look like somebody else."""

import pytest

from mail.sender_doubts import DoubtKind, doubts_about

KNOWN = {"penalba.test", "ferreteria-lanapa.com", "gmail.com"}


@pytest.mark.parametrize(
    "domain",
    [
        "penalbo.test",  # another letter
        "penalbaa.test",  # one more
        "penlba.test",  # one less
        "penabla.test",  # two the other way round
        "penaIba.test",  # a capital i
        "pena1ba.test",  # the figure one
        "реnalba.test",  # Cyrillic
        "xn--penlba-rta.test",  # á, in the form of the wire
        "penalba.com",  # another ending
        "ferreteria-lañapa.com",
        "gmall.com",
        "grnail.com",
    ],
)
def test_a_domain_that_resembles_a_known_one_is_doubted(domain: str) -> None:
    found = doubts_about("Ana", f"ana@{domain}", KNOWN)

    assert [doubt.kind for doubt in found] == [DoubtKind.LOOKS_LIKE]


@pytest.mark.parametrize(
    "domain", ["penalba.test", "correo.penalba.test", "otra-empresa.test", "gmail.com", "mail.com"]
)
def test_known_and_other_domains_are_not(domain: str) -> None:
    assert doubts_about("Ana", f"ana@{domain}", KNOWN) == []


def test_a_known_domain_is_known_in_both_its_forms() -> None:
    """S3-25: an address of ours is kept as it goes over the wire, and looked at in its letters."""
    known = {"xn--pealba-xwa.test"}

    assert doubts_about("Ana", "ana@peñalba.test", known) == []
    assert doubts_about("ana@peñalba.test", "ana@xn--pealba-xwa.test", known) == []
    [doubt] = doubts_about("Ana", "ana@penalba.test", known)
    assert (doubt.kind, doubt.seems) == (DoubtKind.LOOKS_LIKE, "peñalba.test")


def test_a_name_with_another_address_is_doubted() -> None:
    found = doubts_about("jefe@penalba.test", "x@otra-empresa.test", KNOWN)

    assert [(doubt.kind, doubt.seems, doubt.really) for doubt in found] == [
        (DoubtKind.NAME_HAS_ADDRESS, "jefe@penalba.test", "x@otra-empresa.test")
    ]
    assert doubts_about("ana@penalba.test", "Ana@penalba.test", KNOWN) == []
