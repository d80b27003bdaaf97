"""Reading and setting how public pages look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from zhiren import files
from zhiren.audit import record
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.site import repository, rules
from zhiren.site.errors import LookRefused
from zhiren.site.models import SiteLook
from zhiren.site.schemas import DEFAULT_ACCENT, Look, LookChange
from zhiren.web.pages import Page, page

ROOM: Final = "site"


async def look(ctx: Context) -> Look:
    """As it is now; the customer's name and the product's colour where nothing was set."""
    row = await repository.find(ctx.session)
    if row is None:
        return Look(ctx.tenant.name)
    return Look(row.name or ctx.tenant.name, row.accent or DEFAULT_ACCENT, row.logo_id, row.favicon_id, row.version)


async def public_page(ctx: Context, template: str, /, *, status_code: int | None = None, **context: Any) -> Page:
    """A page for outsiders, whose template extends ``kit/public.html``."""
    return page(template, status_code=status_code, look=await look(ctx), **context)


async def picture(ctx: Context, file_id: UUID) -> tuple[str, bytes]:
    """Kind and bytes of the logo or icon. Raises FileNotFound."""
    ref, data = await files.read(ctx, file_id, room=ROOM, quiet=True)
    return ref.media_type, data


async def change(ctx: Context, wanted: LookChange) -> None:
    """Sets the look; pictures that are replaced are erased. Recorded. Raises LookRefused with what is wrong where."""
    accent = _checked(wanted)
    row = await repository.find(ctx.session)
    if row is None:
        row = SiteLook(id=1, name="", accent="", changed_at=datetime.now(UTC))
        ctx.session.add(row)
    changes: dict[str, tuple[object, object]] = {}
    for field, attribute, value in (("site_name", "name", wanted.name), ("accent", "accent", accent)):
        if getattr(row, attribute) != value:
            changes[field] = (getattr(row, attribute), value)
            setattr(row, attribute, value)
    for field, given, drop in (
        ("logo", wanted.logo, wanted.drop_logo),
        ("favicon", wanted.favicon, wanted.drop_favicon),
    ):
        before: UUID | None = getattr(row, f"{field}_id")
        if given is None and not (drop and before):
            continue
        after = await _stored(ctx, *given) if given is not None else None
        setattr(row, f"{field}_id", after)
        if before is not None:
            await files.erase(ctx, before, room=ROOM, reason="site.look")
        changes[field] = (before, after)
    row.changed_at = datetime.now(UTC)
    await ctx.session.flush()
    record(ctx, "site.look.update", object_type="site.look", object_id="1", changes=changes)


async def _stored(ctx: Context, name: str, data: bytes) -> UUID:
    kind = rules.picture_type(data) or ""
    stored = await files.put(
        ctx, room=ROOM, name=name, media_type=kind, data=data, owner=("site.look", new_id()), keep_until=None
    )
    return stored.id


def _checked(wanted: LookChange) -> str:
    """The colour as it is stored; empty for the product's own."""
    faults: dict[str, str] = {}
    if len(wanted.name) > rules.MAX_NAME:
        faults["name"] = _("名称最多 {count} 个字。", count=rules.MAX_NAME)
    accent = rules.hex_colour(wanted.accent) if wanted.accent else ""
    if accent is None:
        faults["accent"] = _("请填颜色，例如 #0b7a65。")
    elif accent and rules.contrast_with_white(accent) < rules.MIN_CONTRAST:
        faults["accent"] = _(
            "这个颜色太浅，上面的白字看不清（对比度 {ratio}，至少要 4.5）。可以用相近的 {colour}。",
            ratio=f"{rules.contrast_with_white(accent):.1f}",
            colour=rules.readable(accent),
        )
    for field, given in (("logo", wanted.logo), ("favicon", wanted.favicon)):
        if given is None:
            continue
        if len(given[1]) > rules.MAX_PICTURE_BYTES:
            faults[field] = _("图片超过 512 KB，请缩小后再上传。")
        elif rules.picture_type(given[1]) is None:
            faults[field] = _("请上传 PNG、JPG 或 WebP 图片。")
    if faults:
        raise LookRefused(_("请检查标出的内容。"), fields=faults)
    return "" if accent in {None, DEFAULT_ACCENT} else str(accent)
