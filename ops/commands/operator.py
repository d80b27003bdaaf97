"""``zhiren operator …``: who may log in to the vendor's console."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from ops import terminal
from ops.console import service
from ops.installation import Installation
from tenants.control import migrate_control
from tenants.owner import Owner
from zhiren.i18n import _

T = TypeVar("T")


@click.group(help=_("运营台帐号：服务商自己的人，不是客户的。"))
def operator() -> None:
    pass


@operator.command(help=_("新建运营帐号。密码至少 15 个字符。"))
@click.argument("login")
@click.option("--name", required=True, help=_("姓名。"))
@click.option("--password-stdin", is_flag=True, help=_("从标准输入的第一行读密码，不提问。"))
@click.pass_obj
def create(installation: Installation, login: str, name: str, password_stdin: bool) -> None:
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt(_("密码"), hide_input=True, confirmation_prompt=_("再输入一次"))
    made = _run(installation, lambda owner: service.create(owner, login=login, name=name, password=password))
    terminal.good(_("已新建运营帐号 {login}。", login=made.login))


@operator.command(name="list", help=_("列出全部运营帐号。"))
@click.pass_obj
def list_(installation: Installation) -> None:
    found = _run(installation, service.list_operators)
    for each in found:
        status = _("在用") if each.status == "active" else _("已停用")
        click.echo(f"{each.login}\t{each.name}\t{status}")
    if not found:
        click.echo(_("还没有运营帐号。用 zhiren operator create 登录名 --name 姓名 新建一个。"))


@operator.command(help=_("停用运营帐号：已登录的立即退出。"))
@click.argument("login")
@click.pass_obj
def disable(installation: Installation, login: str) -> None:
    changed = _run(installation, lambda owner: service.disable(owner, login))
    terminal.good(_("已停用 {login}。", login=login) if changed else _("{login} 本来就是停用的。", login=login))


def _run(installation: Installation, work: Callable[[Owner], Awaitable[T]]) -> T:
    settings = installation.load()

    async def run() -> T:
        owner = Owner(settings, connections=1)
        try:
            await migrate_control(owner)
            return await work(owner)
        finally:
            await owner.close()

    return asyncio.run(run())
