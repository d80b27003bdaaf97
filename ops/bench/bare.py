"""The least that could be called a list page: one query, a table of 50 rows, on the same framework, server and pool.

Without customers' switch of modules, session, rights, scope, filters, search, counts, navigation: what it costs is what
Litestar, Granian, SQLAlchemy's pool and Jinja cost. The same of a board: one query, the first cards of each stage.
``python -m ops.run web ops.bench.bare`` serves it.
"""

from __future__ import annotations

import os
from typing import Final
from uuid import UUID

from jinja2 import Environment
from litestar import Litestar, MediaType, get
from litestar.params import FromPath
from sqlalchemy import text

from ops import memory
from tenants.registry import Registry
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.db.database import transaction
from zhiren.db.engine import TENANT_OPTION
from zhiren.settings import Settings

PATH: Final = "/bare"
BOARD: Final = "/bare/board/"
SLUG: Final = "bench"
_QUERY: Final = text(
    "SELECT id, number, name, gender, hired_on, status, id_kind, bank_name"
    " FROM records_employee ORDER BY number LIMIT 50"
)
_PAGE: Final = """<!doctype html><html lang="zh-CN"><title>员工</title><table>
<thead><tr>{% for name in names %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody>
</table></html>"""
_CARDS: Final = text(
    "SELECT * FROM (SELECT a.id, a.stage, a.rank, a.stage_since, c.name, c.degree, c.school, c.employer, c.title,"
    " row_number() OVER (PARTITION BY a.stage ORDER BY a.rank, a.stage_since, a.id) AS place"
    " FROM recruiting_application a JOIN recruiting_candidate c ON c.id = a.candidate_id"
    " WHERE a.job_id = :job_id AND a.state = 'active') AS cards"
    " WHERE place <= 50 ORDER BY stage, rank, stage_since, id"
)
_BOARD: Final = """<!doctype html><html lang="zh-CN"><title>看板</title>
{% for stage, cards in rows | groupby("stage") %}<section><h2>{{ stage }}</h2>
{% for one in cards %}<article id="{{ one.id }}"><h3>{{ one.name }}</h3>
<p>{{ one.degree }} {{ one.school }} {{ one.employer }} {{ one.title }}</p></article>
{% endfor %}</section>{% endfor %}</html>"""


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

    cards = Environment(autoescape=True).from_string(_BOARD)

    @get(BOARD + "{job_id:uuid}", media_type=MediaType.HTML)
    async def board(job_id: FromPath[UUID]) -> str:
        tenant = await registry.by_slug(SLUG)
        async with transaction(engine.execution_options(**{TENANT_OPTION: tenant.id})) as session:
            return cards.render(rows=(await session.execute(_CARDS, {"job_id": job_id})).all())

    app = Litestar(route_handlers=[table, board], openapi_config=None, logging_config=None)
    memory.settle()
    return app
