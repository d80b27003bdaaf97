"""Who signs, worked out: laws that hold for every flow, and cases told one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiren.approvals.kinds import Fact
from zhiren.approvals.rules import conditions
from zhiren.approvals.rules.document import BUILT_IN, Document, Signer, Stage, Step, dump, load
from zhiren.approvals.rules.planning import People, Person, Plan, PlannedStep, Seat, plan
from zhiren.approvals.rules.progress import moves

ME = Person("申请人", UUID(int=1), 4)
LEAD = Person("组长", UUID(int=2), 3)
HEAD = Person("总监", UUID(int=3), 2)
CHIEF = Person("总经理", UUID(int=4), 1)
GONE = Person("没有帐号", None, 2)
ADMIN, OFFICER = Person("管理员", UUID(int=8)), Person("人事", UUID(int=9))
FACTS = (Fact("headcount", "int", "人数"), Fact("urgent", "bool", "紧急"), Fact("city", "text", "城市"))


def people(**changes: object) -> People:
    given_: dict[str, object] = {
        "requester": ME,
        "chain": (LEAD, HEAD, CHIEF),
        "leaders": {("requester", 1): CHIEF, ("requester", 2): HEAD},
        "persons": {one.user_id: one for one in (ME, LEAD, HEAD, CHIEF)},
        "roles": {"admin": (ADMIN,), "hr": (OFFICER,)},
    }
    return People(**(given_ | changes))  # type: ignore[arg-type]


def drawn(*stages: Stage, **options: bool) -> Document:
    return Document(stages=stages, **options)


def one(*signers: Signer, **options: object) -> Stage:
    return Stage((Step(signers=signers, **options),))  # type: ignore[arg-type]


def seats(found: Plan) -> Iterator[Seat]:
    for steps in found.stages:
        for step in steps:
            yield from step.asked


def names(found: Plan) -> list[list[str]]:
    """Who is asked, stage by stage."""
    return [
        [seat.person.name if seat.person else seat.role for step in steps for seat in step.asked]
        for steps in found.stages
    ]


def by(person: Person) -> Signer:
    return Signer(by="person", person_id=person.user_id, person_name=person.name)


@pytest.mark.parametrize(
    ("signer", "expected"),
    [
        (Signer(), ["组长"]),
        (Signer(levels=2), ["组长", "总监"]),
        (Signer(levels=9), ["组长", "总监", "总经理"]),
        (Signer(until_level=2), ["组长", "总监"]),
        (Signer(until_level=1), ["组长", "总监", "总经理"]),
        (Signer(by="leader", level=1), ["总经理"]),
        (Signer(by="leader", level=5), ["admin"]),
        (Signer(by="leader", level=2, of="unit"), ["admin"]),
        (Signer(by="role", role="hr"), ["hr"]),
        (Signer(by="role", role="nobody_holds_it"), ["admin"]),
        (by(HEAD), ["总监"]),
    ],
)
def test_ways_to_name_a_signer(signer: Signer, expected: list[str]) -> None:
    assert names(plan(drawn(one(signer)), {}, people())) == [expected]


def test_own_requests_go_to_the_next_manager_up() -> None:
    assert names(plan(drawn(one(by(ME))), {}, people())) == [["组长"]]
    assert names(plan(drawn(one(by(ME)), own_request=True), {}, people())) == [["申请人"]]
    # nobody above: administration; alone in it: HR
    assert names(plan(drawn(one(by(ME))), {}, people(chain=()))) == [["admin"]]
    alone = people(chain=(), roles={"admin": (ME,), "hr": (OFFICER,)})
    assert names(plan(drawn(one(by(ME))), {}, alone)) == [["hr"]]


def test_one_without_a_log_in_gives_way_and_is_named() -> None:
    found = plan(drawn(one(Signer())), {}, people(chain=(GONE, HEAD)))
    assert names(found) == [["admin"]]
    assert [(seat.note, seat.note_name) for seat in seats(found)] == [("no_login", "没有帐号")]


def test_empty_steps_are_skipped_or_given_to_a_role() -> None:
    missing = Signer(by="leader", level=6)
    assert names(plan(drawn(one(missing, empty="skip"), one(by(HEAD))), {}, people())) == [[], ["总监"]]
    assert names(plan(drawn(one(missing, empty="hr")), {}, people())) == [["hr"]]
    # nothing but skipped steps would wave everything through
    assert names(plan(drawn(one(missing, empty="skip")), {}, people())) == [[], ["admin"]]


def test_the_same_person_twice_in_a_row_signs_once() -> None:
    twice = (one(Signer(levels=2), mode="sequential"), one(Signer(by="leader", level=2)), one(by(CHIEF)))
    assert names(plan(drawn(*twice), {}, people())) == [["组长", "总监"], [], ["总经理"]]
    assert names(plan(drawn(*twice, merge_same=False), {}, people())) == [["组长", "总监"], ["总监"], ["总经理"]]
    # one of several who may have signed did perhaps not
    either = (one(by(LEAD), by(HEAD), mode="any"), one(by(HEAD)))
    assert names(plan(drawn(*either), {}, people())) == [["组长", "总监"], ["总监"]]
    # where one of several is enough, having just signed is enough
    enough = (one(by(HEAD)), one(by(LEAD), by(HEAD), mode="any"))
    assert names(plan(drawn(*enough), {}, people())) == [["总监"], []]


def test_conditions_choose_steps_and_doubt_asks() -> None:
    flow = drawn(one(Signer()), one(by(CHIEF), when="headcount > 3 || urgent"))
    assert names(plan(flow, {"headcount": 2, "urgent": False, "city": ""}, people())) == [["组长"], []]
    assert names(plan(flow, {"headcount": 5, "urgent": False, "city": ""}, people())) == [["组长"], ["总经理"]]
    unknown = plan(flow, {"headcount": None, "urgent": False, "city": ""}, people())
    assert names(unknown) == [["组长"], ["总经理"]]
    assert [seat.note for seat in seats(unknown)] == ["", "condition_failed"]


def test_nobody_at_all_is_told() -> None:
    found = plan(BUILT_IN, {}, people(chain=(), roles={}))
    assert found.nobody
    assert plan(drawn(one(by(ME))), {}, people(chain=(), roles={})).nobody
    assert plan(drawn(one(by(ME), empty="skip")), {}, people(chain=(), roles={})).nobody


@pytest.mark.parametrize(
    "source",
    ["", "headcount > 3", 'urgent && city == "北京"', 'city in ["北京", "上海"]', "headcount % 2 == 0", "!urgent"],
)
def test_conditions_that_may_be_kept(source: str) -> None:
    assert conditions.problem(source, FACTS) == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("headcount >", "不完整"),
        ("salary > 3", "没有这个字段：salary"),
        ("headcount", "是"),
        ('headcount > "3"', "同一种值"),
        ("city > 3", "同一种值"),
        ("10 / headcount > 1", "算不出"),
        ("[1, 2].all(i, i > 0)", "循环"),
        ('city.matches("(a+)+$")', "循环"),
        ("headcount > 1 " * 40, "太长"),
        ("now() > 1", ""),
    ],
)
def test_conditions_that_may_not(source: str, said: str) -> None:
    found = conditions.problem(source, FACTS)
    assert found
    assert said in found


def test_conditions_are_read_by_people() -> None:
    assert conditions.readable('headcount >= 3 && city != "headcount"', FACTS) == '人数 ≥ 3 且 城市 ≠ "headcount"'


def test_a_flow_is_data() -> None:
    flow = drawn(one(by(HEAD), Signer(until_level=2), mode="any", when="urgent", escalate_h=4), own_request=True)
    assert load(dump(flow)) == flow


# ---- laws

signers = st.builds(
    Signer,
    by=st.sampled_from(["person", "role", "managers", "leader"]),
    person_id=st.sampled_from([None, *(UUID(int=n) for n in range(1, 7))]),
    role=st.sampled_from(["admin", "hr", "sales", ""]),
    levels=st.integers(1, 10),
    until_level=st.integers(0, 4),
    level=st.integers(1, 4),
    of=st.sampled_from(["requester", "unit"]),
)
steps = st.builds(
    Step,
    signers=st.lists(signers, min_size=1, max_size=3).map(tuple),
    mode=st.sampled_from(["all", "any", "sequential"]),
    when=st.sampled_from(["", "headcount > 3", "urgent", "headcount / 0 > 1"]),
    empty=st.sampled_from(["skip", "admin", "hr"]),
)
flows = st.builds(
    Document,
    stages=st.lists(st.builds(Stage, st.lists(steps, min_size=1, max_size=3).map(tuple)), max_size=4).map(tuple),
    merge_same=st.booleans(),
    own_request=st.booleans(),
)
pool = st.sampled_from([ME, LEAD, HEAD, CHIEF, GONE, ADMIN, OFFICER])
crowds = st.builds(
    people,
    chain=st.lists(st.sampled_from([LEAD, HEAD, CHIEF, GONE]), unique=True, max_size=4).map(tuple),
    leaders=st.dictionaries(st.tuples(st.sampled_from(["requester", "unit"]), st.integers(1, 4)), pool, max_size=4),
    roles=st.dictionaries(
        st.sampled_from(["admin", "hr", "sales"]),
        st.lists(st.sampled_from([ME, LEAD, ADMIN, OFFICER]), unique=True, max_size=3).map(tuple),
    ),
)
facts = st.fixed_dictionaries({"headcount": st.one_of(st.none(), st.integers(0, 9)), "urgent": st.booleans()})


@given(flows, facts, crowds)
def test_laws_of_a_plan(flow: Document, given_facts: dict[str, object], crowd: People) -> None:
    found = plan(flow, given_facts, crowd)
    for steps_ in found.stages:
        for step in steps_:
            _law_of_a_step(step, flow, crowd)
    if not any(True for _ in seats(found)) and not found.nobody:
        # who asks nobody must have had no step whose condition holds
        held = [conditions.holds(step.when, given_facts) is not False for stage in flow.stages for step in stage.steps]
        assert not any(held)


def _law_of_a_step(step: PlannedStep, flow: Document, crowd: People) -> None:
    whom = [seat.person.user_id if seat.person else seat.role for seat in step.seats]
    assert len(set(whom)) == len(whom), "nobody is asked twice by one step"
    for seat in step.seats:
        assert (seat.person is None) != (seat.role == "")
        if seat.person is not None:
            assert seat.person.user_id is not None, "who cannot log in cannot sign"
            assert flow.own_request or seat.person.user_id != ME.user_id
        else:
            members = crowd.roles.get(seat.role, ())
            assert any(flow.own_request or one.user_id != ME.user_id for one in members)


@dataclass
class Row:
    """A task as the order sees it."""

    stage: int
    step: int
    mode: str
    lane: int
    turn: int
    state: str = "planned"


rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2), st.integers(0, 1), st.booleans()),
    min_size=1,
    max_size=14,
    unique_by=lambda row: row[:4],
)


@settings(max_examples=200)
@given(rows, st.lists(st.sampled_from(["all", "any", "sequential"]), min_size=6, max_size=6), st.randoms())
def test_laws_of_moving_on(places: list[tuple[int, int, int, int, bool]], modes: list[str], luck: object) -> None:
    """Whoever signs first, every case ends; no stage is asked before those above it are done; in a sequence one at a
    time."""
    tasks = [Row(a, b, modes[a * 2 + b], c, d, "skipped" if skip else "planned") for a, b, c, d, skip in places]
    for _round in range(len(tasks) + 1):
        found = moves(tasks)
        for task in found.drop:
            task.state = "dropped"
        for task in found.open:
            task.state = "waiting"
        waiting = [task for task in tasks if task.state == "waiting"]
        assert found.done == (not waiting)
        if found.done:
            break
        assert len({task.stage for task in waiting}) == 1
        assert not [task for task in tasks if task.stage < waiting[0].stage and task.state in {"planned", "waiting"}]
        for task in waiting:
            same = [
                one for one in waiting if (one.step, one.mode) == (task.step, "sequential") == (task.step, task.mode)
            ]
            assert len(same) <= 1
        luck.choice(waiting).state = "approved"  # type: ignore[attr-defined]
    assert not [task for task in tasks if task.state in {"planned", "waiting"}]
