import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.envelope import EmailAddress, Envelope, comparable, normalised
from mail.errors import InvalidAddress

WRONG = [
    "",
    "ana",
    "ana@",
    "@example.com",
    "ana@localhost",
    "a b@example.com",
    "ana@exa mple.com",
    "<ana@example.com>",
    "Ana <ana@example.com>",
    "ana@example.com, eva@example.com",
    "ana@example.com\r\nRCPT TO:<eva@example.com>",
    "ana@example.com\n",
    "\tana@example.com",
    "ana\x00@example.com",
    "ana@example.com>",
    "ana\u2028@example.com",
    "a..b@example.com",
    "ana@[127.0.0.1]",
    "a" * 65 + "@example.com",
    "ana@" + "a" * 64 + ".com",
    "ana@" + ".".join(["a" * 60] * 5) + ".com",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_single_address_is_refused(text):
    with pytest.raises(InvalidAddress) as caught:
        EmailAddress.parse(text)

    assert caught.value.reason_code == "invalid_address"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana.Muñoz@example.com", "ana.muñoz@example.com"),
        (" ANA@Example.COM ", "ana@example.com"),
        ("ana@Ñandú.example", "ana@xn--and-6ma2c.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana+facturas@empresa.local", "ana+facturas@empresa.local"),
        ("ana@clientes.test", "ana@clientes.test"),
    ],
)
def test_addresses_are_compared_in_lower_case_with_the_domain_in_ascii(text, expected):
    assert normalised(text) == expected
    assert normalised(expected) == expected


def test_local_part_goes_over_the_wire_as_written():
    assert str(EmailAddress.parse("Ana.Diaz@Example.com")) == "Ana.Diaz@example.com"


@pytest.mark.parametrize(
    "address",
    ["a@b.com\r\nDATA", "a@b.com>", "<a@b.com", "a b@c.com", "a@b.com\x85", "a\u200b@b.c"],
)
def test_envelope_lets_nothing_through_that_could_end_a_command(address):
    with pytest.raises(InvalidAddress):
        Envelope("office@example.com", (address,))
    with pytest.raises(InvalidAddress):
        Envelope(address, ("ana@example.com",))


@pytest.mark.parametrize("recipients", [(), ("",)])
def test_envelope_without_a_recipient_is_refused(recipients):
    with pytest.raises(InvalidAddress):
        Envelope("office@example.com", recipients)


def test_only_letters_beyond_ascii_need_smtputf8():
    assert not Envelope("", ("ana@example.com",)).needs_smtputf8
    assert Envelope("", ("muñoz@example.com",)).needs_smtputf8
    assert Envelope("", ("ana@example.com",), has_utf8_headers=True).needs_smtputf8


@given(
    st.from_regex(r"[A-Za-z0-9_.+-]{1,70}@[A-Za-z0-9.-]{1,80}(\.[A-Za-z]{1,26})?", fullmatch=True)
    | st.emails()
    | st.sampled_from(["a@b.invalid", "a@x.localhost", "a@xn--a.test", "a.@b.test", "a@-b.test"])
)
def test_the_quick_look_agrees_with_the_validator(text: str) -> None:
    """What is taken without a second look is what the validator would have made of it."""
    quick = EmailAddress._usual(text)

    if quick is not None:
        assert quick == EmailAddress._validated(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@peñalba.example", "Ana@XN--PEALBA-XWA.example"),
        ("ñ@ñ.example", "Ñ@xn--ida.example"),
        ("ana@pen\u0303alba.example", "ana@peñalba.example"),  # as a Mac writes it
        ("jose\u0301@example.com", "josé@example.com"),
        ("ana@peñalba。example", "ana@peñalba.example"),
        (" ana@example.com ", "ANA@example.com"),
    ],
)
def test_both_forms_of_an_address_are_one(one: str, other: str) -> None:
    """S3-25: programs write the domain now in its letters, now as it goes over the wire."""
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@peñalba.example", "ana@penalba.example"),
        ("ñ@ñ.example", "n@ñ.example"),
        ("ñ@ñ.example", "xn--ida@ñ.example"),  # the part before the @ has one form only
    ],
)
def test_other_letters_are_another_address(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@given(st.text(max_size=60) | st.emails() | st.text("ñ@.-\u00ad\u0307İxn", max_size=20))
def test_what_is_no_address_can_be_compared_all_the_same(text: str) -> None:
    """Strangers write anything; what is an address is compared in the form that is kept."""
    try:
        kept = normalised(text)
    except InvalidAddress:
        kept = comparable(text)

    assert comparable(text) == kept
    assert comparable(kept) == kept
