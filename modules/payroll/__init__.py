"""薪酬: what people are paid under Chinese law, from pay items and terms to payslips that explain every figure."""

from __future__ import annotations

from modules.payroll import titles
from modules.payroll.jobs import JOBS
from modules.payroll.models import MODELS
from modules.payroll.pages import HANDLERS as PAGES
from modules.payroll.routes import HANDLERS as ROUTES
from modules.payroll.service import setup
from modules.records import api as records
from zhiren import audit
from zhiren.context import ScopeKind
from zhiren.i18n import N_
from zhiren.modules import Module, NavItem, Permission

audit.describe(objects=titles.OBJECTS, actions=titles.ACTIONS, fields=titles.FIELDS)

_PAYROLL: tuple[tuple[str, ScopeKind], ...] = (("payroll", "all"),)
_OWN: tuple[tuple[str, ScopeKind], ...] = (
    ("payroll", "all"),
    ("admin", "self"),
    ("hr", "self"),
    ("manager", "self"),
    ("employee", "self"),
)

records.register_dependents_check("payroll", setup.standing_on)

module = Module(
    name="payroll",
    title=N_("薪酬"),
    summary=N_("按个税、社保和公积金的规定算薪，每个数字都能打开看依据；工资条只有本人能读。"),
    version="0.1.0",
    package="modules.payroll",
    requires=("records",),
    permissions=(
        Permission("payroll.run.read", N_("查看工资核算"), defaults=_PAYROLL),
        Permission("payroll.run.manage", N_("计算与复核工资"), defaults=_PAYROLL),
        Permission("payroll.run.close", N_("工资关账"), defaults=_PAYROLL),
        Permission("payroll.run.publish", N_("发布工资条"), defaults=_PAYROLL),
        Permission("payroll.run.export", N_("导出工资表"), defaults=_PAYROLL),
        Permission("payroll.settings.read", N_("查看薪资项目与法定参数"), defaults=_PAYROLL),
        Permission("payroll.settings.manage", N_("维护薪资组与薪资项目"), defaults=_PAYROLL),
        Permission("payroll.terms.read", N_("查看薪资档案"), defaults=_PAYROLL),
        Permission("payroll.terms.manage", N_("维护薪资档案"), defaults=_PAYROLL),
        Permission("payroll.payslip.read", N_("查看工资条"), scoped=True, defaults=_OWN),
    ),
    navigation=(
        NavItem(N_("工资核算"), "/payroll", "payroll.run.read", icon="calculator", section=N_("薪酬"), order=10),
        NavItem(N_("薪资档案"), "/payroll/terms", "payroll.terms.read", icon="id", section=N_("薪酬"), order=20),
        NavItem(
            N_("薪资项目"), "/payroll/items", "payroll.settings.read", icon="list-check", section=N_("薪酬"), order=30
        ),
        NavItem(N_("法定参数"), "/payroll/law", "payroll.settings.read", icon="scale", section=N_("薪酬"), order=40),
        NavItem(N_("我的工资条"), "/me/payslips", "payroll.payslip.read", icon="receipt", order=6),
    ),
    route_handlers=(*PAGES, *ROUTES),
    jobs=JOBS,
    event_handlers=(
        ("records.import.committed", setup.take_imported_wages),
        ("records.import.undone", setup.drop_imported_wages),
    ),
    models=MODELS,
)
