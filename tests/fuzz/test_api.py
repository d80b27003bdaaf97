"""Schemathesis over our own OpenAPI document: no request, however odd, brings a fault or a stack trace to light."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from schemathesis.transport.prepare import prepare_request

from tests.fuzz.conftest import SEED
from tests.fuzz.stock import Stock
from tests.fuzz.visitor import Answer, Visitor, faults
from tests.sizes import size

log = logging.getLogger(__name__)

REQUESTS = size("FUZZ_REQUESTS", everyday=6_000, whole=20_000)
#: requests under way at a time: the database answers one while another is made
AT_ONCE = 4
#: of the cases, those that break the document
BROKEN = 0.4


def cases(operation: Any, mode: GenerationMode, count: int) -> list[Any]:
    """So many cases for the operation, or as many different ones as there are."""
    found: list[Any] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    return found[:count]


class Drive:
    """Sends cases as they were made, and again with what exists in the places that ask for it."""

    def __init__(self, visitor: Visitor, stock: Stock, schema: Any, chance: Random) -> None:
        self.visitor, self.stock, self._schema, self._chance = visitor, stock, schema, chance
        self.by_operation: dict[str, Counter[int]] = {}

    async def operation(self, operation: Any, budget: int) -> None:
        await self.stock.refresh(without=self.visitor.user_id)
        made = cases(operation, GenerationMode.NEGATIVE, max(1, int(budget * BROKEN / 2)))
        made += cases(operation, GenerationMode.POSITIVE, max(1, (budget + 1) // 2 - len(made)))
        self._chance.shuffle(made)
        todo = [(made[turn % len(made)], turn >= len(made)) for turn in range(budget)]
        waiting = iter(todo)

        async def worker() -> None:
            for case, fed in waiting:
                await self._send(operation, case, fed)

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    async def _send(self, operation: Any, case: Any, fed: bool) -> None:
        if fed:
            case = self._fed(operation, case)
        headers = {"accept": "application/json"} | ({"if-match": "*"} if fed else {})
        request = prepare_request(case, headers, config=self._schema.config.output.sanitization)
        url = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        sent = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1", "replace"))
            for name, value in request.headers.items()
            if name.lower() not in {"content-length", "cookie"}
        ]
        answer = await self.visitor.send(
            operation.method.upper(), url.path, url.query.encode(), sent, bytes(body), label=operation.label
        )
        self.by_operation.setdefault(operation.label, Counter())[answer.status] += 1
        self._judge(operation, case, request, answer)

    def _fed(self, operation: Any, case: Any) -> Any:
        return operation.Case(
            path_parameters=self.stock.feed(dict(case.path_parameters), odds=0.95),
            query=self.stock.feed(dict(case.query)),
            body=self.stock.feed(case.body),
            media_type=case.media_type,
        )

    def _judge(self, operation: Any, case: Any, request: Any, answer: Answer) -> None:
        if answer.status >= 500:
            return
        told = Response(
            answer.status,
            {name: [value] for name, value in answer.headers.items()},
            answer.body,
            request,
            0.0,
            verify=False,
        )
        try:
            case.validate_response(told, checks=[content_type_conformance, response_schema_conformance])
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self.visitor.findings.note(f"{operation.label}: {type(failure).__name__}", str(failure))


@pytest.mark.slow
@pytest.mark.fuzz
async def test_twenty_thousand_requests_bring_no_fault_to_light(visitor: Visitor, stock: Stock, chance: Random) -> None:
    load_all_checks()
    answer = await visitor.send("GET", "/api/v1/openapi.json")
    schema = schemathesis.openapi.from_dict(json.loads(answer.body))
    schema.config.update(base_url=f"http://{visitor.tenant.slug}.localhost")
    operations = [result.ok() for result in schema.get_all_operations()]
    drive = Drive(visitor, stock, schema, chance)
    before, began_s, cpu_s = visitor.sent, time.monotonic(), time.process_time()
    with faults() as noted:
        for place, operation in enumerate(operations):
            left = REQUESTS - (visitor.sent - before)
            await drive.operation(operation, left // (len(operations) - place))
    sent = visitor.sent - before
    told = {label: dict(sorted(statuses.items())) for label, statuses in drive.by_operation.items()}
    print(
        f"{sent} requests, {time.monotonic() - began_s:.0f} s ({time.process_time() - cpu_s:.0f} s of work here), "
        f"log-ins {visitor.renewals}"
    )
    print("\n".join(f"{label}: {statuses}" for label, statuses in told.items()))
    assert not visitor.findings.found, visitor.findings.told() + "\n" + "\n".join(noted.lines)
    assert not noted.lines, "\n".join(noted.lines)
    assert sent == REQUESTS
    # an operation that only ever refuses has not been tried
    done = [label for label, statuses in told.items() if any(200 <= status < 300 for status in statuses)]
    assert len(done) >= len(operations) * 0.6, sorted(set(told) - set(done))
