"""``zhiren``: the one command line. Each floor brings its own group; this file only puts them together."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from ops import terminal
from ops.installation import Installation
from ops.services.errors import ServiceError
from zhiren.errors import ZhirenError
from zhiren.i18n import _

#: command -> where it is written; loaded when it is called or listed
COMMANDS: Final[Mapping[str, str]] = {
    "demo": "ops.commands.demo:demo",
    "serve": "ops.commands.run:serve",
    "worker": "ops.commands.run:worker",
    "scheduler": "ops.commands.run:scheduler",
    "setup": "ops.commands.setup:setup",
    "preflight": "ops.commands.setup:preflight",
    "audit": "ops.commands.audit:audit",
    "test": "ops.commands.develop:test",
    "lint": "ops.commands.develop:lint",
    "bench": "ops.commands.develop:bench",
}


class Commands(click.Group):
    """A group whose commands are imported only when they are needed: ``--help`` and start-up stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _colon, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


def group() -> Commands:
    """The root command, its help in the language chosen before."""

    @click.pass_context
    def root(context: click.Context) -> None:
        context.obj = installation = Installation(os.environ)
        context.call_on_close(installation.close)

    return Commands(
        "zhiren",
        callback=root,
        help=_("知人 zhiren：人事与薪酬。从 `zhiren demo` 开始。"),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status. Refusals are said in words, never as a trace."""
    terminal.speak(os.environ)
    try:
        result: Any = group().main(arguments, prog_name="zhiren", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except (ServiceError, ZhirenError) as error:
        terminal.bad(error.message, error.hint)
        return 1
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
