"""The ledger's commands, for those who have no database: ``python -m ledger verify-proof FILE``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ledger.seals.proofs import Proof, ProofError, check


def verify_proof(file: Path, seal: str | None) -> int:
    """Check a proof and say what it proves; 1 if it proves nothing."""
    try:
        sentence = check(Proof.from_json(file.read_bytes()), seal)
    except OSError as error:
        sys.stderr.write(f"{file} cannot be read: {error.strerror}.\n")
        return 1
    except ProofError as error:
        sys.stderr.write(f"{file} proves nothing: {error}.\n")
        return 1
    sys.stdout.write(f"{sentence}\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command."""
    parser = argparse.ArgumentParser(prog="python -m ledger", description="The ledger's commands.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser(
        "verify-proof", help="check the proof that a transaction is in a seal, without a database"
    )
    verify.add_argument("file", type=Path, help="the proof, as Book.prove(…).to_json() gave it")
    verify.add_argument("--seal", metavar="HEX", help="the seal's hash that was kept elsewhere")
    given = parser.parse_args(arguments)
    return verify_proof(given.file, given.seal)


if __name__ == "__main__":
    sys.exit(main())
