"""Keys by the command line (issue's "Keys")."""

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.sealing import keyring
from settings import Settings, read_keys
from tests.factories.people import make_mail_account


def test_keys_are_renewed_in_a_process_of_its_own(
    app: Flask,
    organization: Organization,
    settings: Settings,
    environment: dict[str, str],
    tmp_path: Path,
    root: Path,
) -> None:
    """A new key in the file, a line for each column, and this process reads on without a restart."""
    file = tmp_path / "secret.keys"
    file.write_text(settings.encryption_keys[0] + "\n")
    keyring.use(settings.encryption_keys, file=file)
    account = make_mail_account(password="secret")
    db.session.commit()
    sealed = account.password_sealed
    environment = {**environment, "VENTANILLA_DATA": str(tmp_path), "ENCRYPTION_KEYS": ""}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "commands", "keys", *arguments],
            env={**os.environ, **environment},
            cwd=root,
            capture_output=True,
            text=True,
            timeout=120,
        )

    done = run("rotate")

    db.session.rollback()
    db.session.expire_all()
    assert (done.returncode, done.stderr) == (0, "")
    assert "mail_account.password_sealed: 1" in done.stdout
    assert "A new key was made. Secrets sealed anew: 1." in done.stdout
    assert len(read_keys(file)[0]) == 2
    fresh = db.session.get_one(MailAccount, account.id)
    assert fresh.password_sealed != sealed
    assert fresh.password == "secret"
    keyring.use(settings.encryption_keys, file=settings.key_file)
