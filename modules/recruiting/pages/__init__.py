"""The pages of recruiting: each room's ``route_handlers`` and places in the navigation."""

from __future__ import annotations

from typing import Any

from modules.recruiting.pages import (
    adding,
    agency,
    analytics,
    arrivals,
    board,
    candidates,
    careers,
    channels,
    intake,
    interviews,
    jobs,
    lists,
    mailbox,
    offers,
    opentimes,
    plans,
    portal,
    queue,
    reading,
    referrals,
    requisitions,
    taskplans,
)
from modules.recruiting.service import access
from zhiren.i18n import N_
from zhiren.modules import NavItem

route_handlers: tuple[Any, ...] = (
    *adding.route_handlers,
    *agency.route_handlers,
    *analytics.route_handlers,
    *arrivals.route_handlers,
    *board.route_handlers,
    *candidates.route_handlers,
    *careers.route_handlers,
    *channels.route_handlers,
    *intake.route_handlers,
    *interviews.route_handlers,
    *jobs.route_handlers,
    *lists.route_handlers,
    *mailbox.route_handlers,
    *offers.route_handlers,
    *opentimes.route_handlers,
    *plans.route_handlers,
    *portal.route_handlers,
    *queue.route_handlers,
    *referrals.route_handlers,
    *reading.route_handlers,
    *requisitions.route_handlers,
    *taskplans.route_handlers,
)
#: section "招聘", orders 50 to 79; what everybody has stands without a section
NAVIGATION: tuple[NavItem, ...] = (
    *analytics.NAVIGATION,
    *candidates.NAVIGATION,
    *lists.NAVIGATION,
    *queue.NAVIGATION,
    *referrals.NAVIGATION,
    NavItem(N_("招聘职位"), jobs.BASE, access.HIRE, icon="briefcase", section=N_("招聘"), order=50),
    NavItem(N_("用人需求"), requisitions.BASE, access.REQUEST, icon="user-plus", section=N_("招聘"), order=52),
    NavItem(N_("招聘渠道"), channels.CHANNELS, access.SETTINGS, icon="link", section=N_("招聘"), order=74),
    NavItem(
        N_("面试日程"),
        "/recruiting/interviews",
        access.INTERVIEW,
        icon="calendar-event",
        section=N_("招聘"),
        order=60,
    ),
    NavItem(N_("录用安排"), "/recruiting/offers", access.HIRE, icon="file-text", section=N_("招聘"), order=62),
    NavItem(N_("入职安排"), "/recruiting/onboarding", access.ONBOARD, icon="user-plus", section=N_("招聘"), order=64),
)
