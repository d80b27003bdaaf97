"""What the customer's administrator does with modules and licences."""

from __future__ import annotations

from licensing import repository, rules
from licensing.document import Licence, tidy
from licensing.entitlements import Entitlements, Standing
from licensing.errors import LicenceExpired, ModuleNotLicensed, ModuleRequired, SeatsExceeded
from zhiren import audit
from zhiren.context import Context
from zhiren.errors import NotFound
from zhiren.i18n import _


async def switch(ctx: Context, entitlements: Entitlements, name: str, *, on: bool) -> None:
    """Switch a bought module on or off. Raises ModuleNotLicensed, or ModuleRequired naming what stands in the way."""
    standing = await entitlements.read(ctx)
    state = standing.states.get(name)
    if state is None:
        raise NotFound(_("没有这个模块。"))
    title = _(state.module.title)
    if not state.bought:
        raise ModuleNotLicensed(
            _("贵公司还没有购买“{module}”。", module=title), hint=_("请联系服务商开通，收到授权码后在本页安装。")
        )
    if on and state.missing:
        names = entitlements.titles(state.missing)
        raise ModuleRequired(
            _("{module}依赖{names}，先打开{names}。", module=title, names=names),
            params={"requires": list(state.missing)},
        )
    if not on and (dependants := rules.dependants_in_use(standing.states, name)):
        names = entitlements.titles([dependant.module.name for dependant in dependants])
        raise ModuleRequired(
            _("{names}依赖{module}，先关闭{names}。", module=title, names=names),
            params={"required_by": [dependant.module.name for dependant in dependants]},
        )
    if state.switched_on == on:
        return
    await repository.set_toggle(ctx.session, name, enabled=on, by=ctx.actor.name)
    audit.record(
        ctx,
        "licensing.module.switch",
        object_type="module",
        object_id=name,
        changes={"enabled": (state.switched_on, on)},
    )
    entitlements.forget(ctx.tenant)


async def install(ctx: Context, entitlements: Entitlements, text: str) -> Licence:
    """Put a licence into force. Raises LicenceInvalid; then nothing has changed."""
    text = tidy(text)
    licence = entitlements.verified(ctx.tenant, text)
    before = (await entitlements.read(ctx)).licence
    await repository.add_licence(ctx.session, licence.id, text, by=ctx.actor.name)
    audit.record(
        ctx,
        "licensing.licence.install",
        object_type="licence",
        object_id=licence.id,
        changes={
            "modules": (list(before.modules) if before else None, list(licence.modules)),
            "seats": (before.seats if before else None, licence.seats),
            "valid_until": (before.valid_until if before else None, licence.valid_until),
        },
    )
    entitlements.forget(ctx.tenant)
    return licence


def check_new_run(standing: Standing) -> None:
    """Raises LicenceExpired after the days of grace. For what begins something new, never for reading or finishing."""
    if standing.kind == "ended" and standing.licence is not None:
        raise LicenceExpired(
            _("授权已于 {day} 到期，宽限期也已结束，暂不能新建。", day=standing.licence.valid_until.isoformat()),
            hint=_("查看、导出和登录不受影响。请贵公司的系统管理员联系服务商续期。"),
        )


async def check_seats(ctx: Context, entitlements: Entitlements, standing: Standing, *, adding: int = 1) -> None:
    """Raises SeatsExceeded when ``adding`` people would go beyond 110 % of the seats. Nobody added, nothing refused."""
    licence = standing.licence
    used = await entitlements.seats_used(ctx) if licence is not None and adding > 0 else None
    if licence is None or used is None:
        return
    if rules.fullness(used, licence.seats, adding) == "over":
        raise SeatsExceeded(
            _(
                "授权为 {seats} 人，现有在职 {used} 人，这次要增加 {adding} 人，超出了授权（最多 {limit} 人）。",
                seats=licence.seats,
                used=used,
                adding=adding,
                limit=rules.most(licence.seats),
            ),
            hint=_("请贵公司的系统管理员联系服务商增加人数，或先办理离职。"),
            params={"seats": licence.seats, "used": used, "asked": adding},
        )
