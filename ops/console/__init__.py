"""The vendor's console: operators log in at a host of their own and see customers, never customers' data."""

from ops.console.routes import HANDLERS, on_unknown_host
from ops.console.runtime import Console, console_host
from ops.console.service import forget_ended

__all__ = ["HANDLERS", "Console", "console_host", "forget_ended", "on_unknown_host"]
