"""Access tokens: a person lets a program act for them, within rights they name, until a day they name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.models import ApiToken
from zhiren.auth.tokens import ACCESS_PREFIX, new_token, token_hash
from zhiren.context import Context
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import _

NAME_MAX: Final = 60
DAYS: Final = (7, 30, 90, 180, 365)
LIVE_MAX: Final = 20


async def create(ctx: Context, *, name: str, days: int, permissions: Sequence[str]) -> tuple[ApiToken, str]:
    """A new token of the person who asks, and its secret, which is shown once and stored as a hash alone. Raises
    InvalidInput: without a name, a life or a right, or with a right the person does not hold."""
    if ctx.actor.user_id is None or ctx.actor.token_id is not None:
        raise NotFound(_("没有这个页面"))
    name, wanted = " ".join(name.split()), sorted(set(permissions))
    wrong: dict[str, str] = {}
    if not 1 <= len(name) <= NAME_MAX:
        wrong["name"] = _("请填写 1 到 {count} 个字的名称", count=NAME_MAX)
    if days not in DAYS:
        wrong["days"] = _("请选择有效期")
    if not wanted or any(not ctx.actor.can(permission) for permission in wanted):
        wrong["permission"] = _("请至少选择一项您自己有的权限")
    if not wrong and await repository.count_live(ctx.session, ctx.actor.user_id) >= LIVE_MAX:
        wrong["name"] = _("最多 {count} 个有效的令牌，请先撤销不用的", count=LIVE_MAX)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), fields=wrong)
    secret = ACCESS_PREFIX + new_token()
    token = ApiToken(
        user_id=ctx.actor.user_id,
        name=name,
        token_hash=token_hash(secret),
        permissions=wanted,
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    ctx.session.add(token)
    await ctx.session.flush()
    changes: dict[str, tuple[object, object]] = {
        "name": (None, name),
        "permissions": (None, wanted),
        "expires_at": (None, token.expires_at.isoformat()),
    }
    record(ctx, "auth.token.create", object_type="auth.token", object_id=token.id, changes=changes)
    return token, secret


async def list_tokens(ctx: Context, user_id: UUID) -> list[tuple[ApiToken, bool]]:
    """A person's tokens, the newest first, and whether each is still in force."""
    now = datetime.now(UTC)
    return [(token, token.expires_at > now) for token in await repository.tokens_of(ctx.session, user_id)]


async def revoke(ctx: Context, user_id: UUID, token_id: UUID) -> str:
    """Ends a person's token from its next request on; returns its name. Raises NotFound."""
    name = await repository.delete_token(ctx.session, user_id, token_id)
    if name is None:
        raise NotFound(_("没有这个令牌，可能已经撤销"))
    record(ctx, "auth.token.revoke", object_type="auth.token", object_id=token_id, changes={"name": (name, None)})
    return name
