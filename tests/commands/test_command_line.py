"""What all commands share, whatever they do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "create", "--email", "a@b.example", "--name", "A", "--role", "boss"],
        ["account", "add", "--organization", "X"],
        ["mailing", "status", "one"],
        ["nothing"],
        ["user", "nothing"],
        ["organization", "create", "--nothing"],
    ],
)
def test_a_mistyped_command_is_one_line_and_exit_code_2(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_the_help_names_our_commands_only(run_anew: Run) -> None:
    done = run_anew("--help")

    assert done.returncode == 0
    assert "Usage: script/cli" in done.stdout
    assert "organization" in done.stdout
    assert "Flask" not in done.stdout


def test_what_was_loaded_is_no_garbage_and_what_comes_may_be(
    environment: dict[str, str], root: Path
) -> None:
    """Decision 0058: the application is never looked through, and a long command still cleans up."""
    told = "print(gc.isenabled(), gc.get_freeze_count() > 100_000)"
    code = f"import atexit, gc; atexit.register(lambda: {told}); import commands.__main__"

    done = subprocess.run(
        [sys.executable, "-c", code, "system", "worker", "--help"],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.stdout.splitlines()[-1] == "True True", done.stderr
