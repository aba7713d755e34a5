"""Hashes of transactions and seals, and checking a proof: all of it Python's own library.

A transaction is a leaf: its recorded facts in a fixed order, each preceded by its length, hashed
with SHA-256. The leaves of a seal are a Merkle tree as in RFC 6962, and a seal's hash covers its
root and the seal before it. A proof is the facts, the path to the root, and the seal: whoever kept
the seal's hash can check it without the database, with this file alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast, get_args, get_origin, get_type_hints

FORMAT = "ledger-proof-2"
FORMAT_1 = "ledger-proof-1"  # of before accounts and periods were in the journal; still read
NO_SEAL = bytes(32)  # what the first seal has for the hash of the one before

Field = int | str | bytes | None


class ProofError(ValueError):
    """A proof cannot be read, or does not prove what it says."""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One line of a transaction."""

    line: int
    account: str
    amount: int
    version: int
    balance: int
    recorded: int


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """What a hold reserved."""

    source: str
    target: str
    minutes: int
    expires: int | None


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a settlement, voiding or extension made of a hold."""

    hold: int
    part: int
    settled: int
    remaining: int
    state: str
    expires: int | None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What became of an account; ``opened`` (microseconds since 1970) only where it was opened."""

    account: str
    status: str
    name: str
    floor: int | None
    ceiling: int | None
    soft_floor: int | None
    soft_ceiling: int | None
    version: int
    opened: int | None


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """A period that was closed: its last day in ISO form, and when (microseconds since 1970)."""

    ends_on: str
    closed: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything recorded of a transaction that never changes.

    Instants are microseconds since 1970, the effective date is in ISO form, the digest in
    hexadecimal.
    """

    id: int
    key: str
    digest: str
    action: str
    kind: str
    memo: str
    effective: str
    recorded: int
    actor: str
    reference: str
    entry_count: int | None
    reverses: int | None
    override_actor: str | None
    override_reason: str | None
    hold: HoldFacts | None
    part: PartFacts | None
    entries: tuple[EntryFacts, ...]
    account: AccountFacts | None = None
    period: PeriodFacts | None = None


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What a seal's hash covers; hashes in hexadecimal, ``sealed`` in microseconds since 1970.

    ``horizon`` is the database's number below which the seals so far have every transaction.
    """

    number: int
    previous: str
    size: int
    root: str
    horizon: int
    sealed: int


@dataclass(frozen=True, slots=True)
class Proof:
    """That a transaction is the leaf at ``position`` (from 0) of a seal."""

    transaction: Facts
    position: int
    path: tuple[str, ...]
    seal: SealFacts

    @property
    def seal_hash(self) -> str:
        """The hash of the seal, to be compared with the one kept elsewhere."""
        return seal_hash(self.seal).hex()

    def to_json(self) -> str:
        """The proof as a small file."""
        content = {"format": FORMAT, **asdict(self), "seal_hash": self.seal_hash}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Proof:
        """Read a proof; whether it holds, `check` says.

        Raises:
            ProofError: this is not a proof, or the hash it names is not its seal's.
        """
        try:
            content = json.loads(text)
            form = content.pop("format", None) if isinstance(content, dict) else None
            if form not in (FORMAT, FORMAT_1):
                raise ProofError(f"this is not a file of the format {FORMAT}")
            if form == FORMAT_1 and isinstance(content.get("transaction"), dict):
                content["transaction"] |= {"account": None, "period": None}
            named = content.pop("seal_hash", None)
            proof = _read(cls, content, "the proof")
            if proof.seal_hash != named:
                raise ProofError("the seal's hash is not the one that its facts give")
        except ProofError:
            raise
        except (ValueError, RecursionError) as error:
            raise ProofError(f"the file cannot be read: {error}") from error
        return proof


def leaf(facts: Facts) -> bytes:
    """The hash of a transaction in the tree."""
    return _sha256(b"\x00" + encode(facts))


def encode(facts: Facts) -> bytes:
    """The transaction as bytes: a version, then its facts in the order of that version for ever.

    Version 1 is of what moves minutes, or holds them; version 2 of what was done to an account or
    a period, which goes on with that. So whatever was sealed before is still the same leaf.
    """
    version = b"\x01" if facts.account is None and facts.period is None else b"\x02"
    return version + b"".join(_framed(field) for field in _in_order(facts))


def seal_hash(seal: SealFacts) -> bytes:
    """The hash of a seal: of its root and of everything sealed before."""
    parts: tuple[Field, ...] = (
        bytes.fromhex(seal.previous),
        seal.number,
        seal.size,
        bytes.fromhex(seal.root),
        seal.horizon,
        seal.sealed,
    )
    return _sha256(b"\x02\x01" + b"".join(_framed(part) for part in parts))


class Tree:
    """A Merkle tree that grows leaf by leaf and keeps only the roots of its full subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def add(self, leaf_hash: bytes) -> None:
        """Add a leaf after the others."""
        node, number = leaf_hash, self.size
        while number & 1:
            node = _node(self._roots.pop(), node)
            number >>= 1
        self._roots.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._roots:
            return _sha256(b"")
        node = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            node = _node(left, node)
        return node


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree with these leaves."""
    tree = Tree()
    for leaf_hash in leaves:
        tree.add(leaf_hash)
    return tree.root()


def path_of(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """The hashes beside the way from a leaf up to the root."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if position < split:
        return [*path_of(leaves[:split], position), root_of(leaves[split:])]
    return [*path_of(leaves[split:], position - split), root_of(leaves[:split])]


def root_from(leaf_hash: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf and its path lead to.

    Raises:
        ProofError: no tree of that size has such a path.
    """
    if not 0 <= position < size:
        raise ProofError("the position lies outside the seal")
    node, here, last = leaf_hash, position, size - 1
    for beside in path:
        if last == 0:
            raise ProofError("the path is longer than the tree is high")
        if here & 1 or here == last:
            node = _node(beside, node)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = _node(node, beside)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofError("the path is shorter than the tree is high")
    return node


def check(proof: Proof, expected: str | None = None) -> str:
    """Check a proof, against a seal's hash kept elsewhere if one is given; say what it proves.

    Raises:
        ProofError: it proves nothing, with the reason.
    """
    seal, path = proof.seal, [_hash(part) for part in proof.path]
    for text in (proof.transaction.digest, seal.previous):
        _hash(text)  # there is one way to write each, so that no other passes for it
    try:
        own = leaf(proof.transaction)
    except ValueError as error:
        raise ProofError(f"a text in it is none: {error}") from error
    root = root_from(own, proof.position, seal.size, path)
    if not hmac.compare_digest(root, _hash(seal.root)):
        raise ProofError("the transaction and its path do not lead to the seal's root")
    if expected is not None and not hmac.compare_digest(
        _hash(expected.strip().lower()), seal_hash(seal)
    ):
        raise ProofError(f"the seal's hash is {proof.seal_hash}, not {expected.strip()}")
    compared = (
        "which is the hash you gave."
        if expected is not None
        else "Compare it with the hash that was kept elsewhere when the seal was made."
    )
    try:
        sentence, sealed = _sentence(proof.transaction), _instant(seal.sealed)
    except (ValueError, OverflowError) as error:
        raise ProofError(f"a date in it is none: {error}") from error
    return (
        f"Proven: {sentence}\n"
        f"It is leaf {proof.position + 1} of {seal.size} in seal {seal.number} of"
        f" {sealed}.\nThe seal's hash is {proof.seal_hash}\n{compared}"
    )


def _in_order(facts: Facts) -> Iterator[Field]:
    yield from (facts.id, facts.key, bytes.fromhex(facts.digest), facts.action, facts.kind)
    yield from (facts.memo, facts.effective, facts.recorded, facts.actor, facts.reference)
    yield from (facts.entry_count, facts.reverses, facts.override_actor, facts.override_reason)
    if hold := facts.hold:
        yield from ("hold", hold.source, hold.target, hold.minutes, hold.expires)
    else:
        yield None
    if part := facts.part:
        yield from ("part", part.hold, part.part, part.settled, part.remaining, part.state)
        yield part.expires
    else:
        yield None
    yield len(facts.entries)
    for entry in facts.entries:
        yield from (entry.line, entry.account, entry.amount, entry.version, entry.balance)
        yield entry.recorded
    if account := facts.account:
        yield from ("account", account.account, account.status, account.name, account.floor)
        yield from (account.ceiling, account.soft_floor, account.soft_ceiling, account.version)
        yield account.opened
    if period := facts.period:
        yield from ("period", period.ends_on, period.closed)


def _framed(field: Field) -> bytes:
    """A field after its length; nothing at all has a length that no field has."""
    if field is None:
        return b"\xff\xff\xff\xff"
    data = field if isinstance(field, bytes) else str(field).encode()
    return len(data).to_bytes(4, "big") + data


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\x01" + left + right)


def _hash(text: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32 or value.hex() != text:
        raise ProofError(f"“{text[:80]}” is not a SHA-256 hash in lower-case hexadecimal")
    return value


def _sentence(facts: Facts) -> str:
    """What a transaction is, for a person."""
    about = f"{facts.action} {facts.id} (key “{facts.key}”, {facts.kind}"
    about += f", “{facts.memo}”)" if facts.memo else ")"
    day = f"{date.fromisoformat(facts.effective):%d %B %Y}".lstrip("0")
    parts = [f"{entry.account} {entry.amount:+d} minutes" for entry in facts.entries]
    if hold := facts.hold:
        parts = [f"{hold.minutes} minutes of {hold.source} reserved for {hold.target}"]
    if account := facts.account:
        parts = [f"{account.account} is {account.status}, with {_limits(account)}"]
    if period := facts.period:
        parts = [f"the books are closed through {period.ends_on}"]
    if facts.reverses is not None:
        about += f", which reverses {facts.reverses},"
    if part := facts.part:
        about += f", part {part.part} of hold {part.hold},"
    moved = ", ".join(parts) or "no minutes moved"
    recorded = _instant(facts.recorded)
    return f"{about} is effective {day} and was recorded {recorded}: {moved}."


def _limits(account: AccountFacts) -> str:
    floor = "no floor" if account.floor is None else f"a floor of {account.floor} minutes"
    ceiling = "no ceiling" if account.ceiling is None else f"a ceiling of {account.ceiling} minutes"
    return f"{floor} and {ceiling}"


def _instant(microseconds: int) -> str:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{instant:%Y-%m-%d %H:%M:%S.%f} UTC"


def _read(cls: type[Any], content: object, name: str) -> Any:
    """Read a dataclass from JSON, strictly: every field, no other, each of its type."""
    known = {field.name for field in fields(cls)}
    if not isinstance(content, dict) or set(content) != known:
        raise ProofError(f"{name} does not have the fields {', '.join(sorted(known))}")
    hints = get_type_hints(cls)
    return cls(**{key: _value(hints[key], content[key], key) for key in known})


def _value(hint: Any, value: object, name: str) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ProofError(f"“{name}” is not a list")
        return tuple(_value(get_args(hint)[0], item, name) for item in value)
    if type(None) in get_args(hint):
        if value is None:
            return None
        hint = next(option for option in get_args(hint) if option is not type(None))
    if is_dataclass(hint):
        return _read(cast(type, hint), value, f"“{name}”")
    if type(value) is not hint:
        raise ProofError(f"“{name}” is not of the type {hint.__name__}")
    return value
