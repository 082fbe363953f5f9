"""`python -m commands ...`: the command line with the application around it."""

import gc
import os
import sys
from pathlib import Path

import click
from flask.cli import FlaskGroup, shell_command

# By its place and not by import: doors do not know the application that holds them.
os.environ["FLASK_APP"] = str(Path(__file__).resolve().parent.parent / "app")
PROGRAM = "script/cli"
OURS = (
    *("user", "organization", "account", "import", "mailing", "document", "keys"),
    *("system", "shell"),
)


class CommandLine(FlaskGroup):
    """Our commands and a shell, without those that libraries bring along."""

    def __init__(self) -> None:
        super().__init__(
            help="Ventanilla by command line. Every command has --help.",
            add_default_commands=False,
            add_version_option=False,
            load_dotenv=False,
            set_debug_flag=False,
        )
        self.params = []  # which application it is, is no question here
        self.add_command(shell_command)

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name in OURS if name in super(CommandLine, self).list_commands(context)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Looking for it loads the application: what that has made stays, and is never looked through for garbage."""
        found = super().get_command(context, name) if name in OURS else None
        gc.freeze()
        gc.enable()
        return found


def main() -> None:
    """Run the command; a mistake of the person is one line and exit code 2."""
    gc.disable()  # what is loaded makes no garbage, and looking for some was a fifth of a start
    try:
        code = CommandLine().main(prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.ClickException as problem:
        click.echo(" ".join(problem.format_message().split()), err=True)
        sys.exit(problem.exit_code)
    except click.Abort:
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


main()
