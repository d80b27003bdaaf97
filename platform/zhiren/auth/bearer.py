"""``Authorization: Bearer zr_…``: a program that acts for a person, at the JSON API alone."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection

from zhiren.auth import repository
from zhiren.auth.errors import TokenRefused, TooManyAttempts
from zhiren.auth.limiter import Limiter
from zhiren.auth.policy import Policy
from zhiren.auth.rules import read_grants
from zhiren.auth.tokens import ACCESS_PREFIX, token_hash
from zhiren.context import Actor, Context
from zhiren.i18n import _
from zhiren.web.visit import header

#: where tokens count; pages know cookies alone
API: Final = "/api/v1/"
_SCHEME: Final = "bearer "


def bearer_token(request: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """What a program sent as its token; None at pages, and where nothing of the kind was sent."""
    sent = header(request.scope, b"authorization")
    if not request.scope["path"].startswith(API) or not sent.lower().startswith(_SCHEME):
        return None
    return sent[len(_SCHEME) :].strip()


async def bearer_actor(ctx: Context, token: str, *, limiter: Limiter, policy: Policy) -> Actor:
    """The owner of ``token``, with those of the owner's rights of this moment that the token names.

    Raises TokenRefused for what is unknown, over or revoked, and when the owner may not log in; TooManyAttempts.
    """
    failures, digest = f"{ctx.tenant.id}:token fail:{ctx.ip}", token_hash(token)
    if wait_s := await limiter.check(failures, limit=policy.failures_per_ip, window_s=600):
        raise _too_many(wait_s)
    row = await repository.live_token(ctx.session, digest) if token.startswith(ACCESS_PREFIX) else None
    if row is None:
        await limiter.hit(failures, limit=policy.failures_per_ip, window_s=600)
        raise TokenRefused(_("访问令牌不对、已到期或已撤销。"), hint=_("请在“我的帐号 › 访问令牌”里核对，或新建一个。"))
    uses = f"{ctx.tenant.id}:token:{row.id}"
    if wait_s := await limiter.hit(uses, limit=policy.token_calls_per_minute, window_s=60):
        raise _too_many(wait_s)
    if row.stale:
        await repository.touch_token(ctx.session, row.id)
    held = read_grants(row.grants, row.employee_id)
    return Actor(
        user_id=row.user_id,
        # so it stands in the audit trail, and wherever it is kept who did something
        name=f"{row.name} [token: {row.token_name}]",
        employee_id=row.employee_id,
        roles=tuple(sorted(row.roles)),
        grants={permission: held[permission] for permission in row.permissions if permission in held},
        token_id=row.id,
    )


def _too_many(wait_s: int) -> TooManyAttempts:
    return TooManyAttempts(_("请求太多了"), hint=_("请过一会儿再试"), params={"retry_after_s": wait_s})
