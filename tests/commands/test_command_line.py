"""What all commands share, whatever they do."""

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


def test_the_help_names_our_commands_only(run: Run) -> None:
    done = run("--help")

    assert done.returncode == 0
    assert "Usage: script/cli" in done.stdout
    assert "organization" in done.stdout
    assert "Flask" not in done.stdout
