"""How often something may be tried, and what a failure costs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.errors import LoginLocked, TooManyAttempts
from zhiren.auth.runtime import AuthRuntime
from zhiren.context import Context
from zhiren.i18n import _


def subject_of(kind: str, value: str | UUID) -> bytes:
    """What failures are counted against: ``login`` with a folded log-in, ``code`` with a user id."""
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).digest()


async def admit(ctx: Context, auth: AuthRuntime, subject: bytes) -> None:
    """Raises TooManyAttempts past the rates. Asks Redis only: a flood does not reach the database."""
    policy, tenant = auth.policy, ctx.tenant.id
    wait_s = max(
        await auth.limiter.hit(f"{tenant}:{subject.hex()}", limit=policy.tries_per_login_minute, window_s=60),
        await auth.limiter.hit(f"{tenant}:ip:{ctx.ip}", limit=policy.tries_per_ip_minute, window_s=60),
        await auth.limiter.check(f"{tenant}:fail:{ctx.ip}", limit=policy.failures_per_ip, window_s=600),
    )
    if wait_s:
        raise TooManyAttempts(
            _("试得太快了"), hint=_("请 {count} 秒后再试", count=wait_s), params={"retry_after_s": wait_s}
        )


async def refuse_locked(ctx: Context, subject: bytes) -> None:
    """Raises LoginLocked while earlier failures weigh. Known or unknown, every log-in is treated alike."""
    found = await repository.attempt(ctx.session, subject)
    if found is None or found.locked_until is None:
        return
    left_s = int((found.locked_until - datetime.now(UTC)).total_seconds()) + 1
    if left_s > 24 * 3600:
        raise LoginLocked(_("这个登录名已锁定"), hint=_("请联系系统管理员重设密码"))
    if left_s > 0:
        minutes = -(-left_s // 60)
        raise LoginLocked(
            _("连续多次失败，这个登录名暂时锁定"),
            hint=_("请 {count} 分钟后再试，或请系统管理员重设密码", count=minutes),
            params={"retry_after_s": left_s},
        )


async def failed(ctx: Context, auth: AuthRuntime, subject: bytes, *, action: str, user_id: UUID | None) -> None:
    """Counts and records a failure. The caller's refusal must be committed."""
    await auth.limiter.hit(f"{ctx.tenant.id}:fail:{ctx.ip}", limit=auth.policy.failures_per_ip, window_s=600)
    count, locked = await repository.count_failure(ctx.session, subject, auth.policy)
    target = str(user_id) if user_id else "unknown"
    record(ctx, action, object_type="auth.user", object_id=target)
    if locked:
        record(ctx, "auth.login.lock", object_type="auth.user", object_id=target, reason=str(count))
