"""The command line: argv in, exit code out. A command is a module in `commands/`; a file there is all it takes.

Exit codes: 0 done or nothing to do, 1 `check` found something or a dry run would change something, 2 bad input,
3 conflict or refusal; with 2 and 3 nothing was written. 130 and 143 after ^C and SIGTERM.
"""

from __future__ import annotations

import importlib
import pkgutil
import signal
import sys
from typing import NoReturn

import click

from bakegen import catalog
from bakegen.cli import commands, output
from bakegen.errors import UserError


class CommandFolder(click.Group):
    """Finds a command's module by its name and imports only that one."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            output.error(error)
            ctx.exit(error.code)
        except (KeyboardInterrupt, click.Abort):  # what was being written is undone, or done, by now
            output.note("interrupted")
            ctx.exit(128 + signal.SIGINT)


@click.group(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(catalog.VERSION, prog_name="bakegen")
def cli() -> None:
    """Keep Dockerfiles, docker-bake.hcl, workflow and Compose files in step as services come and go.

    \b
    Example:
      bakegen new shop
      cd shop
      bakegen add-service worker
      docker buildx bake
    """


def main() -> None:
    """Entry point of the `bakegen` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        cli()
    except _TerminatedError:
        output.note("terminated")
        sys.exit(128 + signal.SIGTERM)


class _TerminatedError(BaseException):
    """As KeyboardInterrupt: no error that somebody may take for his own, and what is being written is undone, or done."""


def _terminated(_number: int, _frame: object) -> NoReturn:
    raise _TerminatedError
