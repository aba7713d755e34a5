"""The demo's reviews: what schools say of exchanges that are done, most of them both."""

from __future__ import annotations

import random
from datetime import timedelta
from operator import itemgetter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.clock import now
from marketplace.demo.accounts import Staff
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.reviews.models import Again, Review
from marketplace.exchanges.reviews.rules import SHOWN_AFTER

MOST = 2_000
"""Of how many of the latest exchanges anything is said."""
SILENT, ALONE = 0.25, 0.2
"""Of how many neither school says anything, and of how many only the one that was helped."""
PRAISE = (
    "She listened first, and left us a plan for the term that fits our staffing.",
    "Calm, practical and honest about what takes time. Staff asked when she comes again.",
    "He taught the lesson himself with our class, so that we saw it and not a slide of it.",
    "Everything was shared with us: the planning, the resources and the mistakes.",
    "A morning well spent. The two of us who went talked it through with everybody the same week.",
)
EFFECTS = (
    "Our Year 1 teachers plan phonics together now, and the lowest group moved up within a term.",
    "We changed the order of the units and dropped two of them.",
    "Governors understand the figures, and ask better questions.",
    "Three of our teachers use it every day; two try it this half-term.",
    "We meet every second week now, and it takes twenty minutes.",
)
OF_GIVERS = (
    "They had prepared well, so the time went into the work itself.",
    "Explaining it to others showed us what we had stopped noticing in our own school.",
    "A warm welcome, and good questions.",
)


def make_reviews(session: Session, staff: Staff, rng: random.Random) -> int:
    """Let schools say how their latest exchanges were; return how many reviews there are."""
    rows = []
    exchanges = session.execute(
        sa.select(Exchange.id, Exchange.provider_urn, Exchange.receiver_urn, Exchange.updated_at)
        .where(Exchange.state == State.CONFIRMED)
        .order_by(Exchange.updated_at.desc(), Exchange.id)
        .limit(MOST)
    )
    for exchange_id, provider, receiver, done_at in exchanges:
        chance = rng.random()
        written_at = done_at + timedelta(days=rng.randint(1, 6), minutes=rng.randint(0, 300))
        if chance < SILENT or written_at > now():
            continue
        is_alone = chance < SILENT + ALONE
        due_at = written_at + SHOWN_AFTER
        shown_at = written_at + timedelta(hours=5) if not is_alone else due_at
        for author, about in ((receiver, provider), (provider, receiver))[: 1 if is_alone else 2]:
            gave = author == provider
            again = rng.choices(list(Again), weights=(80, 15, 5))[0]
            rows.append(
                {
                    "exchange_id": exchange_id,
                    "author_urn": author,
                    "about_urn": about,
                    "author_gave": gave,
                    "again": again.value,
                    "effect": rng.choice(OF_GIVERS if gave else EFFECTS),
                    "praise": "" if gave else rng.choice(PRAISE),
                    "is_private": False,
                    "written_by_id": staff.of(author),
                    "written_at": written_at,
                    "due_at": due_at,
                    "shown_at": shown_at if shown_at <= now() else None,
                    "reply": "",
                    "hidden_because": "",
                    "version": 1,
                }
            )
    if rows:
        # The newest review has the highest number, as if each had been written in its time.
        session.execute(sa.insert(Review), sorted(rows, key=itemgetter("written_at")))
    return len(rows)
