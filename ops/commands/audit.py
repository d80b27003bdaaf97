"""``zhiren audit verify``: recompute the audit chains."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from ops.installation import Installation
from tenants.registry import Registry
from zhiren.audit.verify import Verdict, verify
from zhiren.context import TenantRef
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.i18n import _
from zhiren.settings import Settings


@click.group(help=_("审计记录。"))
def audit() -> None:
    pass


@audit.command("verify", help=_("重新计算审计链，说出第一处对不上的地方。有一条链对不上时，退出码为 1。"))
@click.option("--tenant", "slug", default=None, help=_("只看这个客户（短名）；不填则看全部。"))
@click.option("--anchor", default=None, metavar="N:HASH", help=_("留存在别处的一个链节，与 --tenant 同用。"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON。"))
@click.pass_obj
def verify_command(installation: Installation, slug: str | None, anchor: str | None, as_json: bool) -> int:
    noted = _anchor(anchor)
    if noted and slug is None:
        raise click.UsageError(_("--anchor 属于一个客户，请同时给出 --tenant。"))
    verdicts = asyncio.run(_verify(installation.load(), slug, noted))
    if as_json:
        click.echo(json.dumps([_plain(tenant, verdict) for tenant, verdict in verdicts], ensure_ascii=False, indent=2))
    else:
        for tenant, verdict in verdicts:
            click.echo(_line(tenant, verdict))
    return 0 if all(verdict.intact for _tenant, verdict in verdicts) else 1


async def _verify(
    settings: Settings, slug: str | None, anchor: tuple[int, bytes] | None
) -> list[tuple[TenantRef, Verdict]]:
    keys = VaultKeyService(settings)
    database = Database(settings, keys)
    registry = Registry(database, settings.base_domain)
    try:
        tenants = [await registry.by_slug(slug)] if slug else await registry.active()
        verdicts = []
        for tenant in tenants:
            async with database.tenant(tenant) as ctx:
                verdicts.append((tenant, await verify(ctx, anchor=anchor)))
        return verdicts
    finally:
        await database.close()
        await keys.close()


def _anchor(text: str | None) -> tuple[int, bytes] | None:
    if text is None:
        return None
    number, _colon, digest = text.partition(":")
    try:
        return int(number), bytes.fromhex(digest)
    except ValueError:
        raise click.BadParameter(_("应为“序号:校验值”，照 zhiren audit verify 显示的写。")) from None


def _line(tenant: TenantRef, verdict: Verdict) -> str:
    if verdict.intact:
        anchor = f"{verdict.checked}:{verdict.hash.hex()}"
        return _("{slug}：完整，{count} 条，末节 {anchor}", slug=tenant.slug, count=verdict.checked, anchor=anchor)
    where = "-" if verdict.broken_at is None else verdict.broken_at
    return _("{slug}：对不上，第 {number} 条（{problem}）", slug=tenant.slug, number=where, problem=verdict.problem)


def _plain(tenant: TenantRef, verdict: Verdict) -> dict[str, Any]:
    return {
        "tenant": tenant.slug,
        "intact": verdict.intact,
        "checked": verdict.checked,
        "pending": verdict.pending,
        "hash": verdict.hash.hex(),
        "problem": verdict.problem,
        "broken_at": verdict.broken_at,
    }
