"""招聘: from the wish for a person to the first day at work."""

from __future__ import annotations

from modules.recruiting import jobs, notices, titles
from modules.recruiting.models import MODELS
from modules.recruiting.pages import NAVIGATION
from modules.recruiting.pages import route_handlers as page_handlers
from modules.recruiting.pages.beside import beside_the_picture
from modules.recruiting.routes import route_handlers as api_handlers
from modules.recruiting.service import agencies, portal
from zhiren import audit, guests, meet
from zhiren.context import ScopeKind
from zhiren.i18n import N_
from zhiren.modules import Module, Permission
from zhiren.notices import register

meet.register_panel("recruiting.interview", beside_the_picture)
register(*notices.INTERVIEWS, *notices.OFFERS)
guests.register(
    guests.GuestKind(
        name="candidate", title=N_("候选人"), login_path="/portal/login", find=portal.find, known=portal.known
    )
)
guests.register(
    guests.GuestKind(
        name="agency", title=N_("猎头顾问"), login_path="/agency/login", find=agencies.find, known=agencies.known
    )
)
for _room in titles.ROOMS:
    audit.describe(objects=_room.OBJECTS, actions=_room.ACTIONS, fields=_room.FIELDS)

_HR: tuple[tuple[str, ScopeKind], ...] = (("hr", "all"),)
_HIRING: tuple[tuple[str, ScopeKind], ...] = (*_HR, ("manager", "all"))
_SET: tuple[tuple[str, ScopeKind], ...] = (*_HR, ("admin", "all"))
_ALL: tuple[tuple[str, ScopeKind], ...] = (*_SET, ("payroll", "all"), ("manager", "all"), ("employee", "all"))

module = Module(
    name="recruiting",
    title=N_("招聘"),
    summary=N_("从用人需求到入职第一天：职位、简历、面试、录用，由人来选人；候选人随时知道下一步。"),
    version="0.1.0",
    package="modules.recruiting",
    requires=("records",),
    permissions=(
        Permission("recruiting.manage", N_("管理全部职位与候选人"), defaults=_HR),
        Permission("recruiting.hire", N_("参与自己职位的招聘"), defaults=_HIRING),
        Permission("recruiting.interview", N_("担任面试官"), defaults=_ALL),
        Permission("recruiting.request", N_("提交用人需求"), defaults=_HIRING),
        Permission("recruiting.offer", N_("拟定与发出录用通知"), defaults=_HR),
        Permission("recruiting.onboard", N_("办理入职"), defaults=_HR),
        Permission("recruiting.analytics", N_("查看招聘分析"), defaults=_HIRING),
        Permission("recruiting.settings", N_("维护招聘设置"), defaults=_SET),
        Permission("recruiting.refer", N_("内部推荐"), defaults=_ALL),
        Permission("recruiting.erase", N_("删除候选人数据"), defaults=_SET),
    ),
    navigation=NAVIGATION,
    route_handlers=(*page_handlers, *api_handlers),
    jobs=jobs.JOBS,
    event_handlers=jobs.EVENT_HANDLERS,
    housekeeping=jobs.HOUSEKEEPING,
    models=MODELS,
)
