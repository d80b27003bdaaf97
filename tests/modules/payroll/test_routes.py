"""Payroll by JSON: a month driven by a program, and what each caller is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.factories.payroll import Payroll

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
API = "/api/v1/payroll"


@pytest.fixture
async def officer(login_as: LogIn, payroll: Payroll) -> httpx.AsyncClient:
    return await login_as("payroll")


async def test_a_program_goes_through_a_month(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    who = await payroll.hire("A1", "张三")
    terms = {
        "employee_id": str(who),
        "group_id": str(payroll.group_id),
        "valid_from": "2026-01-01",
        "terms": {"amounts": {"monthly_wage": 1_500_000}, "additional": {"children": 200_000}},
    }
    made = await officer.post(f"{API}/terms", json=terms)
    assert made.status_code == 201, made.text
    assert made.json()["terms"]["amounts"] == {"monthly_wage": 1_500_000}
    opened = await officer.post(
        f"{API}/runs", json={"group_id": str(payroll.group_id), "year": 2026, "month": 5, "pay_on": "2026-05-28"}
    )
    assert opened.status_code == 201, opened.text
    run = opened.json()
    assert (run["status"], run["totals"]) == ("open", None)
    path = f"{API}/runs/{run['id']}"
    started = await officer.post(f"{path}/calculate")
    assert started.status_code == 202
    await payroll.work(UUID(started.json()["job_id"]))
    assert (await officer.put(f"{path}/inputs/{who}", json={"amounts": {"bonus": 100_000}})).status_code == 204
    rows = (await officer.get(f"{path}/payslips")).json()
    assert rows["next_cursor"] is None
    assert rows["items"][0]["totals"]["gross_fen"] == 1_600_000
    assert (await officer.post(f"{path}/review")).json()["status"] == "reviewed"
    assert (await officer.post(f"{path}/close", json={})).json()["status"] == "closed"
    published = (await officer.post(f"{path}/publish")).json()
    assert published["status"] == "published"
    assert published["totals"]["gross_fen"] == 1_600_000
    slip = (await officer.get(f"{API}/payslips/{rows['items'][0]['id']}")).json()
    tax = next(line for line in slip["lines"] if line["code"] == "iit")
    assert tax["citations"][0]["standing"] == "verified"
    assert slip["totals"]["net_fen"] == published["totals"]["net_fen"]


async def test_refusals_have_stable_codes(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("B1", "李四"))
    run_id = await payroll.month(3)
    group = str(payroll.group_id)
    cases: list[tuple[str, str, Any, int, str]] = [
        ("post", f"/runs/{run_id}/calculate", None, 409, "payroll.run_closed"),
        ("delete", f"/runs/{run_id}", None, 409, "payroll.run_closed"),
        ("post", f"/runs/{run_id}/publish", None, 409, "payroll.run_not_ready"),
        ("get", f"/runs/{uuid4()}", None, 404, "payroll.run_not_found"),
        ("get", f"/payslips/{uuid4()}", None, 404, "payroll.payslip_not_found"),
        ("post", "/runs", {"group_id": group, "year": 2026, "month": 3}, 409, "payroll.run_exists"),
        ("post", "/runs", {"group_id": group, "year": 2026, "month": 13}, 422, "payroll.period_invalid"),
        ("post", "/runs", {"group_id": group, "year": 2026, "month": 1}, 422, "payroll.period_invalid"),
        ("post", "/runs", {"group_id": str(uuid4()), "year": 2026, "month": 1}, 404, "payroll.setting_not_found"),
        ("post", "/groups", {"name": "", "pay_day": 10}, 422, "payroll.period_invalid"),
        (
            "post",
            "/items",
            {"code": "x", "name": "某项", "kind": "earning", "valid_from": "2026-01-01", "formula": "1+"},
            422,
            "payroll.formula_invalid",
        ),
        (
            "post",
            "/items",
            {"code": "x", "name": "某项", "kind": "earning", "valid_from": "2026-01-02"},
            422,
            "payroll.period_invalid",
        ),
        (
            "post",
            "/terms",
            {"employee_id": str(uuid4()), "group_id": group, "valid_from": "2026-01-01", "terms": {}},
            404,
            "payroll.setting_not_found",
        ),
    ]
    for method, path, body, status, code in cases:
        answer = await officer.request(method, API + path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, answer.text)


async def test_a_formula_is_tried_without_saving(officer: httpx.AsyncClient) -> None:
    answer = await officer.post(f"{API}/formulas/check", json={"formula": "月薪*1.5", "values": {"月薪": "100"}})
    assert answer.json()["amount_fen"] == 15_000
    wrong = (await officer.post(f"{API}/formulas/check", json={"formula": "1+*2"})).json()
    assert (wrong["fault"], wrong["position"], wrong["amount_fen"]) == ("unexpected", 2, None)


async def test_the_law_by_json(officer: httpx.AsyncClient) -> None:
    figures = (await officer.get(f"{API}/law")).json()
    assert all(figure["source"] for figure in figures)
    assert any(not figure["verified"] for figure in figures)


async def test_everybody_else_is_refused(login_as: LogIn, payroll: Payroll) -> None:
    mine = await payroll.hire("C1", "王五")
    other = await payroll.hire("C2", "赵六")
    await payroll.terms(mine)
    await payroll.terms(other)
    run_id = await payroll.month(3)
    slips = await payroll.slips(run_id)
    me = await login_as("employee", employee_id=mine)
    assert [slip["id"] for slip in (await me.get("/api/v1/me/payslips")).json()] == [str(slips["C1"].id)]
    assert (await me.get(f"{API}/payslips/{slips['C1'].id}")).status_code == 200
    assert (await me.get(f"{API}/payslips/{slips['C2'].id}")).status_code == 404
    for role in ("admin", "hr", "manager", "employee"):
        someone = await login_as(role)
        for path in (f"/runs/{run_id}", "/runs", f"/runs/{run_id}/payslips", "/groups", "/items", "/law"):
            assert (await someone.get(API + path)).status_code == 403, (role, path)
        assert (await someone.get(f"{API}/payslips/{slips['C1'].id}")).status_code == 404
        assert (await someone.post(f"{API}/runs/{run_id}/publish")).status_code == 403
