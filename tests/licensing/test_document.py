"""A licence is accepted as it was signed, and in no other form."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licensing import development, document, keys
from licensing.document import Licence, Verifier, sign, tidy
from licensing.errors import LicenceInvalid

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


def licence(**changes: object) -> Licence:
    fields = {
        "id": UUID("0198c0de-0000-7000-8000-000000000001"),
        "customer": "江城精密制造有限公司",
        "tenant": "t_abcdefghijklmnop",
        "modules": ("payroll", "records"),
        "seats": 1300,
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "issued_at": datetime(2025, 12, 20, 8, 0, tzinfo=UTC),
    }
    return Licence(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def text() -> str:
    return sign(licence(), development.PRIVATE_KEY)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier([development.PUBLIC_KEY])


def refused(verifier: Verifier, text: str) -> bool:
    try:
        verifier.read(text)
    except LicenceInvalid:
        return True
    return False


def test_reads_back_what_was_signed(verifier: Verifier, text: str) -> None:
    assert verifier.read(text) == licence()
    assert len(text) <= document.MAX_TEXT_BYTES
    assert "\n" not in text


def test_pasted_with_line_breaks(verifier: Verifier, text: str) -> None:
    wrapped = " " + "\r\n".join(text[i : i + 60] for i in range(0, len(text), 60)) + "\n"
    assert verifier.read(tidy(wrapped)) == licence()


def test_every_bit_counts(verifier: Verifier, text: str) -> None:
    """Each single bit of the text flipped: none is accepted."""
    raw = text.encode()
    tried = 0
    for position in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[position] ^= 1 << bit
            assert refused(verifier, bytes(changed).decode("latin-1")), (position, bit)
            tried += 1
    assert tried >= 2000


def test_random_mutations(verifier: Verifier, text: str) -> None:
    """Letters replaced, removed, doubled, swapped, pieces cut and moved: 3,000 texts, none accepted."""
    chance = random.Random(20260101)
    tried = 0
    while tried < 3000:
        changed = list(text)
        for _ in range(chance.randint(1, 3)):
            i, j = sorted(chance.randrange(len(changed)) for _ in range(2))
            match chance.randrange(5):
                case 0:
                    changed[i] = chance.choice(LETTERS)
                case 1:
                    del changed[i]
                case 2:
                    changed.insert(i, chance.choice(LETTERS))
                case 3:
                    changed[i], changed[j] = changed[j], changed[i]
                case _:
                    changed[i:j] = reversed(changed[i:j])
        mutated = "".join(changed)
        if mutated == text:
            continue
        assert refused(verifier, mutated), mutated
        tried += 1


@pytest.mark.parametrize(
    "change",
    [
        {"seats": 13000},
        {"modules": ("attendance", "payroll", "records")},
        {"valid_until": date(2036, 12, 31)},
        {"tenant": "t_ponmlkjihgfedcba"},
    ],
)
def test_other_content_under_a_known_signature(verifier: Verifier, text: str, change: dict[str, object]) -> None:
    _, _, signature = text.split(".")
    payload = sign(licence(**change), development.PRIVATE_KEY).split(".")[1]
    assert refused(verifier, f"{document.PREFIX}.{payload}.{signature}")


def test_signature_over_something_else_does_not_fit(verifier: Verifier) -> None:
    """The key signing the bare payload, without the domain, makes no licence."""
    payload = document.canonical(licence())
    signature = Ed25519PrivateKey.from_private_bytes(development.PRIVATE_KEY).sign(payload)
    assert refused(verifier, f"{document.PREFIX}.{document._encode(payload)}.{document._encode(signature)}")


@pytest.mark.parametrize("text", ["", "zhiren-licence-1..", "x" * 5000, "zhiren-licence-1.AAAA." + "A" * 86, "授权"])
def test_nonsense(verifier: Verifier, text: str) -> None:
    assert refused(verifier, text)


def test_signed_but_of_another_version_is_said_to_be_so(verifier: Verifier) -> None:
    payload = msgspec.json.encode(msgspec.to_builtins(licence()) | {"version": 2, "more": True}, order="sorted")
    key = Ed25519PrivateKey.from_private_bytes(development.PRIVATE_KEY)
    signature = key.sign(document._DOMAIN + payload)
    with pytest.raises(LicenceInvalid) as refusal:
        verifier.read(f"{document.PREFIX}.{document._encode(payload)}.{document._encode(signature)}")
    assert "升级" in refusal.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"seats": 0},
        {"customer": " "},
        {"tenant": ""},
        {"modules": ("records", "payroll")},
        {"modules": ("records", "records")},
        {"valid_until": date(2025, 12, 31)},
        {"issued_at": datetime(2025, 12, 20, 8, 0)},  # noqa: DTZ001 - that it has no zone is the point
        {"customer": "很长" * 900},
    ],
)
def test_a_senseless_licence_is_not_signed(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        sign(licence(**change), development.PRIVATE_KEY)


def test_production_does_not_know_the_demonstration_key(text: str) -> None:
    assert development.PUBLIC_KEY not in keys.PRODUCTION
    assert refused(Verifier(keys.PRODUCTION), text)


def test_without_keys_nothing_is_accepted(text: str) -> None:
    assert refused(Verifier([]), text)
    assert refused(Verifier(["", ""]), text)


def test_either_slot_is_accepted(text: str) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert Verifier([other, development.PUBLIC_KEY]).read(text) == licence()
    assert Verifier([development.PUBLIC_KEY, other]).read(text) == licence()
    assert refused(Verifier([other]), text)
