"""Run a module with the services around it: `python -m embedded.run MODULE ARGUMENT...`.

Joins the services of a running server, or starts them for as long as the command takes (`script/cli`).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from embedded.data_folder import DataFolder, python_path
from embedded.process import die_with_parent
from embedded.services import running_services
from errors import AppError


def main(argv: Sequence[str]) -> int:
    """The command's own exit code; 2 with one line if the services cannot be had."""
    # Ctrl-C reaches the command too, as we share its terminal: it ends first, then we do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with running_services(None, os.environ) as services:
            env = {**os.environ, **services.as_environment(), "PYTHONPATH": python_path(os.environ)}
            # What a command writes into documents must lead to where the server is, or was last.
            if address := _address_of_server():
                env.setdefault("PUBLIC_BASE_URL", address)
            program = [sys.executable, "-P", "-m", *argv]
            ours = os.getpid()
            with subprocess.Popen(
                program, env=env, preexec_fn=lambda: _become_command(ours)
            ) as command:
                signal.signal(signal.SIGTERM, lambda number, frame: command.terminate())
                return _exit_code(command.wait())
    except AppError as problem:
        sys.stderr.write(f"{problem.message}\n")
        return 2


def _address_of_server() -> str:
    try:
        return (DataFolder.from_env(os.environ).locks / "server").read_text()
    except FileNotFoundError:
        return ""


def _become_command(parent: int) -> None:
    """Heed Ctrl-C again, and end when the services are no longer held for us."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        die_with_parent(signal.SIGTERM, parent=parent)


def _exit_code(code: int) -> int:
    """What a shell would say of a command that a signal ended."""
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
