"""The face a customer shows to outsiders: name, logo, colour. Public pages extend ``kit/public.html`` with it.

A handler of such a page answers ``await public_page(ctx, "room/template.html", ...)``.
"""

from zhiren.audit import describe
from zhiren.i18n import N_
from zhiren.modules import NavItem
from zhiren.site.models import MODELS
from zhiren.site.schemas import Look
from zhiren.site.service import look, public_page

describe(
    objects={"site.look": N_("对外页面外观")},
    fields={"site_name": N_("对外名称"), "accent": N_("主色"), "logo": N_("标志"), "favicon": N_("网页图标")},
)

NAVIGATION = (NavItem(N_("对外页面"), "/admin/site", "site.manage", icon="palette", section=N_("管理"), order=830),)

__all__ = ["MODELS", "NAVIGATION", "Look", "look", "public_page"]
