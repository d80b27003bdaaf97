"""Who sees a field of a person, and what the others see in its place."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from zhiren.auth import fields
from zhiren.auth.fields import can_see, mask, visible_ids
from zhiren.context import Actor, Context, Scope, TenantRef

ME, REPORT, STRANGER = uuid4(), uuid4(), uuid4()


def context(*kinds: str) -> Context:
    grants = {"field.pay.read": Scope(frozenset(kinds), ME)} if kinds else {}  # type: ignore[arg-type]
    actor = Actor(user_id=uuid4(), name="x", employee_id=ME, grants=grants)
    return Context(TenantRef("t_x", "x", "X"), None, None, actor)  # type: ignore[arg-type]


@pytest.fixture
def organisation():
    class Organisation:
        asked = 0

        async def visible_employee_ids(
            self, ctx: Context, scope: Scope, employee_ids: frozenset[UUID]
        ) -> frozenset[UUID]:
            self.asked += 1
            return employee_ids & {REPORT} if "reports" in scope.kinds else frozenset()

    before, found = fields._reach, Organisation()
    fields.register_reach(found)
    yield found
    fields.register_reach(before)


async def test_each_scope_reaches_its_people(organisation: object) -> None:
    everyone = {ME, REPORT, STRANGER}
    assert await visible_ids(context(), "pay", everyone) == frozenset()
    assert await visible_ids(context("self"), "pay", everyone) == {ME}
    assert await visible_ids(context("reports"), "pay", everyone) == {REPORT}
    assert await visible_ids(context("self", "reports"), "pay", everyone) == {ME, REPORT}
    assert await visible_ids(context("all"), "pay", everyone) == everyone
    assert not await can_see(context("self"), "identity", ME)


async def test_the_organisation_is_asked_once_and_only_when_it_matters(organisation) -> None:
    await visible_ids(context("all"), "pay", {ME, REPORT})
    await visible_ids(context("self"), "pay", {ME, REPORT})
    await visible_ids(context("self", "reports"), "pay", {ME})
    assert organisation.asked == 0
    await visible_ids(context("self", "reports"), "pay", {ME, REPORT, STRANGER})
    assert organisation.asked == 1


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("110101199003071234", "id_number", "110••••••••1234"),
        ("13812345678", "phone", "138••••5678"),
        ("6222020200001234567", "bank_account", "••••••••4567"),
        ("zhang.wei@acme.cn", "email", "z•••@acme.cn"),
        ("北京市朝阳区建国路 1 号", "address", "••••"),
        (1_234_567, "money", "••••"),
        (0, "money", "••••"),
        (None, "money", ""),
        ("", "phone", ""),
    ],
)
def test_a_mask_tells_two_apart_and_no_more(value: object, kind: fields.MaskKind, shown: str) -> None:
    assert mask(value, kind) == shown


@pytest.mark.parametrize("kind", ["id_number", "phone", "bank_account"])
@pytest.mark.parametrize("length", range(1, 30))
def test_a_mask_never_shows_most_of_a_value(kind: fields.MaskKind, length: int) -> None:
    value = "123456789012345678901234567890"[:length]
    digits = [c for c in mask(value, kind) if c.isdigit()]
    assert len(digits) <= max(length - 4, length // 4)
    assert "•" in mask(value, kind)
