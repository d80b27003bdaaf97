"""``zhiren setup`` prepares an installation, ``zhiren preflight`` says what is missing in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import psycopg

from ops import preflight as checks
from ops import terminal
from ops.installation import Installation
from ops.services.bootstrap import bootstrap
from ops.services.files import write_private
from tenants.control import migrate_control
from tenants.owner import Owner
from zhiren.i18n import _
from zhiren.settings import Settings


@click.command(help=_("建好数据库的角色、权限和表。可以随时重复执行，恢复备份之后必须执行。"))
@click.option(
    "--admin-url", metavar="URL", help=_("已有 PostgreSQL（15 到 18）的超级用户连接；只在这里用一次，不保存。")
)
@click.option("--database", default="zhiren", show_default=True, help=_("数据库名。"))
@click.option(
    "--env-file", type=click.Path(dir_okay=False, path_type=Path), help=_("把得到的设置写进这个文件（0600）。")
)
@click.pass_obj
def setup(installation: Installation, admin_url: str | None, database: str, env_file: Path | None) -> int:
    if admin_url:
        try:
            made = bootstrap(admin_url, database=database)
        except psycopg.Error as error:
            terminal.bad(
                _("数据库没有准备好：{reason}", reason=str(error).strip()), _("请检查 --admin-url 和它的权限。")
            )
            return 1
        terminal.good(_("角色、数据库 {database} 和权限已就绪。", database=database))
        if made.unchanged:
            terminal.step(_("这些角色原来就有，密码没有改动：{roles}", roles="、".join(made.unchanged)))
        installation.env |= {name: url for name, url in made.settings_env.items() if name not in installation.env}
        lines = "".join(f"{name}={value}\n" for name, value in made.settings_env.items())
        if env_file is not None:
            write_private(env_file, lines)
            terminal.good(_("设置已写入 {file}。", file=env_file))
        else:
            click.echo(lines, nl=False)
        if made.unchanged:
            return 0
    settings = installation.load()
    asyncio.run(_migrate(settings))
    terminal.good(_("控制面的表已是最新。"))
    return 0


async def _migrate(settings: Settings) -> None:
    owner = Owner(settings)
    try:
        await migrate_control(owner)
    finally:
        await owner.close()


@click.command(help=_("检查运行条件，逐项说明怎么补。"))
@click.pass_obj
def preflight(installation: Installation) -> int:
    settings = installation.load()
    failed = 0
    for check in checks.run(settings):
        if check.passed:
            terminal.good(f"{check.title}  {click.style(check.found, dim=True)}")
        else:
            failed += 1
            terminal.bad(f"{check.title}  {check.found}", check.fix)
    if failed:
        terminal.bad(_("{count} 项需要处理。", count=failed))
    return 1 if failed else 0
