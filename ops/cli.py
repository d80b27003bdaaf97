"""``zhiren``: the one command line. Each floor brings its own group; this file only puts them together."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import click

from ops import terminal
from ops.installation import Installation
from ops.services import ServiceError
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _


class Place(NamedTuple):
    """Where a command is written, and its line in the list of commands. Imported when it is called."""

    module: str
    attribute: str
    help: str


COMMANDS: Final[Mapping[str, Place]] = {
    "demo": Place("ops.commands.demo", "demo", N_("在本机启动全部服务和两家演示客户")),
    "serve": Place("ops.commands.run", "serve", N_("启动网页服务")),
    "worker": Place("ops.commands.run", "worker", N_("启动后台任务进程")),
    "scheduler": Place("ops.commands.run", "scheduler", N_("启动调度进程：交付任务、串接审计、定时清理")),
    "setup": Place("ops.commands.setup", "setup", N_("建好或修复数据库的角色、权限和表")),
    "preflight": Place("ops.commands.setup", "preflight", N_("检查运行条件，逐项说明怎么补")),
    "tenant": Place("tenants.cli", "tenant", N_("客户：建立、查看、暂停、恢复、升级结构")),
    "operator": Place("ops.commands.operator", "operator", N_("运营台帐号：新建、查看、停用")),
    "law": Place("modules.payroll.cli", "law", N_("法规数据：核对计算结果")),
    "resumes": Place("modules.recruiting.cli", "resumes", N_("简历：核对识别的正确率")),
    "audit": Place("ops.commands.audit", "audit", N_("审计：核对记录链")),
    "licence": Place("ops.commands.licence", "licence", N_("授权：签发、查看、安装")),
    "test": Place("ops.commands.develop", "test", N_("运行测试")),
    "lint": Place("ops.commands.develop", "lint", N_("检查代码")),
    "bench": Place("ops.commands.develop", "bench", N_("测量速度")),
}


class Commands(click.Group):
    """A group that imports a command when it is called: ``--help`` and start-up stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        terminal.speak_of(place.module.rpartition(".")[0])
        command: click.Command = getattr(import_module(place.module), place.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(_("命令")):
            formatter.write_dl([(name, _(place.help)) for name, place in COMMANDS.items()])


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
