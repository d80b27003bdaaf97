"""The form that draws a flow: what it says, and what its buttons do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.approvals import KIND
from zhiren.approvals.rules.document import Document, Signer, Stage, Step
from zhiren.approvals.rules.editing import changed, problems, read
from zhiren.approvals.rules.sketch import sketch
from zhiren.ids import new_id

ROLES = {"hr": "人事", "admin": "系统管理员"}


def names(document: Document) -> list[list[str]]:
    return [[step.name for step in stage.steps] for stage in document.stages]


def flow(*stages: list[str]) -> Document:
    return Document(stages=tuple(Stage(tuple(Step(name=name) for name in stage)) for stage in stages))


def test_the_form_says_what_is_drawn() -> None:
    person = new_id()
    form = {
        "merge_same": "1",
        "s0.p0.name": "部门审批",
        "s0.p0.mode": "sequential",
        "s0.p0.when": "headcount > 3",
        "s0.p0.empty": "skip",
        "s0.p0.escalate_h": "24",
        "s0.p0.g0.by": "managers",
        "s0.p0.g0.levels": "2",
        "s0.p0.g1.by": "until",
        "s0.p0.g1.level": "2",
        "s0.p1.g0.by": "person",
        "s0.p1.g0.person": str(person),
        "s0.p1.g0.role": "hr",
        "s1.p0.g0.by": "leader:unit",
        "s1.p0.g0.level": "3",
        "s1.p0.g1.by": "role",
        "s1.p0.g1.role": "hr",
    }
    found = read(form)
    first, beside = found.stages[0].steps
    assert (first.name, first.mode, first.when, first.empty, first.escalate_h) == (
        "部门审批",
        "sequential",
        "headcount > 3",
        "skip",
        24,
    )
    assert first.signers == (Signer(levels=2), Signer(until_level=2, level=2))
    assert beside.signers == (Signer(by="person", person_id=person),)
    assert found.stages[1].steps[0].signers == (
        Signer(by="leader", level=3, of="unit"),
        Signer(by="role", role="hr"),
    )
    assert (found.merge_same, found.own_request) == (True, False)


@given(st.dictionaries(st.from_regex(r"s[0-2]\.p[0-2]\.(g[0-2]\.)?[a-z_]{2,10}", fullmatch=True), st.text(max_size=9)))
def test_no_form_is_too_odd(form: dict[str, str]) -> None:
    found = read(form)
    problems(found, KIND.facts, ROLES)
    sketch(found, KIND.facts, ROLES)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("add", [["a", "b"], ["c"], [""]]),
        ("add:1", [["a", "b"], ["c", ""]]),
        ("add:9", [["a", "b"], ["c"]]),
        ("remove:0", [["c"]]),
        ("remove:0.1", [["a"], ["c"]]),
        ("remove:1.0", [["a", "b"]]),
        ("up:1", [["c"], ["a", "b"]]),
        ("up:0", [["a", "b"], ["c"]]),
        ("down:0", [["c"], ["a", "b"]]),
        ("down:0.0", [["b", "a"], ["c"]]),
        ("down:1", [["a", "b"], ["c"]]),
        ("remove", [["a", "b"], ["c"]]),
        ("remove:7.7.7", [["a", "b"], ["c"]]),
        ("nonsense", [["a", "b"], ["c"]]),
    ],
)
def test_what_the_buttons_do(act: str, expected: list[list[str]]) -> None:
    assert names(changed(flow(["a", "b"], ["c"]), act)) == expected


def test_signers_come_and_go() -> None:
    one = changed(flow(["a"]), "add:0.0")
    assert len(one.stages[0].steps[0].signers) == 2
    assert len(changed(one, "remove:0.0.1").stages[0].steps[0].signers) == 1


def test_what_keeps_a_flow_from_being_published() -> None:
    assert problems(Document(), KIND.facts, ROLES).keys() == {"stages"}
    wrong = Document(
        stages=(
            Stage(
                (Step(signers=(), when="nope > 1"), Step(signers=(Signer(by="person"), Signer(by="role", role="x"))))
            ),
            Stage((Step(signers=(Signer(by="leader", of="unit"),)),)),
        )
    )
    expected = {"s0.p0.when", "s0.p0.signers", "s0.p1.g0.person", "s0.p1.g1.role"}
    assert problems(wrong, KIND.facts, ROLES).keys() == expected
    assert problems(wrong, (), ROLES).keys() == expected | {"s1.p0.g0.by"}
    assert problems(flow(["a"]), KIND.facts, ROLES) == {}


def test_a_flow_in_words() -> None:
    step = Step(
        name="部门",
        signers=(Signer(levels=2), Signer(by="role", role="hr")),
        mode="any",
        when="headcount > 3",
        empty="skip",
        escalate_h=8,
    )
    box = sketch(Document(stages=(Stage((step,)),)), KIND.facts, ROLES)[0][0]
    assert (box.name, box.mode, box.when) == ("部门", "或签", "人数 > 3")
    assert list(box.who) == ["逐级上级，共 2 级", "角色：人事"]
    assert list(box.notes) == ["没有审批人时跳过", "8 小时未审，上报其上级"]
