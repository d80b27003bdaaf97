"""Pages of approvals."""

from zhiren.approvals.pages import link, mine

route_handlers = (*mine.route_handlers, *link.route_handlers)
