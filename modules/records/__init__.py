"""人事档案: legal entities, the organisation, people and where they sit, on any day; and the import studio."""

from __future__ import annotations

from modules.records import titles
from modules.records.jobs import JOBS
from modules.records.models import MODELS
from modules.records.pages import route_handlers as page_handlers
from modules.records.routes import route_handlers as api_handlers
from modules.records.service.directory import OrganisationDirectory
from modules.records.service.imports import staging
from modules.records.service.reach import Organisation
from zhiren import audit
from zhiren.auth.fields import register_reach
from zhiren.context import ScopeKind
from zhiren.i18n import N_
from zhiren.modules import Module, NavItem, Permission
from zhiren.people import register_directory

register_reach(Organisation())
register_directory(OrganisationDirectory())
audit.describe(objects=titles.OBJECTS, actions=titles.ACTIONS, fields=titles.FIELDS)

_HR: tuple[tuple[str, ScopeKind], ...] = (("hr", "all"),)
_HR_ALL: tuple[tuple[str, ScopeKind], ...] = (("admin", "all"), *_HR)
_ALL: tuple[tuple[str, ScopeKind], ...] = (*_HR_ALL, ("payroll", "all"), ("manager", "all"), ("employee", "all"))

module = Module(
    name="records",
    title=N_("人事档案"),
    summary=N_("员工、组织架构、岗位与任职历史，可按任意日期查看；从表格一次导入全部员工。"),
    version="0.1.0",
    package="modules.records",
    permissions=(
        Permission(
            "records.employee.read",
            N_("查看员工档案"),
            scoped=True,
            defaults=(*_HR_ALL, ("payroll", "all"), ("manager", "reports"), ("employee", "self")),
        ),
        Permission("records.employee.edit", N_("维护员工档案"), scoped=True, defaults=_HR),
        Permission("records.employee.export", N_("导出员工名单"), scoped=True, defaults=_HR),
        Permission(
            "records.org.read",
            N_("查看组织架构"),
            defaults=_ALL,
        ),
        Permission("records.org.edit", N_("维护组织架构、岗位和用人单位"), defaults=_HR_ALL),
        Permission("records.import", N_("导入员工"), defaults=_HR),
        Permission(
            "records.me",
            N_("查看自己的档案"),
            defaults=_ALL,
        ),
    ),
    navigation=(
        NavItem(N_("员工"), "/records/employees", "records.employee.read", icon="users", section=N_("人事"), order=10),
        NavItem(N_("组织架构"), "/records/org", "records.org.read", icon="sitemap", section=N_("人事"), order=20),
        NavItem(N_("导入员工"), "/records/import", "records.import", icon="table-import", section=N_("人事"), order=30),
        NavItem(N_("我的档案"), "/me", "records.me", icon="user", order=5),
    ),
    route_handlers=(*page_handlers, *api_handlers),
    jobs=JOBS,
    housekeeping=(staging.expire,),
    models=MODELS,
)
