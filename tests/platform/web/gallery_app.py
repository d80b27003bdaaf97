"""The kit's gallery as an application of its own, for a server beside the tests."""

from __future__ import annotations

from tests.platform.web.fakes import make_app
from zhiren.modules import NavItem
from zhiren.web.gallery import HANDLERS

NAVIGATION = (
    NavItem("员工", "/kit", "authenticated", icon="users", section="人事", order=10),
    NavItem("组织架构", "/org", "authenticated", icon="sitemap", section="人事", order=11),
    NavItem("导入", "/imports", "authenticated", icon="table-import", section="人事", order=12),
    NavItem("工资", "/payroll", "authenticated", icon="cash-banknote", section="薪酬", order=20),
    NavItem("我的工资条", "/payslips", "authenticated", icon="receipt", section="薪酬", order=21),
    NavItem("后台任务", "/jobs", "authenticated", icon="list-check", section="管理", order=30),
    NavItem("审计", "/audit", "authenticated", icon="history", section="管理", order=31),
)

app = make_app(HANDLERS, navigation=NAVIGATION)
