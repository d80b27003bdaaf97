"""Pure rules: how log-ins are spelled, how grants add up, who may hand out what."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiren.auth.permissions import BUILTIN_ROLES, PLATFORM, defaults, registry
from zhiren.auth.rules import collect_grants, exceeding, fold_login, read_grants, valid_login, widened
from zhiren.context import SCOPE_ORDER, Scope
from zhiren.modules import Module, Permission

UNIT, OTHER_UNIT, ME = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" ZhangWei ", "zhangwei"), ("ＺＨＡＮＧ", "zhang"), ("张伟", "张伟"), ("Straße", "strasse")],
)
def test_a_login_has_one_spelling(typed: str, stored: str) -> None:
    assert fold_login(typed) == stored


@pytest.mark.parametrize("login", ["zhang.wei", "zhang_wei@acme.cn", "a1", "张伟", "𠮷野"])
def test_plain_logins_are_taken(login: str) -> None:
    assert valid_login(fold_login(login))


@pytest.mark.parametrize(
    "login", ["", "a", "zhang wei", "аdmin", "admin\u200b", "a<b>", "x" * 65, "ad\x00min", "αdmin", "a/b"]
)
def test_look_alikes_and_odd_characters_are_refused(login: str) -> None:
    assert not valid_login(fold_login(login))


def test_several_roles_add_up() -> None:
    grants = collect_grants(
        [("x.read", "self", []), ("x.read", "unit", [str(UNIT)]), ("x.read", "unit", [str(OTHER_UNIT)])], ME
    )
    assert grants["x.read"] == Scope(frozenset({"self", "unit"}), ME, frozenset({UNIT, OTHER_UNIT}))


def test_a_unit_grant_without_a_unit_reaches_nobody() -> None:
    assert not collect_grants([("x.read", "unit", [])], ME)["x.read"]


def test_the_same_text_gives_each_person_their_own_grants_and_nobody_can_change_them() -> None:
    text = '[["x.read", "self", []]]'
    mine, other = read_grants(text, ME), read_grants(text, UNIT)
    assert (mine["x.read"].employee_id, other["x.read"].employee_id) == (ME, UNIT)
    assert read_grants("[]", ME) == {}
    with pytest.raises(TypeError):
        mine["y.read"] = mine["x.read"]  # type: ignore[index]


def scope(*kinds: str, units: frozenset[UUID] = frozenset()) -> Scope:
    return Scope(frozenset(kinds), ME, units)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "wanted", "units", "too_wide"),
    [
        (scope("all"), "all", (), False),
        (scope("all"), "unit", (UNIT,), False),
        (scope("reports"), "direct_reports", (), False),
        (scope("direct_reports"), "reports", (), True),
        (scope("self"), "all", (), True),
        (scope("unit", units=frozenset({UNIT})), "unit", (UNIT,), False),
        (scope("unit", units=frozenset({UNIT})), "unit", (OTHER_UNIT,), True),
        (scope("unit", units=frozenset({UNIT})), "all", (), True),
        (scope(), "self", (), True),
    ],
)
def test_nobody_grants_wider_than_they_hold(held: Scope, wanted: str, units: tuple[UUID, ...], too_wide: bool) -> None:
    assert exceeding({"x.read": held}, {"x.read": wanted}, units) == (["x.read"] if too_wide else [])
    assert exceeding({}, {"x.read": wanted}, units) == ["x.read"]


SCOPES = st.sampled_from([kind for kind in SCOPE_ORDER if kind != "none"])
GRANTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), SCOPES)


@given(GRANTS, GRANTS)
def test_only_what_is_new_or_wider_is_checked(old: dict[str, str], new: dict[str, str]) -> None:
    more = widened(old, new)
    for name, kind in new.items():
        rank = [str(k) for k in SCOPE_ORDER].index
        assert (name in more) == (name not in old or rank(kind) > rank(old[name]))


def test_builtin_roles_hold_what_is_declared_and_nothing_else() -> None:
    module = Module(
        name="m",
        title="",
        summary="",
        version="1",
        package="m",
        permissions=(
            Permission("m.read", "读", scoped=True, defaults=(("hr", "all"), ("manager", "reports"))),
            Permission("m.close", "关", defaults=(("payroll", "self"),)),
        ),
    )
    grants = defaults(registry([module]))
    assert set(grants) == set(BUILTIN_ROLES)
    assert grants["hr"]["m.read"] == "all"
    assert grants["manager"]["m.read"] == "reports"
    # what is not scoped is granted or not
    assert grants["payroll"]["m.close"] == "all"
    assert "m.read" not in grants["admin"]


def test_the_administrator_does_not_read_pay_or_identity() -> None:
    grants = defaults({permission.name: permission for permission in PLATFORM})
    assert not {name for name in grants["admin"] if name.startswith("field.")}


def test_a_permission_declared_twice_stops_the_start() -> None:
    module = Module(
        name="m", title="", summary="", version="1", package="m", permissions=(Permission("audit.read", "别的"),)
    )
    with pytest.raises(ValueError, match="declared twice"):
        registry([module])


def test_defaults_of_an_unknown_role_stop_the_start() -> None:
    with pytest.raises(ValueError, match="unknown role"):
        defaults({"x": Permission("x", "x", defaults=(("boss", "all"),))})
