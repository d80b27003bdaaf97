"""Conventions of the JSON API: pages by cursor, edits by ETag."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar import Request
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from zhiren.context import Context
from zhiren.errors import InvalidInput, PreconditionFailed
from zhiren.i18n import _
from zhiren.web.errors import PreconditionRequired
from zhiren.web.visit import header

T = TypeVar("T")
DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 500
_MAX_CURSOR_LENGTH: Final = 2000


class Listing(msgspec.Struct, Generic[T]):
    """One page of a list. ``next_cursor`` is None on the last page; pass it on as ``cursor`` unchanged."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort keys of the last row of a page, the unique id last. Opaque to clients; holds nothing secret."""

    keys: list[Any]

    def encode(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self.keys)).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, types: Sequence[type]) -> Cursor:
        """Raises InvalidInput unless ``text`` holds one value of each of ``types``."""
        try:
            if len(text) > _MAX_CURSOR_LENGTH:
                raise ValueError
            raw = msgspec.json.decode(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
            if not isinstance(raw, list) or len(raw) != len(types):
                raise ValueError
            keys: list[Any] = [msgspec.convert(value, kind) for value, kind in zip(raw, types, strict=True)]
            if any(isinstance(key, str) and "\x00" in key for key in keys):
                raise ValueError
            return cls(keys)
        except (ValueError, msgspec.MsgspecError):
            raise InvalidInput(
                _("cursor 无效。"), hint=_("请原样使用上一页返回的 next_cursor，或从第一页开始。")
            ) from None


def check_limit(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(_("limit 须在 1 至 {max} 之间。", max=MAX_LIMIT), fields={"limit": str(limit)})
    return limit


async def keyset(
    ctx: Context,
    statement: Select[Any],
    *,
    order_by: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    types: Sequence[type] = (UUID,),
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> tuple[list[Any], str | None]:
    """One page of ``statement`` in ascending ``order_by`` (the last column unique), and the cursor of the next.

    One query whatever the depth, and stable while rows come and go. The rows' first values come back as they are
    selected; the sort columns are added behind them.
    """
    check_limit(limit)
    keyed = statement.add_columns(*order_by).order_by(*order_by).limit(limit + 1)
    if cursor:
        after = Cursor.decode(cursor, types)
        keyed = keyed.where(tuple_(*order_by) > tuple_(*after.keys))
    rows = (await ctx.session.execute(keyed)).all()
    width = len(order_by)
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = Cursor(list(rows[-1][-width:])).encode()
    return [row[0] if len(row) - width == 1 else tuple(row[:-width]) for row in rows], following


_ETAG = re.compile(r'"v(\d{1,9})"')


def etag(version: int) -> str:
    """The entity tag of a row's ``Version``."""
    return f'"v{version}"'


def check_if_match(request: Request[Any, Any, Any], version: int) -> None:
    """For edits: the caller must have read what it changes.

    Raises PreconditionRequired (428) without ``If-Match``, PreconditionFailed (412) when the row has moved on.
    """
    sent = header(request.scope, b"if-match").strip()
    if not sent:
        raise PreconditionRequired(_("修改前请先读取。"), hint=_("请把读取时得到的 ETag 放进 If-Match 再提交。"))
    if sent == "*" or etag(version) in {part.strip() for part in sent.split(",") if _ETAG.fullmatch(part.strip())}:
        return
    raise PreconditionFailed(_("读取之后，这条记录已被别人修改。"), hint=_("请重新读取，核对后再提交。"))
