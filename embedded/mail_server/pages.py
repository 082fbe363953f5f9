"""The demo mailbox as pages: a list, a message with its PDF beside it."""

import time
from email.message import EmailMessage
from html import escape
from urllib.parse import quote

from embedded.mail_server.mail_store import Arrived

WORDS = {
    "es": {
        "title": "Correo de la demostración",
        "note": "Todo lo que la demostración envía llega aquí; nada sale de esta máquina.",
        "find": "Buscar destinatario o asunto",
        "empty": "Todavía no ha llegado ningún correo.",
        "to": "Para",
        "from": "De",
        "subject": "Asunto",
        "at": "Llegó",
        "back": "Todos los mensajes",
        "source": "Fuente",
        "files": "Adjuntos",
        "count": "mensajes",
        "answer": "Responder como",
        "said": "Respuesta",
    },
    "en": {
        "title": "Demo mailbox",
        "note": "Everything that the demo sends arrives here; nothing leaves this machine.",
        "find": "Find a recipient or subject",
        "empty": "No e-mail has arrived yet.",
        "to": "To",
        "from": "From",
        "subject": "Subject",
        "at": "Arrived",
        "back": "All messages",
        "source": "Source",
        "files": "Attachments",
        "count": "messages",
        "answer": "Answer as",
        "said": "Answer",
    },
}
STYLE = """
:root{color-scheme:light dark;--line:light-dark(#e3e7ea,#273038);--ink:light-dark(#15202b,#e9eef2);
--dim:light-dark(#5d6975,#93a0ac);--bg:light-dark(#f6f7f8,#0e1317);--card:light-dark(#fff,#151b20);
--brand:light-dark(#0b5a73,#5cbad8)}
*{box-sizing:border-box}body{margin:0;font:14px/20px Inter,system-ui,sans-serif;background:var(--bg);color:var(--ink)}
main{max-width:1440px;margin:0 auto;padding:24px 16px}h1{font-size:22px;line-height:28px;font-weight:600;margin:0 0 4px}
p{margin:0 0 16px;color:var(--dim)}a{color:var(--brand)}.card{background:var(--card);border:1px solid var(--line);
border-radius:10px;overflow:hidden}table{width:100%;border-collapse:collapse}th,td{padding:10px 16px;text-align:left;
border-bottom:1px solid var(--line);vertical-align:top}th{font-size:12px;font-weight:500;color:var(--dim)}
td.t{white-space:nowrap;color:var(--dim);font-variant-numeric:tabular-nums}tr:last-child td{border:0}
input{width:100%;max-width:420px;height:36px;padding:0 12px;border:1px solid #87929d;border-radius:6px;background:var(--card);
color:inherit;font:inherit;margin-bottom:16px}textarea{display:block;width:100%;min-height:96px;padding:8px 12px;border:1px solid #87929d;
border-radius:6px;background:var(--card);color:inherit;font:inherit;margin:16px 0 8px}button{min-height:36px;padding:0 16px;border:0;
border-radius:6px;background:light-dark(#0b5a73,#1d7593);color:#fff;font:inherit;font-weight:500;cursor:pointer}dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:12px 0 16px}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px}
iframe{width:100%;height:70vh;border:0;background:#fff;display:block}:focus-visible{outline:2px solid var(--brand);outline-offset:2px}
@media(max-width:600px){thead{display:none}tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
td,tr:last-child td{display:block;padding:2px 16px;border:0;overflow-wrap:anywhere}}
"""


def list_page(arrived: list[Arrived], total: int, wanted: str, lang: str) -> str:
    """The newest messages as a table of links."""
    word = WORDS[lang]
    rows = "".join(
        f"<tr><td>{escape(mail.recipient)}</td><td><a href='/message/{mail.key}'>{escape(mail.subject)}</a></td>"
        f"<td class='t'>{_moment(mail.at, lang)}</td></tr>"
        for mail in arrived
    )
    table = (
        f"<div class='card'><table><caption class='card' hidden>{word['title']}</caption><thead><tr><th>{word['to']}</th>"
        f"<th>{word['subject']}</th><th class='t'>{word['at']}</th></tr></thead><tbody>{rows}</tbody></table></div>"
        if rows
        else f"<p>{word['empty']}</p>"
    )
    body = (
        f"<h1>{word['title']}</h1><p>{word['note']} {total} {word['count']}.</p>"
        f"<form><input name='q' type='search' value='{escape(wanted, quote=True)}' aria-label='{word['find']}'"
        f" placeholder='{word['find']}'></form>{table}"
    )
    return _page(word["title"], body, lang)


def message_page(key: str, message: EmailMessage, lang: str) -> str:
    """One message: its head, its text in a sandbox, and the first PDF beside it."""
    word = WORDS[lang]
    files = list(message.iter_attachments())
    links = ", ".join(
        f"<a href='/message/{key}/file/{number}'>{escape(part.get_filename() or '?')}</a>"
        for number, part in enumerate(files)
    )
    pdf = next(
        (n for n, part in enumerate(files) if part.get_content_type() == "application/pdf"), None
    )
    frames = f"<div class='card'><iframe title='{word['subject']}' sandbox src='/message/{key}/text'></iframe></div>"
    if pdf is not None:
        name = quote(files[pdf].get_filename() or "pdf")
        frames += f"<div class='card'><iframe title='PDF' src='/message/{key}/file/{pdf}/{name}'></iframe></div>"
    facts = "".join(
        f"<dt>{word[label]}</dt><dd>{escape(str(message[header] or ''))}</dd>"
        for label, header in (("from", "From"), ("to", "To"), ("subject", "Subject"))
    )
    to = escape(str(message["To"] or message["X-Demo-Recipients"]).split(",")[0])
    body = (
        f"<p><a href='/'>← {word['back']}</a></p><h1>{escape(str(message['Subject'] or ''))}</h1>"
        f"<dl>{facts}<dt>Message-ID</dt><dd>{escape(str(message['Message-ID'] or ''))}</dd>"
        f"<dt>{word['files']}</dt><dd>{links or '–'}</dd></dl><div class='two'>{frames}</div>"
        f"<form method='post' action='/message/{key}/answer'><textarea name='text' required aria-label='{word['said']}'"
        f" placeholder='{word['said']}'></textarea><button>{word['answer']} {to}</button></form>"
        f"<p><a href='/message/{key}/source'>{word['source']}</a></p>"
    )
    return _page(str(message["Subject"] or word["title"]), body, lang)


def _page(title: str, body: str, lang: str) -> str:
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{escape(title)}</title><link rel='stylesheet' href='/style.css'></head><body><main>{body}</main></body></html>"
    )


def _moment(at: float, lang: str) -> str:
    day = "%d/%m/%Y" if lang == "es" else "%d %b %Y"
    return time.strftime(f"{day}, %H:%M:%S", time.localtime(at))
