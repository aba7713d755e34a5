"""The network auditor's desk: any account's statement."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.statements.downloads.views import download
from marketplace.statements.views import requested_period, statement_page

AUDIT = needs(Permission.AUDIT_LEDGER)

blueprint = Blueprint("audit", __name__, url_prefix="/credits/book")


@blueprint.get("/accounts/<code>")
@access(AUDIT)
def account(code: str) -> ResponseReturnValue:
    """Show the statement of any account, and what was done to it."""
    return statement_page(code, "audit.account", {"code": code}, with_history=True)


@blueprint.get("/accounts/<code>/statement.csv")
@access(AUDIT)
def account_csv(code: str) -> ResponseReturnValue:
    """Return the statement of any account as CSV."""
    return download(code, requested_period(), "csv")


@blueprint.get("/accounts/<code>/statement.xlsx")
@access(AUDIT)
def account_xlsx(code: str) -> ResponseReturnValue:
    """Return the statement of any account as a spreadsheet."""
    return download(code, requested_period(), "xlsx")


@blueprint.get("/accounts/<code>/statement.pdf")
@access(AUDIT)
def account_pdf(code: str) -> ResponseReturnValue:
    """Return the statement of any account as a PDF."""
    return download(code, requested_period(), "pdf")
