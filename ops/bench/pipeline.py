"""The board of a job with 5,000 people, and search over 200,000, as HR sees them: through the whole application."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, func, insert
from sqlalchemy.dialects.postgresql import ARRAY

from modules.recruiting import repository as queries
from modules.recruiting.models import Application, Candidate, Job
from modules.recruiting.rules import search
from modules.recruiting.rules.stages import DEFAULT
from ops.bench import bare
from ops.bench.company import Crowd, crowd
from ops.bench.measure import Bench, Result
from ops.bench.pages import served
from ops.demo.visitor import Visitor
from zhiren.clock import today
from zhiren.context import Context
from zhiren.ids import new_id

ON_BOARD: Final = 5000
CANDIDATES: Final = 200_000
#: what is wanted of a search, on two cores
SEARCH_P95_S: Final = 0.150
BOARD_S: Final = 0.200
BOARD_RATIO: Final = 3.0
ROUNDS: Final = 120
#: rows of one statement
_BATCH: Final = 2000
_PATIENCE_S: Final = 60.0
_CITIES: Final = ("上海", "北京", "深圳", "杭州", "成都", "武汉", "西安", "苏州")
_SCHOOLS: Final = (
    "同济大学",
    "华南理工大学",
    "西安交通大学",
    "武汉大学",
    "四川大学",
    "东南大学",
    "山东大学",
    "厦门大学",
)
_DEGREES: Final = ("associate", "bachelor", "bachelor", "bachelor", "master", "doctor")
_LEFT: Final = "分布高并数据机器供应财务品牌用户产线设备质量项目客户运营渠道安全网络嵌入图形编译存储支付"
_RIGHT: Final = "系统平台优化治理学习链路分析推广增长自动维护检验管理关系策略拓展审计协议控制渲染引擎结算"
_INSERT: Final = insert(Candidate.__table__).values(  # type: ignore[arg-type]
    search=func.array_to_tsvector(bindparam("terms", type_=ARRAY(Text())))
)


def phrases() -> list[str]:
    """What résumés are made of: some in every other one, some in one of a hundred."""
    return [f"{_LEFT[at : at + 2]}{_RIGHT[way : way + 2]}" for at in range(0, 44, 2) for way in range(0, 44, 2)]


async def recruiting_board(bench: Bench) -> list[Result]:
    """The board of a job whose 5,000 people stand in its six stages, against one query and a page of bare cards."""
    people = bench.size(ON_BOARD, 300)
    async with crowd(bench, 3) as company:
        async with company.work() as ctx:
            job = await make_job(ctx)
            await _apply(ctx, job, await make_candidates(ctx, people))
        await asyncio.to_thread(bench.settle)
        paths = (f"/recruiting/jobs/{job.id}/board", f"{bare.BOARD}{job.id}")
        took, bare_took = await asyncio.to_thread(_beside, company, *paths, bench.size(40, 3))
    ours_s, bare_s = median(took), median(bare_took)
    slower = median(one / other for one, other in zip(took, bare_took, strict=True))
    what = (
        f"{people:,} people: median {ours_s * 1000:.0f} ms, p95 {_p95(took) * 1000:.0f} ms, bare {bare_s * 1000:.0f} ms"
    )
    return [
        Result("board, against one query and bare cards", slower, BOARD_RATIO, what),
        Result("board, first 50 of each stage, 200 ms", ours_s / BOARD_S, 1.0, what),
    ]


async def recruiting_search(bench: Bench) -> list[Result]:
    """Words that many, few and nobody have, with and without filters, by HR who may see everybody."""
    people = bench.size(CANDIDATES, 400)
    async with crowd(bench, 3) as company:
        for start in range(0, people, 20 * _BATCH):
            async with company.work() as ctx:
                await make_candidates(ctx, min(20 * _BATCH, people - start), start)
        await asyncio.to_thread(bench.settle)
        random, words = Random(3), phrases()  # noqa: S311 - no secrets
        paths = [f"/recruiting/candidates?q={random.choice(words)}" for _each in range(20)]
        paths += [f"/recruiting/candidates?q={random.choice(words)} {random.choice(words)}" for _each in range(20)]
        paths += [f"{path}&f.degree=master&f.city=上海" for path in paths[:10]]
        paths += [
            "/recruiting/candidates?q=同济大学",
            "/recruiting/candidates?q=工程师",
            "/recruiting/candidates?q=没有这种词",
        ]
        took = await asyncio.to_thread(_asked, company, paths, bench.size(ROUNDS, 3))
    figures = f"p95 {_p95(took) * 1000:.0f} ms, median {median(took) * 1000:.0f} ms, most {max(took) * 1000:.0f} ms"
    what = f"{people:,} people: {figures}"
    return [Result("search of candidates, p95 150 ms", _p95(took) / SEARCH_P95_S, 1.0, what)]


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[18]


def _asked(company: Crowd, paths: list[str], rounds: int) -> list[float]:
    """Seconds of each answer, one after another; every path once before the clock runs."""
    with served(company.settings, "ops.demo.composition") as port:
        until_it_listens(port)
        with Visitor(port, bare.SLUG, company.settings.base_domain) as hr:
            hr.log_in("hr", company.password)
            for path in paths:
                hr.page(path)
            took = []
            for number in range(max(rounds, len(paths))):
                began_s = time.perf_counter()
                hr.page(paths[number % len(paths)])
                took.append(time.perf_counter() - began_s)
    return took


def _beside(company: Crowd, path: str, bare_path: str, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each answer of both, asked in turn: neighbours share what else the machine does."""
    took: dict[str, list[float]] = {path: [], bare_path: []}
    with served(company.settings, "ops.demo.composition") as ours, served(company.settings, "ops.bench.bare") as it:
        until_it_listens(ours)
        until_it_listens(it)
        domain = company.settings.base_domain
        with Visitor(ours, bare.SLUG, domain) as hr, Visitor(it, bare.SLUG, domain) as anybody:
            hr.log_in("hr", company.password)
            asked = ((hr, path), (anybody, bare_path))
            for number in range(-4, rounds):
                for visitor, where in asked if number % 2 else reversed(asked):
                    began_s = time.perf_counter()
                    visitor.page(where)
                    # every process answers once before the clock runs
                    if number >= 0:
                        took[where].append(time.perf_counter() - began_s)
    return took[path], took[bare_path]


def until_it_listens(port: int) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)


async def make_job(ctx: Context) -> Job:
    job = Job(
        number=await queries.next_number(ctx.session, "J", Job),
        slug=f"bench-{new_id().hex[-8:]}",
        title="后端工程师",
        unit_id=new_id(),
        owner_id=new_id(),
        stages=msgspec.to_builtins(DEFAULT),
        state="open",
    )
    ctx.session.add(job)
    await ctx.session.flush()
    return job


async def make_candidates(ctx: Context, people: int, start: int = 0) -> list[UUID]:
    random, words = Random(start), phrases()  # noqa: S311 - no secrets
    # the front of the list is common, its end rare
    weights = [1 / (1 + at / 20) for at in range(len(words))]
    ids: list[UUID] = []
    for first in range(0, people, _BATCH):
        rows = [
            _row(random, random.choices(words, weights, k=40), start + number)
            for number in range(first, min(first + _BATCH, people))
        ]
        await ctx.session.execute(_INSERT, rows)
        ids += [row["id"] for row in rows]
    return ids


def _row(random: Random, words: list[str], number: int) -> dict[str, Any]:
    school, city, degree = (random.choice(choices) for choices in (_SCHOOLS, _CITIES, _DEGREES))
    name = f"人{number}"
    return {
        "id": new_id(),
        "name": name,
        "school": school,
        "city": city,
        "degree": degree,
        "employer": f"公司{number % 997}",
        "title": "工程师",
        "years": float(number % 20),
        "keep_until": today(),
        # one every few minutes: people do not all come at once
        "created_at": datetime.now(UTC) - timedelta(minutes=5 * number),
        "terms": [
            *search.terms([name, school, city, "工程师", *words]),
            *search.facets(degree=degree, city=city),
        ],
    }


async def _apply(ctx: Context, job: Job, people: list[UUID]) -> None:
    rows = [
        {
            "id": new_id(),
            "candidate_id": person,
            "job_id": job.id,
            "stage": DEFAULT[number % len(DEFAULT)].code,
            "stage_kind": DEFAULT[number % len(DEFAULT)].kind,
        }
        for number, person in enumerate(people)
    ]
    await ctx.session.execute(insert(Application), rows)


MEASURES = [recruiting_board, recruiting_search]
