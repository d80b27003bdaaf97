"""What operators do: log in, switch customers off and on, and what is kept of it.

Sessions and the trail are written with the application's log-in. What changes a customer or an operator goes through
the owner's, together with its line in the trail: both or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ops.console import repository
from ops.console.models import Operator, OperatorEvent, OperatorSession
from ops.console.runtime import Console
from tenants import service as tenants
from tenants.owner import Owner
from zhiren.auth.errors import LoginLocked, LoginRefused, LoginTaken, TooManyAttempts
from zhiren.auth.passwords import check_password, hash_password
from zhiren.auth.policy import policy_of
from zhiren.auth.rules import fold_login, valid_login
from zhiren.auth.tokens import new_token, token_hash
from zhiren.db import Database
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import _
from zhiren.settings import Settings

#: failures of one log-in within a window of ``LOCK_S`` after which no further try is heard until the window ends
LOCK_AFTER = 5
LOCK_S = 15 * 60
TRIES_PER_IP_MINUTE = 30
REASON_MAX = 500
#: who acts in the trail when it was done on the command line
COMMAND_LINE = "cli"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An operator who is logged in."""

    id: UUID
    login: str
    name: str
    session_id: UUID


async def signed_in(console: Console, token: str) -> SignedIn | None:
    """Whose session this token opens; None when it is unknown or has ended. Read fresh each time."""
    policy = console.policy
    async with console.database.control() as session:
        row = await repository.live_session(session, token_hash(token), idle_s=policy.idle_s, touch_s=policy.touch_s)
        if row is None:
            return None
        session_id, operator_id, login, name, stale = row
        if stale:
            await repository.touch(session, session_id)
        return SignedIn(operator_id, login, name, session_id)


async def sign_in(console: Console, *, login: str, password: str, ip: str, old_token: str = "") -> str:
    """The token of a new session. Raises LoginRefused, LoginLocked, TooManyAttempts, LoginBusy.

    Unknown and disabled operators are refused as a wrong password is, after as long, and locked like known ones.
    """
    folded = fold_login(login)
    if wait_s := await console.limiter.hit(f"console ip {ip}", limit=TRIES_PER_IP_MINUTE, window_s=60):
        raise TooManyAttempts(_("试的次数太多"), hint=_("请过一会儿再试"), params={"retry_after_s": wait_s})
    async with console.passwords.slot():
        failures = f"console failures {folded}"
        if wait_s := await console.limiter.check(failures, limit=LOCK_AFTER, window_s=LOCK_S):
            raise LoginLocked(
                _("密码错了太多次，这个登录名已暂时锁定"),
                hint=_("请在 {minutes} 分钟后再试", minutes=-(-wait_s // 60)),
                params={"retry_after_s": wait_s},
            )
        async with console.database.control() as session:
            operator = await repository.by_login(session, folded)
        known = operator.password_hash if operator is not None and operator.status == "active" else None
        fits = await console.passwords.verify(known, password)
        if not fits:
            await console.limiter.hit(failures, limit=LOCK_AFTER, window_s=LOCK_S)
    if operator is None or not fits:
        if operator is not None:
            async with console.database.control() as session:
                _note(session, operator.id, operator.login, "session.refused", ip=ip)
        raise LoginRefused(_("登录名或密码不对"), hint=_("请核对后再试"))
    return await _open_session(console, operator, ip=ip, old_token=old_token)


async def _open_session(console: Console, operator: Operator, *, ip: str, old_token: str) -> str:
    token = new_token()
    expires_at = datetime.now(UTC) + timedelta(seconds=console.policy.absolute_s)
    async with console.database.control() as session:
        await repository.clear_ended(session, operator.id)
        if old_token:
            await repository.end_session(session, token_hash(old_token))
        session.add(
            OperatorSession(operator_id=operator.id, token_hash=token_hash(token), ip=ip, expires_at=expires_at)
        )
        _note(session, operator.id, operator.login, "session.open", ip=ip)
    return token


async def forget_ended(database: Database, settings: Settings) -> None:
    """Removes operators' sessions that have ended. For the scheduler, every so often."""
    async with database.control() as session:
        await repository.forget_ended(session, idle_s=policy_of(settings).idle_s)


async def sign_out(console: Console, operator: SignedIn, *, token: str, ip: str) -> None:
    async with console.database.control() as session:
        await repository.end_session(session, token_hash(token))
        _note(session, operator.id, operator.login, "session.close", ip=ip)


async def set_status(
    console: Console, operator: SignedIn, slug: str, status: Literal["active", "suspended"], *, reason: str, ip: str
) -> bool:
    """Switches a customer off or on, everywhere within a second; False when it was so already.

    Raises InvalidInput without a reason, UnknownTenant, TenantNotReady.
    """
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX:
        said = _("请写明原因，最多 {count} 个字", count=REASON_MAX)
        raise InvalidInput(said, fields={"reason": said})
    async with console.owner.transaction() as session:
        tenant = await tenants.set_status(session, slug, status, reason if status == "suspended" else "")
        if tenant is None:
            return False
        action = "tenant.suspend" if status == "suspended" else "tenant.resume"
        _note(session, operator.id, operator.login, action, tenant_id=tenant.id, target=slug, reason=reason, ip=ip)
    return True


async def trail(
    console: Console, *, tenant_id: str = "", before: UUID | None = None, limit: int = 50
) -> tuple[Sequence[OperatorEvent], UUID | None]:
    """A page of what was done, newest first, and the ``before`` of the next page."""
    async with console.database.control() as session:
        found = await repository.events(session, tenant_id=tenant_id, before=before, limit=limit + 1)
    shown = found[:limit]
    return shown, shown[-1].id if len(found) > limit else None


async def create(owner: Owner, *, login: str, name: str, password: str) -> Operator:
    """Raises InvalidInput, WeakPassword, LoginTaken."""
    folded = fold_login(login)
    if not valid_login(folded):
        raise InvalidInput(_("登录名为 2 到 64 个字母、数字或汉字，可含 . _ - @ +"))
    if not name.strip():
        raise InvalidInput(_("请填写姓名"))
    check_password(password, known=(folded, name))
    password_hash = await hash_password(password)
    async with owner.transaction() as session:
        if await repository.by_login(session, folded) is not None:
            raise LoginTaken(_("登录名“{login}”已有人用", login=folded))
        operator = Operator(login=folded, name=name.strip(), password_hash=password_hash)
        session.add(operator)
        await session.flush()
        _note(session, None, COMMAND_LINE, "operator.create", target=folded)
    return operator


async def disable(owner: Owner, login: str) -> bool:
    """Shuts an operator out at once; False when it was so already. Raises NotFound."""
    folded = fold_login(login)
    async with owner.transaction() as session:
        operator = await repository.by_login(session, folded)
        if operator is None:
            raise NotFound(_("没有登录名为“{login}”的运营", login=folded), hint=_("zhiren operator list 列出全部运营"))
        if operator.status == "disabled":
            return False
        await repository.set_status(session, operator.id, "disabled")
        await repository.end_sessions_of(session, operator.id)
        _note(session, None, COMMAND_LINE, "operator.disable", target=folded)
    return True


async def list_operators(owner: Owner) -> Sequence[Operator]:
    async with owner.transaction() as session:
        return await repository.all_operators(session)


def _note(
    session: AsyncSession,
    operator_id: UUID | None,
    who: str,
    action: str,
    *,
    tenant_id: str = "",
    target: str = "",
    reason: str = "",
    ip: str = "",
) -> None:
    session.add(
        OperatorEvent(
            operator_id=operator_id,
            who=who,
            action=action,
            tenant_id=tenant_id,
            target=target,
            reason=reason,
            ip=ip,
        )
    )
