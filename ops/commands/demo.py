"""``zhiren demo``: everything on this machine, with two customers to look at."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

import click

from ops import terminal
from ops.installation import Installation
from ops.services import remove
from zhiren.i18n import _
from zhiren.settings import Settings


class House(Protocol):
    """``ops.demo``, as far as the command line knows it. Loaded when it is called: it brings the whole program."""

    def run(self, settings: Settings, *, port: int, check: bool) -> int:
        """Make the demo customers, serve on ``port`` until Ctrl-C, or check everything over HTTP and return 0 or 1."""
        ...


@click.command(help=_("在本机启动全部服务和两家演示客户；Ctrl-C 结束。"))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=_("网页端口。"))
@click.option("--check", is_flag=True, help=_("无人值守：像用户一样走完主要流程，核对结果，然后退出（0 或 1）。"))
@click.option("--fresh", is_flag=True, help=_("先清空上次的演示数据。"))
@click.pass_obj
def demo(installation: Installation, port: int, check: bool, fresh: bool) -> int:
    if fresh:
        remove(installation.var_dir)
    terminal.step(_("启动数据库、队列和密钥服务…"))
    settings = installation.load(port=str(port))
    house = cast("House", import_module("ops.demo"))
    return house.run(settings, port=port, check=check)
