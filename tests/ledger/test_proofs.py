"""The format of leaves, trees and seals is fixed for ever, and a proof proves only what is so."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import Proof, ProofError
from ledger.seals import proofs
from ledger.seals.proofs import (
    AccountFacts,
    EntryFacts,
    Facts,
    HoldFacts,
    PartFacts,
    PeriodFacts,
    SealFacts,
)

POST = Facts(
    id=7,
    key="k",
    digest="00" * 32,
    action="post",
    kind="transfer",
    memo="Après-ski",
    effective="2026-07-03",
    recorded=1_783_036_800_000_001,
    actor="ann",
    reference="",
    entry_count=2,
    reverses=None,
    override_actor=None,
    override_reason=None,
    hold=None,
    part=None,
    entries=(
        EntryFacts(1, "school:a", -60, 1, -60, 1_783_036_800_000_001),
        EntryFacts(2, "school:b", 60, 4, 0, 1_783_036_800_000_001),
    ),
)
HOLD = replace(
    POST, action="hold", entry_count=None, entries=(), hold=HoldFacts("a", "b", 60, None)
)
SETTLE = replace(POST, action="settle", part=PartFacts(7, 1, 60, 0, "settled", 9))
OPEN = replace(
    HOLD,
    action="open",
    hold=None,
    account=AccountFacts("school:a", "open", "Ash", -60, None, None, 90, 0, 1_783_036_800_000_001),
)
CLOSE = replace(
    OPEN,
    action="close_period",
    account=None,
    period=PeriodFacts("2026-06-30", 1_783_036_800_000_001),
)


def test_a_leaf_is_the_facts_in_order_each_after_its_length() -> None:
    def framed(*parts: str | bytes | None) -> bytes:
        data = b""
        for part in parts:
            if part is None:
                data += b"\xff\xff\xff\xff"
            else:
                raw = part if isinstance(part, bytes) else part.encode()
                data += len(raw).to_bytes(4, "big") + raw
        return data

    assert proofs.encode(POST) == b"\x01" + framed(
        *("7", "k", bytes(32), "post", "transfer", "Après-ski", "2026-07-03"),
        *("1783036800000001", "ann", "", "2", None, None, None, None, None, "2"),
        *("1", "school:a", "-60", "1", "-60", "1783036800000001"),
        *("2", "school:b", "60", "4", "0", "1783036800000001"),
    )


@pytest.mark.parametrize(
    ("facts", "golden"),
    [
        (POST, "94187e1301b92b758c4fc45a87fa0e4627d353549132d16fade24221bf005eaa"),
        (HOLD, "699cd5bfd7efdc60bbd529cb9407de3926ba0c730d04ec37b5589ce551bbc103"),
        (SETTLE, "edc24ee61eb26c423c43e9d832b6022935321f3d6b3cb6c9c3290d9b0b96f2f8"),
        (OPEN, "6459ee85c4469f949003a1c1322e33c52be6068647b9b16331cf9da9980a7e02"),
        (CLOSE, "3e0b83f27ab8e96a6a5575db6f1f472bd6fc1705ae6a7d5de2e887dfb906175b"),
    ],
)
def test_leaves_hash_as_they_always_did(facts: Facts, golden: str) -> None:
    assert proofs.leaf(facts).hex() == golden


def test_seals_hash_as_they_always_did() -> None:
    seal = SealFacts(3, "ab" * 32, 10, "cd" * 32, 77, 1_783_036_800_000_001)
    assert (
        proofs.seal_hash(seal).hex()
        == "666c85ad905e529c717a497f90fa5cf356675799fb92d28ab75124addec59651"
    )


@pytest.mark.parametrize(
    ("leaves", "root"),
    [  # the vectors of Certificate Transparency's own tests
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ([""], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (["", "00"], "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (
            "  00 10 2021 3031 40414243 5051525354555657 606162636465666768696a6b6c6d6e6f"[
                1:
            ].split(" "),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ],
)
def test_trees_are_those_of_rfc_6962(leaves: list[str], root: str) -> None:
    hashes = [hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in leaves]
    assert proofs.root_of(hashes).hex() == root


@given(st.integers(1, 70), st.data())
def test_every_leaf_has_a_path_and_no_other_place(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(size)]
    position = data.draw(st.integers(0, size - 1))
    path = proofs.path_of(leaves, position)
    assert proofs.root_from(leaves[position], position, size, path) == proofs.root_of(leaves)
    other = data.draw(st.integers(-1, size))
    if other != position:
        try:
            found = proofs.root_from(leaves[position], other, size, path)
        except ProofError:
            return
        assert found != proofs.root_of(leaves)


texts, numbers = st.text("ab0é€ \n", max_size=5), st.integers(-(2**63), 2**63 - 1)


def places(facts: Any, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where values are in facts, however deep."""
    if isinstance(facts, tuple):
        return [
            where for index, item in enumerate(facts) for where in places(item, (*prefix, index))
        ]
    if is_dataclass(facts):
        return [
            where
            for field in fields(facts)
            for where in places(getattr(facts, field.name), (*prefix, field.name))
        ]
    return [prefix]


def changed(facts: Any, where: tuple[str | int, ...], value: Any) -> Any:
    """Facts with another value in one place."""
    if not where:
        return value
    head, *rest = where
    if isinstance(head, int):
        inner = changed(facts[head], tuple(rest), value)
        return (*facts[:head], inner, *facts[head + 1 :])
    return replace(facts, **{head: changed(getattr(facts, head), tuple(rest), value)})


def at(facts: Any, where: tuple[str | int, ...]) -> Any:
    for part in where:
        facts = facts[part] if isinstance(part, int) else getattr(facts, part)
    return facts


@given(st.sampled_from([POST, HOLD, SETTLE, OPEN, CLOSE]), st.data())
def test_whatever_is_changed_changes_the_leaf(facts: Facts, data: st.DataObject) -> None:
    where = data.draw(st.sampled_from(places(facts)))
    was = at(facts, where)
    if where == ("digest",):
        value: Any = data.draw(st.binary(max_size=33)).hex()
    elif isinstance(was, int):
        value = data.draw(numbers)
    elif was is None:
        value = data.draw({"hold": st.just(HoldFacts("", "", 0, None)),
                           "part": st.just(PartFacts(0, 0, 0, 0, "", None)),
                           "account": st.just(AccountFacts("", "", "", *[None] * 4, 0, None)),
                           "period": st.just(PeriodFacts("", 0)),
                           "floor": numbers, "ceiling": numbers, "opened": numbers,
                           "soft_floor": numbers, "soft_ceiling": numbers,
                           "reverses": numbers, "entry_count": numbers,
                           "expires": numbers}.get(str(where[-1]), texts))  # fmt: skip
    else:
        value = data.draw(texts)
    if value != was:
        assert proofs.leaf(changed(facts, where, value)) != proofs.leaf(facts)


@given(texts, texts, texts, texts)
def test_text_does_not_move_from_one_field_to_the_next(a: str, b: str, c: str, d: str) -> None:
    one, other = replace(POST, kind=a, memo=b), replace(POST, kind=c, memo=d)
    assert (proofs.encode(one) == proofs.encode(other)) == ((a, b) == (c, d))


def proof_of(facts: Facts) -> Proof:
    leaves = [bytes(32), proofs.leaf(facts), bytes(31) + b"\1"]
    seal = SealFacts(1, "00" * 32, 3, proofs.root_of(leaves).hex(), 9, 1_783_036_800_000_001)
    return Proof(facts, 1, tuple(part.hex() for part in proofs.path_of(leaves, 1)), seal)


@pytest.mark.parametrize("facts", [POST, HOLD, SETTLE, OPEN, CLOSE])
def test_a_proof_is_read_as_it_was_written(facts: Facts) -> None:
    proof = proof_of(facts)
    assert Proof.from_json(proof.to_json()) == proof
    assert "seal 1" in proofs.check(proof, proof.seal_hash)


def test_a_proof_says_in_words_what_it_proves() -> None:
    proof = proof_of(POST)
    assert proofs.check(proof) == (
        "Proven: post 7 (key “k”, transfer, “Après-ski”) is effective 3 July 2026 and was recorded"
        " 2026-07-03 00:00:00.000001 UTC: school:a -60 minutes, school:b +60 minutes.\n"
        "It is leaf 2 of 3 in seal 1 of 2026-07-03 00:00:00.000001 UTC.\n"
        f"The seal's hash is {proof.seal_hash}\n"
        "Compare it with the hash that was kept elsewhere when the seal was made."
    )


def test_another_seals_hash_is_not_this_one() -> None:
    for other in ("00" * 32, "not a hash"):
        with pytest.raises(ProofError):
            proofs.check(proof_of(POST), other)


VALUES = st.none() | st.booleans() | numbers | texts | st.just("00" * 32) | st.just([])


@given(st.data())
def test_no_value_in_a_proof_can_be_another(data: st.DataObject) -> None:
    content = json.loads(
        proof_of(data.draw(st.sampled_from([POST, HOLD, SETTLE, OPEN, CLOSE]))).to_json()
    )
    part: Any = content
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(part[key], (dict, list)) or not part[key]:
            break
        part = part[key]
    value = data.draw(VALUES)
    if value == part[key] and type(value) is type(part[key]):
        return
    part[key] = value
    with pytest.raises(ProofError):
        proofs.check(Proof.from_json(json.dumps(content)))


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("transaction", "digest", "00000"),
        ("transaction", "digest", "00 " * 32),
        ("transaction", "memo", "\ud800"),
        ("seal", "previous", "00 " * 32),
    ],
)
def test_a_value_written_in_another_way_is_refused(part: str, name: str, value: str) -> None:
    content = json.loads(proof_of(POST).to_json())
    content[part][name] = value
    with pytest.raises(ProofError):
        proofs.check(Proof.from_json(json.dumps(content)))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", "[" * 100_000, b"\xff\xfe", "1"])
def test_what_is_no_proof_is_said_to_be_none(text: str | bytes) -> None:
    with pytest.raises(ProofError):
        Proof.from_json(text)
