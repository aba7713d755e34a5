"""Each person's own start page: what is their turn, and the credits of their school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from marketplace.accounts.access import SIGNED_IN, access, current_actor
from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import holders, waiting_for
from marketplace.accounts.roles import Permission, Role
from marketplace.audiences.queries import visible_to
from marketplace.audit.dashboard.presenters import dashboard_of
from marketplace.calendar.half_terms import current_key, half_term_name
from marketplace.clock import today
from marketplace.credits.accounts import find_account
from marketplace.database import db
from marketplace.exchanges.queries import list_coming_up, minutes_since
from marketplace.listings.models import Listing
from marketplace.matching.presenters import to_offer
from marketplace.matching.suggestions import is_idle, suggest
from marketplace.pages.first_week import first_week
from marketplace.pages.start_page import colleagues_in_trust, list_ending
from marketplace.search.criteria import SearchResult
from marketplace.search.presenters import card_of
from marketplace.search.rows import read_latest
from marketplace.settings import current_policy
from marketplace.statements.balance_plot import balance_by_month
from marketplace.term_clock.queries import standing_answer
from marketplace.web.tasks import KindOfTasks, Task, in_order, tasks

TASKS_SHOWN = 6
"""How many tasks of each kind are shown; a link leads to all of them."""
LISTINGS_SHOWN = 7
COMING_SHOWN = 5
TASKS_OPEN = 8
"""So many tasks stand open; the others are a press away."""
TERM_BEGINS = (1, 4, 9)
"""The months in which a term is taken to begin: schools’ own dates differ by days."""


@dataclass(frozen=True, slots=True)
class TasksOfOthers:
    """What waits for colleagues: the sentence that names them, and the tasks."""

    waiting_for: str
    tasks: list[Task]


@access(SIGNED_IN)
def dashboard() -> ResponseReturnValue:
    """Show what waits for the person where they act, and what for their colleagues."""
    actor = current_actor()
    if not actor.roles:
        return render_template("pages/dashboard_no_role.html")
    if actor.roles == {Role.TRUST_FINANCE}:
        return redirect(url_for("trust_credits.credits"))
    session = db.session()
    to_do = tasks().to_do(session, actor, TASKS_SHOWN)
    if actor.urn is None:
        return render_template(
            "pages/dashboard_network.html",
            dashboard=dashboard_of(session, actor),
            pages=_network_pages(actor),
            tasks=in_order(to_do),
            more_urls=_more_urls(to_do),
        )
    account = given = received = None
    if actor.may(Permission.VIEW_STATEMENT):
        account = find_account(session, actor.urn)
        given, received = minutes_since(session, actor.urn, term_begin(today()))
    idle = is_idle(account.posted if account else None, received, current_policy())
    suggestions = suggest(session, actor, has_idle_credit=idle)
    near: Sequence[SearchResult] = suggestions.near
    if not near:
        near = read_latest(session, LISTINGS_SHOWN, visible_to(actor, Listing), besides=actor.urn)
    may_post = actor.may(Permission.POST_LISTINGS)
    return render_template(
        "pages/dashboard.html",
        account=account,
        balance=balance_by_month(session, account) if account is not None else (),
        first_week=first_week(session, actor),
        given=given,
        received=received,
        tasks=in_order(to_do),
        tasks_open=TASKS_OPEN,
        more_urls=_more_urls(to_do),
        for_others=_for_others(session, actor),
        is_support=actor.support_id is not None,
        coming_up=list_coming_up(session, actor.urn, COMING_SHOWN),
        fitting=[(card_of(result), title) for result, title in suggestions.fitting],
        cards=[card_of(result) for result in near[: LISTINGS_SHOWN - len(suggestions.fitting)]],
        colleagues=colleagues_in_trust(session, actor),
        in_trust=actor.trust_id is not None,
        ending=list_ending(session, actor.urn) if may_post else (),
        may_post=may_post,
        term_question=_term_question(session, actor),
        to_offer=to_offer(suggestions.topics),
        to_take=[card_of(result) for result in suggestions.offers],
        search_url=url_for("search.find"),
    )


def _term_question(session: Session, actor: Actor) -> str:
    """The half-term for which the school is asked whether it has hours to give, if it is."""
    if not actor.may(Permission.POST_LISTINGS) or standing_answer(session, actor.school()):
        return ""
    return half_term_name(current_key(today()))


NETWORK_PAGES = (
    ("network.schools", "Schools", Permission.MANAGE_NETWORK),
    ("network.activity", "Activity of schools", Permission.MANAGE_NETWORK),
    ("members.staff_of_network", "Staff of the network", Permission.MANAGE_NETWORK),
    ("network.policy", "Policy", Permission.AUDIT_LEDGER),
    ("calendar.authorities", "Term dates", Permission.MANAGE_NETWORK),
    ("tariff.change", "Tariff", Permission.MANAGE_NETWORK),
    ("audit.trial_balance", "Trial balance", Permission.AUDIT_LEDGER),
    ("audit.journal", "Journal", Permission.AUDIT_LEDGER),
    ("audit.verifications", "Verifications", Permission.AUDIT_LEDGER),
    ("audit.seals", "Seals", Permission.AUDIT_LEDGER),
    ("audit.periods", "Periods", Permission.AUDIT_LEDGER),
    ("proofs.check_a_proof", "Check a proof", Permission.AUDIT_LEDGER),
    ("search.find", "Offers and requests", Permission.VIEW_LISTINGS),
)
"""The pages that the start page of the network lists: endpoint, name, who may open it."""


def _network_pages(actor: Actor) -> list[tuple[str, str]]:
    return [(endpoint, name) for endpoint, name, needed in NETWORK_PAGES if actor.may(needed)]


def term_begin(day: date) -> date:
    """Return the first day of the term (autumn, spring or summer) in which ``day`` is."""
    month = max(month for month in TERM_BEGINS if month <= day.month)
    return date(day.year, month, 1)


def _more_urls(kinds: list[KindOfTasks]) -> list[tuple[int, str]]:
    """How many there are of each kind that is not shown whole, and where they are listed."""
    return [(kind.count, kind.kind.all_url()) for kind in kinds if kind.count > len(kind.tasks)]


def _for_others(session: Session, actor: Actor) -> list[TasksOfOthers]:
    """What waits for colleagues, by the permission that it needs; for support, for whom there."""
    whose = "your" if actor.support_id is None else "the school’s"
    by_permission: dict[str, list[KindOfTasks]] = {}
    for kind in tasks().for_others(session, actor, TASKS_SHOWN):
        by_permission.setdefault(kind.kind.permission, []).append(kind)
    return [
        TasksOfOthers(
            waiting_for(holders(session, actor.urn, Permission(name)), Permission(name), whose),
            in_order(kinds),
        )
        for name, kinds in by_permission.items()
    ]
