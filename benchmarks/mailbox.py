"""20,000 messages (257 MB) on a Dovecot of this machine: the first reading against mbsync, a reading without news, 1,000 accounts asked.

mbsync (isync) copies files; we parse, tie conversations, index and keep. Both read over the same server, one after the other,
several times. Prints one JSON object.
"""

import argparse
import gc
import hashlib
import logging
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, select, text

from app import create_app
from benchmarks.portal_load.rows import superuser
from embedded.services import running_services
from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.mailbox.mail_sync import MailSync
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.message_text import MessageText
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.polling import poll_mailboxes
from services.mailbox.sync_run import SyncTools
from services.system.database import prepare_database
from settings import Settings
from tests.servers.certificates import make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, SPECIAL

FOLDERS = {"": 9_000, ".Sent": 4_000, ".Obra": 3_000, ".Archive": 3_000, ".Trash": 1_000}
BYTES_EACH = 12_850
ROUNDS = 5
ACCOUNTS = 1_000
QUIET_ROUNDS = 20
STOP = ["de", "la", "que", "el", "en", "y", "los", "del", "se", "las", "por", "un", "para", "con"]
ROOT = Path(__file__).resolve().parent.parent
# All that a reading writes, with what refers to it: what a former round left would be swept up beside the next one.
READ = ("mail_account", "mail_sync", "mail_folder", "message", "message_pack", "thread")
Around = psycopg.Connection[tuple[object, ...]]

MBSYNC = """
FSync no

IMAPAccount a
Host 127.0.0.1
Port {port}
User bench
Pass {password}
SSLType None
AuthMechs PLAIN
PipelineDepth 50

IMAPStore r
Account a

MaildirStore l
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel c
Far :r:
Near :l:
Patterns *
Create Near
SyncState *
"""


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine."""
    rounds = (arguments and arguments.rounds) or ROUNDS
    logging.getLogger("ventanilla").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(prefix="vt-bench-"))
    folder.chmod(0o711)
    try:
        return _measured(folder, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(folder: Path, rounds: int) -> dict[str, Any]:
    names = ["bench", *(f"n{number}" for number in range(ACCOUNTS))]
    dovecot = Dovecot(
        folder / "dovecot",
        certificate=make_certificates(folder).valid,
        people=dict.fromkeys(names, PASSWORD),
        further=SPECIAL + "mail_max_userip_connections = 100\n",
    )
    _fill(folder / "dovecot" / "mail" / "bench")
    env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    with dovecot, running_services(folder / "data", env) as urls:
        env |= urls.as_environment() | {"MAIL_PORTS": "any", "LOG_LEVEL": "ERROR"}
        env |= {"VENTANILLA_DATA": str(folder / "settings"), "FILES_URL": str(folder / "files")}
        settings = Settings.from_env(env)
        prepare_database(settings.database_url, settings.logins())
        app = create_app(settings)
        gc.freeze()  # as `jobs/worker.py` does it
        with app.app_context(), superuser(settings, urls.superuser_url or "") as around:
            company = Organization(code="BENCH", name="Bench")
            db.session.add(company)
            db.session.commit()
            enter(Scope(organization_id=company.id, actor=Actor(name="bench")))
            found = _first_readings(around, dovecot, folder, rounds)
            found |= _no_news(dovecot)
            found |= _many(dovecot)
            db.session.remove()
            db.engine.dispose()
    return {"benchmark": "mailbox", "load": os.getloadavg()[0], **found}


def _first_readings(around: Around, dovecot: Dovecot, folder: Path, rounds: int) -> dict[str, Any]:
    """Pairs, one after the other; before the first, once each without a clock."""
    theirs, ours, usable = [], [], []
    _mbsync(dovecot, folder)
    for number in range(rounds + 1):
        first = _read_first(around, dovecot, f"bench{number}@example.com")
        peer = _mbsync(dovecot, folder)
        if number:
            ours.append(first["seconds"])
            usable.append(first["usable"])
            theirs.append(peer)
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return {
        "first_seconds": [round(each, 1) for each in ours],
        "mbsync_seconds": [round(each, 1) for each in theirs],
        "first_median": round(statistics.median(ours), 1),
        "mbsync_median": round(statistics.median(theirs), 1),
        "ratio_of_medians": round(statistics.median(ours) / statistics.median(theirs), 2),
        "ratios": [round(each, 2) for each in ratios],
        "usable_seconds": round(statistics.median(usable), 2),
        "messages": sum(FOLDERS.values()),
    }


def _account(dovecot: Dovecot, address: str, login: str) -> int:
    account = MailAccount(
        address=address,
        smtp_host="127.0.0.1",
        smtp_port=25,
        smtp_security=MailSecurity.NONE,
        imap_host="127.0.0.1",
        imap_port=dovecot.port,
        imap_security=MailSecurity.NONE,
        login=login,
        sync_days=None,
    )
    account.password = PASSWORD
    db.session.add(account)
    db.session.commit()
    return account.id


def _read_first(around: Around, dovecot: Dovecot, address: str) -> dict[str, float]:
    """An empty installation reads the mailbox; all of it, words included."""
    db.session.commit()
    around.execute(f"TRUNCATE {', '.join(READ)} CASCADE".encode())
    account_id = _account(dovecot, address, "bench")
    tools = SyncTools(gateway=NetworkGateway())
    begin = time.perf_counter()
    sync_mailbox(account_id, tools, seconds=0)
    usable = time.perf_counter() - begin
    while sync_mailbox(account_id, tools):
        pass
    seconds = time.perf_counter() - begin
    for model in (MessagePlacement, MessageText):
        count = db.session.scalar(select(func.count()).select_from(model))
        if count != sum(FOLDERS.values()):
            raise RuntimeError(f"{count} rows of {model.__tablename__} instead of all messages.")
    return {"seconds": seconds, "usable": usable}


def _mbsync(dovecot: Dovecot, folder: Path) -> float:
    target = folder / "mbsync"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    config = folder / "mbsyncrc"
    config.write_text(MBSYNC.format(port=dovecot.port, password=PASSWORD, folder=target))
    begin = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-q", "-c", config, "c"], check=True)
    seconds = time.perf_counter() - begin
    count = sum(
        len(names) for place, _, names in os.walk(target) if place.endswith(("/cur", "/new"))
    )
    if count != sum(FOLDERS.values()):
        raise RuntimeError(f"mbsync has copied {count} messages.")
    return seconds


def _no_news(dovecot: Dovecot) -> dict[str, Any]:
    """Readings of the large mailbox in which nothing has changed."""
    account_id = db.session.scalars(select(MailAccount.id)).one()
    tools = SyncTools(gateway=NetworkGateway())
    wall, own = [], []
    for _round in range(QUIET_ROUNDS):
        db.session.execute(text("UPDATE mail_sync SET next_poll_at = now()"))
        db.session.commit()
        begin, cpu = time.perf_counter(), time.process_time()
        asked = poll_mailboxes(tools, _unexpected)
        wall.append(time.perf_counter() - begin)
        own.append(time.process_time() - cpu)
        if asked != 1:
            raise RuntimeError("The mailbox was not asked.")
    return {
        "no_news_ms": round(statistics.median(wall) * 1000, 1),
        "no_news_cpu_ms": round(statistics.median(own) * 1000, 1),
        "account": account_id,
    }


def _unexpected(account_id: int) -> None:
    raise RuntimeError(f"Account {account_id} has changed.")


def _many(dovecot: Dovecot) -> dict[str, Any]:
    """1,000 accounts without news, asked by one worker, and by four at a time."""
    keys = [_account(dovecot, f"n{number}@example.com", f"n{number}") for number in range(ACCOUNTS)]
    tools = SyncTools(gateway=NetworkGateway())
    begin = time.perf_counter()
    for key in keys:
        sync_mailbox(key, tools)
    contact = time.perf_counter() - begin
    begin = time.perf_counter()
    db.session.execute(text("UPDATE mail_sync SET next_poll_at = now()"))
    db.session.commit()
    asked = 0
    while asked < ACCOUNTS + 1:
        asked += poll_mailboxes(tools, _unexpected, seconds=300)
    seconds = time.perf_counter() - begin
    waiting = db.session.scalar(select(func.count()).where(MailSync.last_good_at.is_(None)))
    return {
        "accounts": ACCOUNTS,
        "first_contact_seconds": round(contact, 1),
        "polled_seconds_1_worker": round(seconds, 1),
        "not_reached": waiting,
    }


def _fill(box: Path) -> None:
    """A maildir as Dovecot keeps it; the same bytes in each run."""
    rng = random.Random(20261127)
    words = [
        hashlib.sha256(str(n).encode()).hexdigest()[: 4 + n % 6] for n in range(20_000)
    ] + STOP * 900
    filler = [rng.randbytes(60).hex()[:76] for _line in range(1_000)]
    known: list[str] = []
    for name, count in FOLDERS.items():
        place = box / name
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            unique = f"{name.strip('.') or 'inbox'}{number}"
            answered = rng.choice(known) if known and rng.random() < 0.55 else None
            known.append(unique)
            raw = _message(rng, words, filler, unique, answered)
            flags = "S" if rng.random() < 0.8 else ""
            file = place / "cur" / f"{1_750_000_000 + number}.{unique}.bench:2,{flags}"
            file.write_bytes(raw)
    subprocess.run(["chown", "-R", "--reference", box.parent, box], check=True)


def _message(
    rng: random.Random, words: list[str], filler: list[str], unique: str, answered: str | None
) -> bytes:
    body = "\n".join(" ".join(rng.choices(words, k=11)) for _line in range(16))
    more = rng.choices(filler, k=max(1, int(rng.expovariate(1 / (BYTES_EACH - 2_400)) / 77)))
    answers = f"In-Reply-To: <{answered}@bench.example>\n" if answered else ""
    return (
        f"From: Persona {rng.randrange(900)} <p{rng.randrange(900)}@cliente.example>\n"
        f"To: ventas@penalba.example\nSubject: {' '.join(rng.choices(words, k=5))}\n"
        f"Message-ID: <{unique}@bench.example>\n{answers}"
        f"Date: {rng.randrange(1, 28)} Oct 2026 1{rng.randrange(10)}:00:00 +0000\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=BOUND\n\n"
        f"--BOUND\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
        "--BOUND\nContent-Type: application/octet-stream; name=datos.bin\nContent-Disposition: attachment\n\n"
        + "\n".join(more)
        + "\n--BOUND--\n"
    ).encode()
