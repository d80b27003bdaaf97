"""Pages of approvals."""

from zhiren.approvals.pages import flows, link, mine

route_handlers = (*mine.route_handlers, *link.route_handlers, *flows.route_handlers)
