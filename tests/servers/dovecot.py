"""Debian's Dovecot on 127.0.0.1, with ports, people and a folder of its own.

    with Dovecot(folder, certificate=certificates.valid, people={"ventas": "secret"}) as dovecot:
        dovecot.port       # in the clear, with STARTTLS
        dovecot.tls_port   # encrypted from the first byte

`further` is configuration to add. Root runs it as Debian does; everybody else runs it as themselves.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Self

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
START_SECONDS = 20

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
{users}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/people
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
{further}
"""


class Dovecot:
    """Runs from `with` on."""

    def __init__(
        self, folder: Path, *, certificate: str, people: dict[str, str], further: str = ""
    ) -> None:
        self.folder = folder
        self.port, self.tls_port = _free_ports()
        user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        entry = pwd.getpwnam(user)
        for name in ("run", "state", "mail"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for parent in (folder, *folder.parents):  # pytest's folders are for their owner only
            if os.access(parent, os.W_OK) and parent.stat().st_uid == os.getuid():
                with contextlib.suppress(OSError):
                    parent.chmod(parent.stat().st_mode | 0o711)
        os.chown(folder / "mail", entry.pw_uid, entry.pw_gid)
        lines = [f"{login}:{password}" for login, password in people.items()]
        (folder / "people").write_text("\n".join(lines) + "\n")
        (folder / "people").chmod(0o644)
        own = f"default_internal_user = {user}\ndefault_login_user = {user}"
        (folder / "dovecot.conf").write_text(
            CONFIG.format(
                folder=folder,
                certificate=certificate,
                user=user,
                group=entry.pw_gid,
                users="" if os.getuid() == 0 else own,
                chroot="" if os.getuid() == 0 else "chroot =",
                port=self.port,
                tls_port=self.tls_port,
                further=further,
            )
        )

    @property
    def log(self) -> str:
        file = self.folder / "dovecot.log"
        return file.read_text() if file.exists() else ""

    def __enter__(self) -> Self:
        command = [PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")]
        self._process = subprocess.Popen(command, start_new_session=True)
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"Dovecot does not start: {self.log}")

    @contextlib.contextmanager
    def without(self, *subjects: str, of: str) -> Iterator[None]:
        """It names these messages in the inbox of this person, and cannot read their files meanwhile."""
        inbox = self.folder / "mail" / of
        files = [file for kind in ("new", "cur") for file in (inbox / kind).iterdir()]
        lost = [file for file in files if _subject_of(file) in subjects]
        assert len(lost) == len(subjects)
        for file in lost:
            file.chmod(0)
        yield
        for file in lost:
            # Its name says its flags, and those may have changed.
            [now] = inbox.glob(f"*/{file.name.partition(':')[0]}*")
            now.chmod(0o600)

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _subject_of(file: Path) -> str:
    return str(message_from_bytes(file.read_bytes(), policy=default)["Subject"])


def is_installed() -> bool:
    """Whether this machine has it."""
    return Path(PROGRAM).exists()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
