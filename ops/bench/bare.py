"""The least that could be called a list page: one query, a table of 50 rows, on the same framework, server and pool.

Without customers' switch of modules, session, rights, scope, filters, search, counts, navigation: what it costs is what
Litestar, Granian, SQLAlchemy's pool and Jinja cost. ``python -m ops.run web ops.bench.bare`` serves it.
"""

from __future__ import annotations

import os
from typing import Final

from jinja2 import Environment
from litestar import Litestar, MediaType, get
from sqlalchemy import text

from ops import memory
from tenants.registry import Registry
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.db.database import transaction
from zhiren.db.engine import TENANT_OPTION
from zhiren.settings import Settings

PATH: Final = "/bare"
SLUG: Final = "bench"
_QUERY: Final = text(
    "SELECT id, number, name, gender, hired_on, status, id_kind, bank_name"
    " FROM records_employee ORDER BY number LIMIT 50"
)
_PAGE: Final = """<!doctype html><html lang="zh-CN"><title>员工</title><table>
<thead><tr>{% for name in names %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody>
</table></html>"""


def application() -> Litestar:
    settings = Settings.load(os.environ)
    database = Database(settings, VaultKeyService(settings))
    registry = Registry(database, settings.base_domain)
    engine = database.make_engine(settings)
    page = Environment(autoescape=True).from_string(_PAGE)

    @get(PATH, media_type=MediaType.HTML)
    async def table() -> str:
        tenant = await registry.by_slug(SLUG)
        async with transaction(engine.execution_options(**{TENANT_OPTION: tenant.id})) as session:
            found = await session.execute(_QUERY)
            return page.render(names=list(found.keys()), rows=found.all())

    app = Litestar(route_handlers=[table], openapi_config=None, logging_config=None)
    memory.settle()
    return app
