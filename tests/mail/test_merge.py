import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import RenderError, TextTooLong, UnknownFieldError
from mail.merge import LONGEST_TEMPLATE, UnknownField, check, fields_in, render, render_subject

ALLOWED = {"contact.name", "access_url", "invoice.number", "invoice.total"}
VALUES = {
    "contact.name": "Ana <b> & \"Co\" 'x'",
    "access_url": "https://example.com/a?b=1&c=2",
    "invoice.number": "A-12",
    "invoice.total": "1.234,50 €",
}


def test_fields_are_filled_in():
    """S1-10: the same text in preview, test and real mail, from one renderer."""
    template = "Hola {{ contact.name }}, factura {{invoice.number}}: {{\u00a0invoice.total&nbsp;}}"

    assert render(template, VALUES, html=False) == (
        "Hola Ana <b> & \"Co\" 'x', factura A-12: 1.234,50 €"
    )


def test_values_are_escaped_in_html_and_only_there():
    html = render('<a href="{{ access_url }}">{{ contact.name }}</a>', VALUES, html=True)

    assert html == (
        '<a href="https://example.com/a?b=1&amp;c=2">'
        "Ana &lt;b&gt; &amp; &quot;Co&quot; &#x27;x&#x27;</a>"
    )


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{ role }} · {{ firm }}", "Peñalba"),
        ("<b>{{ name }}</b> | {{ role }}<br>{{ firm }}", "<b>Ana</b><br>Peñalba"),
        ("{{ name }} · {{ role }} · {{ firm }}", "Ana · Peñalba"),
        ("<p>{{ name }}<br>\n{{ role }}<br>{{ firm }}</p>", "<p>Ana<br>\n{{ firm }}</p>"),
        ("{{ role }}&nbsp;·&nbsp;{{ role }}", ""),
        ("{{ name }} - {{ role }}", "Ana - "),
    ],
)
def test_an_empty_field_takes_along_what_joins_it(template, filled):
    values = {"name": "Ana", "role": "", "firm": "Peñalba"}

    assert render(template, values, html=True) == filled.replace("{{ firm }}", "Peñalba")


def test_an_empty_line_of_a_plain_text_leaves():
    assert render("Ana\n{{ role }}\nPeñalba\n", {"role": ""}, html=False) == "Ana\nPeñalba\n"


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{ name }} · {{ role }} · {{ role }}\nFin", "Ana\nFin"),
        ("{{ role }} · {{ role }}\nFin", "Fin"),
        ("{{ name }}{{ role }}\nFin", "Ana\nFin"),
        ("{{ name }}{{ role }} · {{ firm }}", "Ana · Peñalba"),
        ("{{ name }} · {{ role }}{{ firm }}", "Ana · Peñalba"),
    ],
)
def test_empty_fields_take_nothing_along_that_others_need(template, filled):
    """Several beside each other leave no joint behind, and one right at a name takes neither its joint nor its line."""
    values = {"name": "Ana", "role": "", "firm": "Peñalba"}

    assert render(template, values, html=False) == filled


def test_unknown_fields_are_named_with_line_and_suggestion():
    """S0-12: unknown variables are refused, with what was probably meant."""
    found = check("Hola\n{{ contact.nmae }}\n{{ xyzzy }} {{ invoice.number }}", ALLOWED)

    assert found == [
        UnknownField("contact.nmae", 2, "contact.name"),
        UnknownField("xyzzy", 3, None),
    ]


@pytest.mark.parametrize(
    ("template", "name", "line"),
    [
        ("a\n{{ contact.name", "contact.name", 2),
        ("{{ contact.name }", "contact.name }", 1),
        ("{% if x %}", "{%", 1),
        ("{{ contact.name | upper }}", "contact.name | upper", 1),
        ("{{ contact.name() }}", "contact.name()", 1),
        ("{{ <b>contact.name</b> }}", "<b>contact.name</b>", 1),
        ("{{ }}", "", 1),
        ("{{ ''.__class__ }}", "''.__class__", 1),
        ("{{ contact['name'] }}", "contact['name']", 1),
    ],
)
def test_braces_without_a_field_are_malformed(template, name, line):
    (found,) = check(template, ALLOWED)

    assert (found.line, found.is_malformed) == (line, True)
    assert found.name.strip() == name or not name


@pytest.mark.parametrize("name", ["contact.__class__", "_private", "Contact.Name", "a..b", "1"])
def test_names_that_no_field_can_have_are_unknown(name):
    (found,) = check(f"{{{{ {name} }}}}", ALLOWED)

    assert found.name == name


def test_a_sound_template_has_nothing_in_its_way():
    style = "<style>@media (max-width: 600px) {p {color: red}}</style>"
    template = style + "<p>{{ contact.name }}{{ access_url }}{{\ninvoice.total\n}}</p>"

    assert check(template, ALLOWED) == []
    assert fields_in(template) == {"contact.name", "access_url", "invoice.total"}
    assert render(template, VALUES, html=False).startswith(style)


def test_missing_value_stops_the_rendering():
    with pytest.raises(UnknownFieldError) as caught:
        render("{{ contact.name }} {{ invoice.due }}", VALUES, html=True)

    assert caught.value.reason_code == "render_error"


@pytest.mark.parametrize("template", ["{{ contact.name", "{{ contact.name() }}", "{{{{ a }}"])
def test_braces_without_a_field_stop_the_rendering(template):
    with pytest.raises(RenderError):
        render(template, VALUES, html=False)


def test_what_is_filled_in_is_never_a_template():
    assert render("{{ a }}", {"a": "{{ b }}", "b": "secret"}, html=True) == "{{ b }}"


def test_attributes_of_values_are_out_of_reach():
    with pytest.raises(UnknownFieldError):
        render("{{ contact.name.upper }}", VALUES, html=False)


@given(st.text())
def test_subjects_are_one_line_without_control_characters(name):
    subject = render_subject("Factura de {{ name }}", {"name": name})

    assert subject.splitlines() == [subject]
    assert not set(subject) & {chr(code) for code in [*range(32), 127]}


def test_subjects_are_not_escaped():
    assert render_subject("{{ n }}", {"n": "Peña & Hijos\r\nBcc: x"}) == "Peña & Hijos Bcc: x"


@given(st.text(string.printable), st.text(string.printable))
def test_every_template_that_passes_the_check_can_be_rendered(before, after):
    template = before + "{{ contact.name }}" + after

    if not check(template, ALLOWED):
        render(template, VALUES, html=True)


def test_size_is_limited():
    with pytest.raises(TextTooLong):
        check("x" * 200_001, ALLOWED)
    with pytest.raises(TextTooLong):
        render("x" * 200_001, {}, html=False)
    with pytest.raises(TextTooLong):
        render("{{ a }}" * 200, {"a": "x" * 10_000}, html=False)


@pytest.mark.parametrize("hostile", ["{%", "{{a}}", "{{contact.nme}}", "{{ ", "{{contact.name}}\n"])
def test_the_longest_template_is_checked_in_no_time(hostile):
    """A name that was probably meant is not looked for in forty thousand places."""
    text = (hostile * LONGEST_TEMPLATE)[:LONGEST_TEMPLATE]

    began = time.monotonic()
    found = check(text, ["contact.name", "contact.email"])

    assert time.monotonic() - began < 5
    assert len(found) <= 20
