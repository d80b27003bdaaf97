"""Pages of notices: everybody's inbox and addresses, the administrator's channels, wording and outbox."""

from zhiren.i18n import N_
from zhiren.modules import NavItem
from zhiren.notices.pages import channels, inbox, outbox, reach, texts

HANDLERS = (
    *inbox.route_handlers,
    *reach.route_handlers,
    *channels.route_handlers,
    *texts.route_handlers,
    *outbox.route_handlers,
)
navigation = (
    NavItem(N_("通知设置"), "/admin/notices", "notices.settings", icon="send", section=N_("管理"), order=830),
)
