"""Searches of the pool that are kept, and wake their owner when somebody new matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from modules.recruiting.errors import EntryNotFound, InvalidRecruiting
from modules.recruiting.models import CatalogueEntry
from modules.recruiting.repository import people as queries
from modules.recruiting.repository import settings
from modules.recruiting.service import access, people
from zhiren import audit, notices
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.ids import new_id
from zhiren.notices import NoticeKind

MATCHED: Final = "recruiting.search.matched"
MAX_SEARCHES: Final = 30

notices.register(
    NoticeKind(
        name=MATCHED,
        title=N_("人才库里有新的合适人选"),
        subject=N_("“{search}”有 {count} 位新人选"),
        body=N_("您保存的搜索“{search}”有 {count} 位新人选。"),
        channels=("inapp", "mail"),
        optional=True,
    )
)


async def mine(ctx: Context) -> list[CatalogueEntry]:
    """The searches that wake the reader."""
    rows = await settings.entries(ctx.session, "search")
    return [row for row in rows if row.owner_id is not None and row.owner_id == ctx.actor.user_id]


def path_of(entry: CatalogueEntry) -> str:
    """Where the search is shown."""
    text, filters = str(entry.data.get("text", "")), dict(entry.data.get("filters", {}))
    pairs = ([("q", text)] if text else []) + [(f"f.{key}", str(value)) for key, value in filters.items()]
    return "/recruiting/candidates" + (f"?{urlencode(pairs)}" if pairs else "")


async def keep(ctx: Context, name: str, text: str, filters: Mapping[str, str]) -> CatalogueEntry:
    """Remembers a search and tells of who matches from now on. Raises InvalidRecruiting."""
    name = name.strip()
    known = {key: value[:100] for key, value in filters.items() if key in queries.CONDITIONS and value}
    if not 1 <= len(name) <= 40:
        raise InvalidRecruiting(_("请填写名称，最多 40 字"), fields={"name": _("请填写名称，最多 40 字")})
    if not text.strip() and not known:
        raise InvalidRecruiting(_("请先搜索或筛选，再保存。"))
    if len(await mine(ctx)) >= MAX_SEARCHES:
        raise InvalidRecruiting(_("最多保存 {max} 个搜索。", max=MAX_SEARCHES))
    entry = CatalogueEntry(
        kind="search",
        code=f"search-{new_id().hex}",
        name=name,
        owner_id=ctx.actor.user_id,
        data={
            "text": text.strip()[:100],
            "filters": known,
            "since": datetime.now(UTC).isoformat(),
            # what the owner could see when it was saved; the list itself asks for rights again
            "limited": access.member(ctx) is not None,
        },
    )
    ctx.session.add(entry)
    await ctx.session.flush()
    _record(ctx, "save", entry)
    return entry


async def forget(ctx: Context, entry_id: UUID) -> None:
    """Raises EntryNotFound unless it is one's own."""
    entry = next((one for one in await mine(ctx) if one.id == entry_id), None)
    if entry is None:
        raise EntryNotFound(_("没有这个保存的搜索。"))
    _record(ctx, "delete", entry)
    await ctx.session.delete(entry)


async def wake(ctx: Context) -> int:
    """Tells the owners of saved searches who have new matches; removes none. Done every hour."""
    rows: Sequence[CatalogueEntry] = await settings.entries(ctx.session, "search")
    for entry in rows:
        if entry.owner_id is None:
            continue
        now = datetime.now(UTC)
        count = await queries.count_since(
            ctx.session,
            entry.owner_id if entry.data.get("limited") else None,
            str(entry.data.get("text", "")),
            dict(entry.data.get("filters", {})),
            datetime.fromisoformat(entry.data["since"]),
        )
        if count:
            for owner in await people.colleagues(ctx, [entry.owner_id]):
                await notices.send(
                    ctx,
                    MATCHED,
                    to=owner,
                    values={"search": entry.name, "count": str(count)},
                    about=("recruiting.catalogue", entry.id),
                    key=f"{entry.id}:{entry.data['since']}",
                    link=path_of(entry),
                )
            entry.data = {**entry.data, "since": now.isoformat()}
    return 0


def _record(ctx: Context, act: str, entry: CatalogueEntry) -> None:
    audit.record(
        ctx,
        f"recruiting.catalogue.{act}",
        object_type="recruiting.catalogue",
        object_id=entry.id,
        changes={"name": (None, entry.name)},
    )
