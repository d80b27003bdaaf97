"""``zhiren licence install``: put a licence into force from the command line."""

from __future__ import annotations

import asyncio
from typing import TextIO

import click

from licensing import service
from licensing.cli import licence
from licensing.document import Licence
from ops import hosted, terminal
from ops.installation import Installation
from zhiren.i18n import _
from zhiren.settings import Settings


@licence.command(help=_("为客户安装授权码。SLUG 是客户的短名，FILE 是授权码文件（- 为标准输入）。"))
@click.argument("slug")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.pass_obj
def install(installation: Installation, slug: str, file: TextIO) -> None:
    made = asyncio.run(_install(installation.load(), slug, file.read()))
    terminal.good(_("授权已安装，有效期至 {day}。", day=made.valid_until.isoformat()))


async def _install(settings: Settings, slug: str, text: str) -> Licence:
    parts = hosted.deployment(settings)
    try:
        tenant = await parts.tenants.by_slug(slug)
        async with parts.database.tenant(tenant) as ctx:
            return await service.install(ctx, parts.entitlements, text)
    finally:
        await parts.database.close()


__all__ = ["licence"]
