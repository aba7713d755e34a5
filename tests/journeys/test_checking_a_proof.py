"""A proof is checked in the reader's own browser, with the network away, as the command does it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from ledger import Book, Proof, ProofError
from ledger.seals.proofs import check
from marketplace.database import db
from tests.journeys.conftest import Site
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser

Change = Callable[[dict[str, Any]], None]
HELD = {"source": "a", "target": "b", "minutes": 1, "expires": None}


@pytest.fixture(scope="module")
def proofs(site: Site) -> list[dict[str, Any]]:
    """The proofs of what a small book has: accounts, a grant, a payment, a hold, a period."""
    with saved(site.app) as session:
        ours, theirs = (f"school:{joined_school().urn}" for _ in range(2))
        book = Book(session)
        book.transfer(ours, theirs, 90, key="paid", memo="“Phonics” – naïve 🎈", actor="person:1")
        hold = book.hold(ours, theirs, 60, key="held")
        book.settle(hold.id, 45, key="settled")
        book.close_period(date(2026, 1, 31), key="closed", actor="Olu")
        book.seal()
        numbers = range(1, book.head().last + 1)
    with site.app.app_context():
        return [json.loads(Book(db.session()).prove(one).to_json()) for one in numbers]


@pytest.fixture(scope="module")
def page(chromium: Any, site: Site) -> Iterator[Any]:
    """The page, opened once; then the network goes away."""
    context = chromium.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(f"{site.origin}/check-a-proof")
    page.locator("#check-proof").wait_for()
    context.set_offline(True)
    yield page
    context.close()


def told(page: Any, content: bytes, seal: str = "") -> str:
    """What the page says about a file."""
    page.evaluate("document.getElementById('proof-result').replaceChildren()")
    file = {"name": "proof.json", "mimeType": "application/json", "buffer": content}
    page.locator("#proof-file").set_input_files(files=[file])
    page.locator("#proof-seal").fill(seal)
    page.locator("#proof-check").click()
    box = page.locator(".proof-result")
    box.wait_for()
    return str(box.inner_text())


def as_file(proof: dict[str, Any]) -> bytes:
    return json.dumps(proof, ensure_ascii=False).encode()


def test_every_kind_of_record_is_proven(page: Any, proofs: list[dict[str, Any]]) -> None:
    actions = set()
    for proof in proofs:
        words = told(page, as_file(proof), f" {proof['seal_hash'].upper()} ")
        assert words.startswith("Proven. The record is exactly what was sealed"), words
        assert f"No {proof['transaction']['id']}, " in words
        actions.add(proof["transaction"]["action"])
    assert actions >= {"open", "post", "hold", "settle", "close_period"}


def altered(proof: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The proof with each single value of it changed a little, one after another."""

    def walk(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        items = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        )
        if not items:
            yield path
        for name, inner in items:
            yield from walk(inner, (*path, name))

    for path in walk(proof, ()):
        other = copy.deepcopy(proof)
        holder = other
        for name in path[:-1]:
            holder = holder[name]
        value = holder[path[-1]]
        if isinstance(value, str):
            changed: Any = f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
        elif isinstance(value, int):
            changed = value + 1
        else:
            changed = HELD if value is None else [HELD]
        holder[path[-1]] = changed
        yield ".".join(map(str, path)), other


def test_each_changed_value_is_found_as_the_command_finds_it(
    page: Any, proofs: list[dict[str, Any]]
) -> None:
    paid = next(proof for proof in proofs if proof["transaction"]["key"] == "paid")
    closed = next(proof for proof in proofs if proof["transaction"]["action"] == "close_period")
    tried = 0
    for proof in (paid, closed):
        for name, other in altered(proof):
            with pytest.raises(ProofError):
                check(Proof.from_json(as_file(other)), proof["seal_hash"])
            words = told(page, as_file(other), proof["seal_hash"])
            assert words.startswith("This proves nothing."), (name, words)
            tried += 1
    assert tried > 60


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file cannot be read."),
        (b"{", "This file cannot be read."),
        (b"\xff\xfe\x00", "This file cannot be read."),
        (b"[]", "This file is not a proof."),
        (b"null", "This file is not a proof."),
        (b'{"format": "ledger-proof-9"}', "This file is not a proof."),
        (b'{"format": "ledger-proof-2"}', "does not have the fields that belong there."),
    ],
)
def test_another_file_is_told_in_plain_words(page: Any, content: bytes, words: str) -> None:
    assert words in told(page, content)


def test_the_fingerprint_decides(page: Any, proofs: list[dict[str, Any]]) -> None:
    proof = as_file(proofs[0])
    assert "only then is it a proof" in told(page, proof)
    assert "which is not the one you gave" in told(page, proof, "0" * 64)
    assert "That is not a fingerprint." in told(page, proof, "abc")
    page.locator("#proof-file").set_input_files([])
    page.locator("#proof-check").click()
    assert "Choose the file" in page.locator(".proof-result").inner_text()


def test_without_a_script_the_page_names_the_command(chromium: Any, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.origin}/check-a-proof")
    assert page.locator("#check-proof").is_hidden()
    assert "python -m ledger verify-proof FILE --seal FINGERPRINT" in page.content()
    context.close()
