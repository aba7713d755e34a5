"""A transaction's proof as a file, and the public page that checks one without the server."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, NotSealed, SealBroken, UnknownTransaction
from marketplace.accounts.access import PUBLIC, access, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import Conflict, NotFound

checking = Blueprint("proofs", __name__)


def add_to(blueprint: Blueprint) -> None:
    """Add the download to the auditors' blueprint."""
    blueprint.add_url_rule("/records/<int:transaction_id>/proof.json", view_func=proof)


@access(needs(Permission.AUDIT_LEDGER))
def proof(transaction_id: int) -> ResponseReturnValue:
    """Return the proof that a record is in its seal, as a file; without one, say so on its page.

    It holds the balances of all accounts in the record, so it is for auditors, not for schools.

    Raises:
        NotFound: there is no such record.
        Conflict: it is no longer what was sealed.
    """
    try:
        text = Book(db.session()).prove(transaction_id).to_json()
    except UnknownTransaction:
        raise NotFound("There is no record with this number.") from None
    except NotSealed:
        flash(
            "This record is in no seal yet, so there is no proof of it. The worker seals every"
            " night at 02:30; an operator can do it now on the page of seals.",
            "info",
        )
        return redirect(url_for("statements.transaction", transaction_id=transaction_id))
    except SealBroken as error:
        raise Conflict(
            f"{error} Verify the book thoroughly at once, and change nothing before that."
        ) from error
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="proof-{transaction_id}.json"'
    return answer


@checking.get("/check-a-proof")
@access(PUBLIC)
def check_a_proof() -> ResponseReturnValue:
    """Show the page that checks a proof in the reader's own browser."""
    return render_template("audit/proofs/check.html")
