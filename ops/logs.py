"""Log lines of a process: text for people, JSON for collectors. Never a person's data."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, Final

from zhiren.settings import Settings


class JsonLines(logging.Formatter):
    """One object a line: time (ISO 8601, UTC), level, logger, process, message, and the trace where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def configure(settings: Settings) -> None:
    """Send this process's log to standard error in the form the settings name."""
    formatter: logging.Formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    if settings.log_format == "json":
        formatter = JsonLines()
        formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("_granian").addFilter(_not_about_kernel)


#: libraries that tell at "info" what only their authors want to know
_CHATTY: Final = ("alembic", "dramatiq", "httpx", "weasyprint", "fontTools")


def _not_about_kernel(record: logging.LogRecord) -> bool:
    # a kernel setting that only matters while a server process is replaced; it is in docs/architecture.md's tuning
    return "tcp_migrate_req" not in record.getMessage()
