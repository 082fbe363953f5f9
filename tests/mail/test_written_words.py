"""P-06: of an answer by e-mail only what its writer wrote becomes a comment."""

import pytest

from mail.parsing import parse_message
from mail.written_words import written_words
from tests.factories.mailbox import make_raw

OURS = "Le enviamos la factura FV-1."
SAYS = "Buenos días:\n\nEl IVA no coincide."


@pytest.mark.parametrize(
    "text",
    [
        SAYS,
        f"{SAYS}\n\nEl vie, 20 nov 2026 a las 12:00, Ventas (<ventas@penalba.example>) escribió:\n\n> {OURS}\n> Fin",
        f"{SAYS}\n\nOn Fri, Nov 20, 2026 at 12:00 PM Ventas <\nventas@penalba.example> wrote:\n\n> {OURS}",
        f"{SAYS}\n\n-----Mensaje original-----\nDe: Ventas\n{OURS}",
        f"{SAYS}\n\nDe: Ventas <ventas@penalba.example>\nEnviado: viernes, 20 de noviembre\nPara: Ana\nAsunto: FV-1\n\n{OURS}",
        f"{SAYS}\n\nFrom: Ventas\nSent: Friday\nTo: Ana\nSubject: FV-1\n\n{OURS}",
        f"{SAYS}\n\n-- \nAna Ruiz\nCliente S.A.",
        f"{SAYS}\r\n\r\n\r\n\r\n--\r\nAna",
        f"El 20 de nov de 2026, Ventas escribió:\n> {OURS}\n\n{SAYS}",
        f"\n\n{SAYS}\n\n\n",
    ],
)
def test_what_is_repeated_is_cut(text: str) -> None:
    assert written_words(parse_message(make_raw(text=text))) == SAYS


@pytest.mark.parametrize(
    "quoted",
    [
        f'<div class="gmail_quote"><div>El vie, Ventas escribió:</div><blockquote>{OURS}</blockquote></div>',
        f'<blockquote type="cite">{OURS}</blockquote>',
        f'<div id="divRplyFwdMsg"><b>De:</b> Ventas</div><div>{OURS}</div>',
        f"<div><p><b>De:</b> Ventas<br><b>Enviado el:</b> viernes<br><b>Para:</b> Ana<br></p></div><p>{OURS}</p>",
    ],
)
def test_html_without_a_text_is_cut_too(quoted: str) -> None:
    head = b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    html = f"<p>Buenos días:</p><p>El IVA no coincide.</p>{quoted}"

    assert written_words(parse_message(head + html.encode())) == SAYS.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "text",
    [
        "¿Cuánto?\n> 12 EUR\nDe acuerdo.\n> ¿Cuándo?\nHoy.",
        "De: Bogotá\nA: Medellín\n\nHola",
        "De nada.",
        "El día 2 escribió:\n> ¿Sí?\nSí.\n> ¿No?\nNo.",
    ],
)
def test_what_is_written_in_between_stays(text: str) -> None:
    assert written_words(parse_message(make_raw(text=text))) == text


@pytest.mark.parametrize(
    "text",
    ["", " \n\n", "\x00\x01", f"> {OURS}", f"De: V\nEnviado: hoy\nPara: A\n\n{OURS}"],
)
def test_nothing_is_nothing(text: str) -> None:
    raw = b"From: a@b.example\r\n\r\n" + text.encode()

    assert written_words(parse_message(raw)) == ""
