"""What each page costs: its statements and the rows it reads, in a larger network too."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.cursor import CursorFetchStrategy

from ledger import Book, Head, Report, schema
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.security_queries import network_events, own_events, school_events
from marketplace.adjustments.queries import list_adjustments, list_of_school
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.groups.service import accept_group
from marketplace.audiences.models import SchoolGroup
from marketplace.audit.dashboard.models import UnusualEntry
from marketplace.audit.dashboard.queries import list_unusual
from marketplace.audit.export_runs.service import ask_export
from marketplace.audit.journal import views as journal_views
from marketplace.audit.journal.indexing import index_journal
from marketplace.audit.seals.queries import list_seals
from marketplace.audit.verification.queries import list_runs
from marketplace.audit.verification.service import begin_run, finish_run
from marketplace.claims.queries import list_claims
from marketplace.claims.service import refuse_claim
from marketplace.conversations.models import Enquiry
from marketplace.conversations.queries import list_inbox, messages
from marketplace.conversations.service import write
from marketplace.database import db
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.corrections.queries import list_beyond_limit
from marketplace.exchanges.disputes import queries as dispute_queries
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.queries import list_disputes
from marketplace.exchanges.disputes.rulings import Decision, rule
from marketplace.exchanges.frozen.queries import list_waiting as list_frozen
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.queries import list_exchanges
from marketplace.exchanges.reviews.service import report_review
from marketplace.exchanges.same_person.queries import list_same_person
from marketplace.exchanges.same_person.service import allow_same_person
from marketplace.listings import starting
from marketplace.listings.models import Listing
from marketplace.listings.moderation.service import report_listing
from marketplace.listings.queries import list_own, list_public
from marketplace.mail.models import EmailState
from marketplace.mail.queries import (
    deliveries,
    deliveries_of_school,
    deliveries_to_person,
    failing_addresses,
)
from marketplace.mail.service import mark_failing, mark_undelivered, queue_email
from marketplace.matching import fitting, suggestions
from marketplace.network.queries import list_activity, list_schools, list_waiting
from marketplace.notifications.queries import list_notifications
from marketplace.pages import dashboard, start_page
from marketplace.profiles.experts.models import AskedBy
from marketplace.profiles.experts.queries import list_experts
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.queries import own_part
from marketplace.profiles.parts.service import write_part
from marketplace.profiles.track_record.counting import count_record
from marketplace.saved_searches.queries import list_found
from marketplace.saved_searches.unsubscribing import end_link
from marketplace.schools.models import School
from marketplace.schools.word_index import index_schools
from marketplace.search import queries as search_queries
from marketplace.search import remembering
from marketplace.search.index import fresh
from marketplace.search.own_topics.queries import list_changes
from marketplace.search.own_words.keeping import current_vocabulary
from marketplace.search.own_words.queries import list_words
from marketplace.search.own_words.service import take_word_away
from marketplace.statements import views as statement_views
from marketplace.support.queries import list_accesses
from marketplace.support.service import begin_support
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.adjustments.factories import approved
from tests.marketplace.adjustments.factories import proposed as proposed_adjustment
from tests.marketplace.audiences.factories import founded, invited
from tests.marketplace.audit.factories import proposed_closing
from tests.marketplace.browser import Browser
from tests.marketplace.claims.factories import claimed, token_for, waiting_claim
from tests.marketplace.confidential.factories import asked as asked_in_confidence
from tests.marketplace.confidential.factories import promised
from tests.marketplace.exchanges.corrections.factories import asked as put_right
from tests.marketplace.exchanges.corrections.factories import corrected_to
from tests.marketplace.exchanges.factories import answered_dispute, brought_to, stuck_exchange
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.exchanges.reviews.factories import reviewed
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import drafted, posted
from tests.marketplace.network.factories import joined_school, operator, proposed_succession
from tests.marketplace.notifications.factories import notified, unsubscribe_token
from tests.marketplace.profiles.factories import evidenced, photographed, shared, suggested
from tests.marketplace.saved_searches.factories import saved_search
from tests.marketplace.schools.factories import SchoolFactory, TrustFactory
from tests.marketplace.search.factories import indexed
from tests.marketplace.search.own_words.factories import own_word
from tests.marketplace.statements.factories import director_of

# Each page and its statements; a signed-in page needs one for who looks and one for what waits for
# them. Raising a number here is a decision.
PAGES = {
    "front": ("nobody", "/", 5),
    "search": ("school", "/search?q=phonics", 6),
    "search by facets": ("school", "/search?q=phonics&topic=phonics&topic=pastoral&phase=ks1", 4),
    "search nearest": ("school", "/search?sort=nearest&within=50", 6),
    "search further": ("school", "/search?after=2", 4),
    "search near an authority": ("school", "/search?q=phonics&near=Salford&within=50", 6),
    "search of our own": ("school", "/search?kind=ours", 4),
    "search that nothing answers": ("school", "/search?q=phonics&region=London", 4),
    "places while one types": ("school", "/search/places?q=sal", 3),
    "postcodes while one types": ("school", "/search/places?q=M6", 2),
    "topics": ("network", "/network/topics", 6),
    "change a topic": ("network", "/network/topics/music", 8),
    "retire a topic": ("network", "/network/topics/music/retire", 3),
    "words of the search": ("network", "/network/search-words", 4),
    "words taken away": ("network", "/network/search-words?show=taken-away", 4),
    "who would see it": ("school", "/audiences/who?audience=near&audience_miles=10", 4),
    "asked in confidence": ("school", "/confidential", 6),
    "a need of a school near": ("school", "/confidential/asks/{need}", 5),
    "who would help": ("school", "/confidential/requests/{secret}", 6),
    "introduce us": ("school", "/confidential/asks/{promise}/introduce", 3),
    "groups": ("school", "/groups", 3),
    "a new group": ("school", "/groups/new", 2),
    "a group": ("school", "/groups/{group}", 5),
    "change a group": ("school", "/groups/{group}/change", 3),
    "invite into a group": ("school", "/groups/{group}/invite?q=test+primary", 6),
    "leave a group": ("school", "/groups/{group}/leave", 3),
    "home": ("school", "/home", 20),
    "listing": ("school", "/listings/{listing}", 12),
    "a school": ("school", "/schools/{urn}", 11),
    "our listings": ("school", "/listings", 6),
    "a new listing": ("school", "/listings/new", 9),
    "change a listing": ("school", "/listings/{own}/change", 13),
    "drafts of listings": ("school", "/listings?show=drafts", 3),
    "a draft to go on with": ("school", "/listings/new?draft={draft}", 10),
    "start from a template": ("school", "/listings/start", 4),
    "topics of a title": ("school", "/listings/topics?title=phonics", 1),
    "tariff": ("school", "/tariff", 4),
    "change the tariff": ("network", "/network/tariff", 3),
    "term dates": ("school", "/term-dates", 4),
    "change term dates": ("school", "/term-dates/change", 2),
    "term dates of authorities": ("network", "/network/term-dates", 3),
    "term dates of an authority": ("network", "/network/term-dates/{authority}", 5),
    "hours to give": ("school", "/term-clock", 3),
    "report a listing": ("school", "/listings/{unasked}/report", 6),
    "a report of ours": ("school", "/listings/{listing}/report", 3),
    "reports": ("network", "/network/reports", 3),
    "reports that are decided": ("network", "/network/reports?show=decided", 3),
    "a reported listing": ("network", "/network/reports/{listing}", 8),
    "whether a request is met": ("school", "/listings/{own}/met", 6),
    "our own listing": ("school", "/listings/{own}", 10),
    "who fits": ("school", "/listings/{own}/who-fits", 12),
    "ask several": ("school", "/ask?listing={own}", 4),
    "saved searches": ("school", "/saved-searches", 3),
    "save a search": ("school", "/saved-searches/new?q=phonics", 2),
    "a saved search": ("school", "/saved-searches/{saved}", 4),
    "end of alerts": ("nobody", "/saved-searches/end/{ending_alerts}", 1),
    "messages": ("school", "/messages", 3),
    "conversation": ("school", "/messages/{enquiry}", 5),
    "ask": ("school", "/listings/{unasked}/ask", 6),
    "propose": ("school", "/listings/{listing}/propose", 7),
    "exchanges": ("school", "/exchanges?show=all", 3),
    "exchange": ("school", "/exchanges/{exchange}", 6),
    "exchange to be put right": ("school", "/exchanges/{asked_right}", 6),
    "review": ("school", "/exchanges/{asked_right}/review", 4),
    "reviews of a school": ("school", "/schools/{urn}/reviews", 5),
    "answer a review": ("school", "/reviews/{review}/answer", 3),
    "report a review": ("school", "/reviews/{review}/report", 3),
    "reported reviews": ("network", "/network/reviews", 3),
    "decide about a review": ("network", "/network/reviews/{review}", 6),
    "put right": ("school", "/exchanges/{exchange}/correct", 5),
    "decline to put right": ("school", "/exchanges/{asked_right}/correction/decline", 4),
    "corrections beyond a limit": ("network", "/network/corrections", 3),
    "exchange to agree to": ("school", "/exchanges/{asked}", 4),
    "disputed exchange": ("school", "/exchanges/{disputed}", 6),
    "open a dispute": ("school", "/exchanges/{exchange}/dispute", 5),
    "ruled exchange": ("school", "/exchanges/{ruled}", 10),
    "look again": ("school", "/exchanges/{ruled}/dispute/look-again", 5),
    "answer a dispute": ("school", "/exchanges/{disputed}/dispute/answer", 5),
    "add a statement": ("school", "/exchanges/{disputed}/dispute/statement", 4),
    "offer in a dispute": ("school", "/exchanges/{disputed}/dispute/offer", 4),
    "disputes": ("network", "/network/disputes", 4),
    "disputes that ended": ("network", "/network/disputes?show=ended", 3),
    "a dispute to decide": ("network", "/network/disputes/{dispute}", 6),
    "a dispute for a school": ("network", "/network/disputes/open/{stuck}", 4),
    "frozen payments": ("network", "/network/frozen-payments", 3),
    "let a payment through": ("network", "/network/frozen-payments/{frozen}", 5),
    "same person on both sides": ("network", "/network/same-person", 4),
    "rule of a trust": ("trust", "/trust/same-person", 3),
    "deliver": ("school", "/exchanges/{agreed}/deliver", 4),
    "cost of help in a trust": ("trust", "/trust/cost-of-help", 3),
    "experts": ("school", "/experts", 4),
    "experts of a trust": ("trust", "/experts?topic=phonics&phase=ks1&q=scheme", 6),
    "experts of other schools": ("school", "/experts?circle=others", 4),
    "an expert": ("school", "/experts/{expertise}", 5),
    "an expert who is asked by colleagues": ("school", "/experts/{asked_at_school}", 6),
    "own expertise": ("school", "/experts/mine", 4),
    "share expertise": ("school", "/experts/new", 4),
    "change own expertise": ("school", "/experts/{own_expertise}/change", 7),
    "suggest expertise": ("head", "/experts/suggest", 5),
    "gaps of a school": ("head", "/experts/gaps", 5),
    "gaps of a trust": ("trust", "/experts/gaps?circle=trust&by=school", 5),
    "gaps as CSV": ("trust", "/experts/gaps.csv?circle=trust", 3),
    "parts of our page": ("school", "/profile", 5),
    "pieces of evidence": ("school", "/evidence", 4),
    "a new piece of evidence": ("school", "/evidence/new", 2),
    "change a piece of evidence": ("school", "/evidence/{evidence}/change", 3),
    "remove a piece of evidence": ("school", "/evidence/{evidence}/remove", 3),
    "photographs": ("school", "/profile/photographs", 3),
    "a new photograph": ("school", "/profile/photographs/new", 5),
    "change a photograph": ("school", "/profile/photographs/{photograph}/change", 6),
    "remove a photograph": ("school", "/profile/photographs/{photograph}/remove", 3),
    "a picture": ("school", "/photographs/{picture}/full", 3),
    "write a part": ("school", "/profile/evidence", 6),
    "statement": ("school", "/credits", 10),
    "statement to print": ("school", "/credits?print=all", 9),
    "statement of a topic": ("school", "/credits?topic=phonics", 10),
    "reconcile": ("school", "/credits/reconcile?with={urn}", 7),
    "reconcile two schools": ("network", "/credits/reconcile?of={ours}&with={urn}", 7),
    "statement as a spreadsheet": ("school", "/credits/statement.xlsx", 11),
    "statement as a PDF": ("school", "/credits/statement.pdf", 11),
    "statement as CSV": ("school", "/credits/statement.csv", 11),
    "transaction": ("school", "/credits/transactions/{transaction}", 16),
    "record as an auditor": ("network", "/credits/transactions/{transaction}", 16),
    "exchange as an auditor": ("network", "/credits/book/exchanges/{exchange}", 10),
    "credits of a trust": ("trust finance", "/trust/credits", 6),
    "credits of a trust as CSV": ("trust finance", "/trust/credits/schools.csv", 6),
    "notifications": ("school", "/notifications", 5),
    "choice of e-mails": ("school", "/account/notifications", 5),
    "end of e-mails": ("nobody", "/notifications/unsubscribe/{ending}", 1),
    "trial balance of an account": ("network", "/credits/book/trial-balance?account={urn}", 8),
    "what moved credits": ("network", "/credits/book/journal?include=moved", 12),
    "journal of a trust": ("network", "/credits/book/journal?trust=1", 15),
    "journal of a school by name": ("network", "/credits/book/journal?account=our+school", 15),
    "journal of a person": ("network", "/credits/book/journal?person={email}&start=2026-01-01", 15),
    "journal of amounts": ("network", "/credits/book/journal?least=0&reversal=1&out_of_hours=1", 8),
    "start page of the network": ("network", "/home", 15),
    "trial balance": ("network", "/credits/book/trial-balance", 6),
    "trial balance of a day": ("network", "/credits/book/trial-balance?date=2026-11-01", 8),
    "journal": ("network", "/credits/book/journal", 13),
    "journal of an account": ("network", "/credits/book/journal?account={urn}", 15),
    "everything recorded": ("network", "/credits/book/journal?include=everything", 13),
    "what was done to accounts": ("network", "/credits/book/journal?kind=account", 11),
    "a download before it begins": ("network", "/credits/book/journal/download?account={urn}", 8),
    "a download": ("network", "/credits/book/downloads/{download}", 3),
    "verifications": ("network", "/credits/book/verifications", 4),
    "a verification": ("network", "/credits/book/verifications/{verification}", 3),
    "seals": ("network", "/credits/book/seals", 4),
    "periods": ("network", "/credits/book/periods", 5),
    "propose to close": ("network", "/credits/book/periods/new", 7),
    "a period to close": ("network", "/credits/book/periods/{closing}", 8),
    "unusual entries": ("network", "/credits/book/unusual", 7),
    "proof of a transaction": ("network", "/credits/book/records/{sealed}/proof.json", 5),
    "check a proof": ("nobody", "/check-a-proof", 0),
    "an account": ("network", "/credits/book/accounts/network:issuance", 11),
    "schools": ("network", "/network/schools", 3),
    "a school in the network": ("network", "/network/schools/{urn}", 7),
    "what to adjust": ("network", "/network/schools/{urn}/adjust", 7),
    "pause a school": ("network", "/network/schools/{urn}/adjust/freeze", 4),
    "let a school leave": ("network", "/network/schools/{urn}/adjust/leaving", 8),
    "adjustments": ("network", "/network/adjustments", 4),
    "an adjustment": ("network", "/network/adjustments/{adjustment}", 7),
    "refuse an adjustment": ("network", "/network/adjustments/{adjustment}/refuse", 4),
    "our adjustments": ("head", "/adjustments", 3),
    "an adjustment of ours": ("head", "/adjustments/{our_adjustment}", 4),
    "activity of schools": ("network", "/network/activity", 3),
    "closed schools": ("network", "/network/successions", 4),
    "a closed school": ("network", "/network/successions/{closed}", 14),
    "people of a school": ("network", "/schools/{urn}/people", 5),
    "a colleague": ("network", "/schools/{urn}/people/{person}", 5),
    "e-mails": ("network", "/network/deliveries", 3),
    "e-mails of a school": ("network", "/schools/{urn}/e-mails", 5),
    "e-mails to oneself": ("school", "/account/e-mails", 4),
    "addresses that fail": ("network", "/network/deliveries?show=addresses", 3),
    "help": ("nobody", "/help?q=travel", 0),
    "a help page": ("nobody", "/help/roles", 0),
    "help for staff": ("school", "/help", 2),
    "privacy": ("nobody", "/privacy", 0),
    "accessibility": ("nobody", "/accessibility", 0),
    "terms": ("nobody", "/terms", 0),
    "cookies": ("nobody", "/cookies", 0),
    "contact": ("nobody", "/contact", 0),
    "consent": ("school", "/account/consent", 3),
    "offers": ("nobody", "/offers", 3),
    "offers found": ("nobody", "/offers?q=phonics&topic=phonics", 3),
    "an offer": ("nobody", "/offers/{listing}", 3),
    "support": ("network", "/network/support", 3),
    "begin support": ("network", "/network/support/new?urn={urn}", 2),
    "support access": ("head", "/support-access", 3),
    "home during support access": ("head", "/home", 12),
    "home of support": ("support", "/home", 17),
    "second factor": ("school", "/account/second-factor", 6),
    "authenticator app": ("school", "/account/authenticator", 6),
    "passkeys": ("school", "/account/passkeys", 7),
    "recovery codes": ("school", "/account/recovery-codes", 6),
    "confirm it is you": ("school", "/confirm-it-is-you", 7),
    "second factor of a colleague": ("network", "/schools/{urn}/people/{person}/second-factor", 10),
    "is my school in": ("nobody", "/find-your-school", 0),
    "schools by name": ("nobody", "/find-your-school?q=our+school", 2),
    "schools by two words": ("nobody", "/find-your-school?q=our+salford", 3),
    "suggested schools": ("nobody", "/find-your-school/suggestions?q=our", 1),
    "a school that is in": ("nobody", "/find-your-school/{administered}", 2),
    "a school to claim": ("nobody", "/find-your-school/{claimable}", 2),
    "claim a school": ("nobody", "/find-your-school/{claimable}/claim", 2),
    "a claim is sent": ("nobody", "/find-your-school/{claimable}/sent", 1),
    "ask to be added": ("nobody", "/find-your-school/{administered}/ask", 2),
    "confirm a claim": ("nobody", "/claims/{token}", 2),
    "claims": ("network", "/network/claims", 3),
    "claims that are decided": ("network", "/network/claims?show=decided", 3),
    "a claim": ("network", "/network/claims/{claim}", 7),
    "policy": ("network", "/network/policy", 2),
    "staff of the network": ("network", "/network/people", 4),
    "sign in": ("nobody", "/sign-in", 0),
    "forgotten password": ("nobody", "/forgotten-password", 0),
    "account": ("school", "/account", 14),
    "own name": ("school", "/account/name", 2),
    "own address": ("school", "/account/address", 2),
    "own password": ("school", "/account/password", 3),
    "where one is signed in": ("school", "/account/sessions", 5),
    "own security log": ("school", "/account/security", 3),
    "security log of a school": ("network", "/schools/{urn}/security", 4),
    "security log": ("network", "/network/security", 3),
    "security log of a person": ("network", "/network/security?person=a@example.org", 4),
    "health": ("nobody", "/healthz", 1),
}

MORE_ON_POSTGRESQL = 2
"""What it takes there to read behind a cursor of the journal: which server, what became of it."""
READS_THE_JOURNAL = "/credits/book/journal"


READ_WHOLE = {
    "topics",  # all of them, with the words of the operator's that mean them
    "change a topic",  # what the operator said of words, to know which mean it
    "words of the search",  # all of them, by topic
    "words taken away",
    "people of a school",
    "reported reviews",
    "reviews of a school",
    "a school",  # what other schools say of it
    "groups",  # every group that invites
    "a group",  # every school of it
    "invite into a group",
    "staff of the network",
    "where one is signed in",
    "statement",  # every hold that is open
    "statement of a topic",
    "reconcile",  # every entry between the two
    "reconcile two schools",
    "statement to print",  # every entry
    "statement as CSV",
    "credits of a trust",
    "credits of a trust as CSV",
    "statement as a spreadsheet",
    "statement as a PDF",
    "adjustments",  # everyone who has proposed or decided, to filter by
    "trial balance",
    "trial balance of a day",
    "journal of a trust",  # every school of the trust
    "experts of a trust",  # its schools, to choose one
    "own expertise",
    "suggest expertise",  # every colleague, to choose one
    "gaps of a school",  # everyone who has shared something
    "gaps of a trust",
    "gaps as CSV",
    "cost of help in a trust",
    "rule of a trust",  # its administrator acts for each of its schools
}
"""Pages that show everything there is, so that they read more of it."""


class World:
    """Two schools and the network, with as many rows as are grown."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with saved(app) as session:
            self.us = actor_for(joined_school(name="Our School"))
            self.them = actor_for(joined_school())
            auditor = PersonFactory(roles=[(Role.OPERATOR, None)])
            self.network = Actor(auditor.id, auditor.name, frozenset({Role.OPERATOR}))
            self.numbers: dict[str, Any] = {
                "urn": self.them.urn,
                "ours": self.us.urn,
                "authority": self.us.local_authority_code,
                "person": self.them.person_id,
                "email": session.get_one(Person, self.them.person_id).email,
            }
            self.head = actor_for(session.get_one(School, self.us.urn), Role.ADMINISTRATOR)
            support = begin_support(
                session, self.network, self.us.urn, "To help.", idempotency_key="help them"
            )
            self.support = replace(self.network, support_id=support.id)
            listing = posted(self.them, public=True)
            self.numbers |= {"listing": listing.id, "unasked": posted(self.them).id}
            report_listing(session, self.us, listing, "wrong", "")
            self.numbers["own"] = posted(self.us).id
            self.numbers["photograph"] = photographed(self.us).id
            self.numbers["picture"] = photographed(self.them).id
            self.numbers["evidence"] = evidenced(self.us).id
            evidenced(self.them)
            self.numbers["group"] = founded(self.us, self.them).id
            self.numbers["draft"] = drafted(self.us).id
            promise = promised(self.us, self.them)
            self.numbers |= {"promise": promise.id, "secret": promise.listing_id}
            self.numbers["need"] = asked_in_confidence(self.them, self.us).id
            search = saved_search(self.us)
            self.numbers["saved"] = search.id
            self.numbers["ending_alerts"] = end_link(search.id, self.us.person_id).rsplit("/")[-1]
            self.numbers["ending"] = unsubscribe_token(self.us.person_id)
            self.numbers["closed"] = proposed_succession().from_urn
            self.claimable = SchoolFactory(trust=TrustFactory())
            self.numbers |= {
                "claimable": self.claimable.urn,
                "administered": actor_for(joined_school(), Role.ADMINISTRATOR).urn,
                "token": token_for(claimed(SchoolFactory()).email),
            }
            school = joined_school(trust=self.claimable.trust)
            self.trust = trust_administrator(self.claimable.trust_id, actor_for(school))
            allow_same_person(session, self.trust, True)
            self.trust_finance = director_of(self.claimable.trust_id)
            index_schools(db.session(), [self.claimable.urn, self.us.school()])
            self.numbers["closing"] = proposed_closing(session, self.network).id
        with saved(app) as session:  # on PostgreSQL what is to be sealed must be committed
            Book(session).seal()
            self.numbers["sealed"] = Book(session).head().last
        self.browser("nobody").get("/healthz")  # the first check writes its row
        self.grow(1)

    def grow(self, times: int) -> None:
        """Add rows of every kind."""
        with saved(self.app) as session:
            for _ in range(times):
                for person_id in (self.us.person_id, self.them.person_id):
                    record_security(session, SecurityKind.SIGN_IN_FAILED, person_id=person_id)
                third = actor_for(joined_school())
                self.numbers["expertise"] = shared(third).id
                asked = shared(third, asked_by=AskedBy.SCHOOL)
                self.numbers["asked_at_school"] = asked.id
                shared(self.head, Reach.SCHOOL)
                suggested(self.head, self.us.person_id)
                for writer in (self.us, third):
                    part = own_part(session, writer, PartKind.EVIDENCE)
                    version = part.version if part is not None else 0
                    text = f"Words {version}"
                    write_part(
                        session, writer, PartKind.EVIDENCE, text, Audience(), version=version
                    )
                self.numbers["own_expertise"] = shared(self.us).id
                group = session.get_one(SchoolGroup, self.numbers["group"])
                invited(self.us, group, third)
                accept_group(session, third, group)
                invited(third, founded(third), self.us)
                in_trust = actor_for(joined_school(trust=self.claimable.trust))
                shared(in_trust)
                brought_to(State.CONFIRMED, in_trust, self.us, minutes=15)
                notified(self.us, third, session.get_one(Listing, self.numbers["own"]))
                proposed_succession()
                staff(session.get_one(School, self.them.urn), Role.FINANCE)
                ours = {}
                for state in State:
                    ours[state] = brought_to(state, self.us, self.them, minutes=15)
                    brought_to(state, third, self.us, minutes=15)
                agreed, paid = ours[State.AGREED], ours[State.CONFIRMED]
                reviews = reviewed(self.them, paid), reviewed(self.us, paid)
                self.numbers["review"] = reviews[0].id
                report_review(session, third, reviews[0], "It is not so.")
                count_record(session, self.them.school())
                asked = brought_to(State.PROPOSED, self.us, third, minutes=15)
                paid.same_person = True
                self.numbers["frozen"] = frozen_delivery().id
                to_put_right = brought_to(State.CONFIRMED, third, self.us, minutes=15)
                put_right(third, to_put_right, 0)
                self.numbers["asked_right"] = to_put_right.id
                corrected_to(
                    CorrectionState.BEYOND_LIMIT,
                    *(actor_for(joined_school()) for _ in range(2)),
                )
                verification = begin_run(session, thorough=False)
                looked_at = {"transactions": 1, "accounts": 1}
                finish_run(session, verification, Report((), 0, looked_at), Head(1, 2))
                self.numbers["verification"] = verification.id
                own_word(self.network, f"programme {verification.id}")
                taken = own_word(self.network, f"scheme {verification.id}")
                take_word_away(session, self.network, taken.id)
                self.numbers["download"] = ask_export(session, self.network, "csv", {}, 9).id
                session.add(marked(paid.transaction_id, self.us))
                email = queue_email(session, template="test", to=f"head@{third.urn}.example")
                mark_undelivered(email, EmailState.REFUSED, "550 No such user")
                mark_failing(session, email.to_address, "550 No such user")
                to_them = {"person_id": self.them.person_id, "school_urn": self.them.urn}
                queue_email(session, template="test", to="head@them.example", **to_them)
                to_us = {"person_id": self.us.person_id}
                queue_email(session, template="test", to="head@us.example", **to_us)
                waiting, done = proposed_adjustment(), proposed_adjustment(urn=self.us.urn)
                self.numbers |= {
                    "adjustment": waiting.id,
                    "our_adjustment": approved(done).id,
                }
                claim = waiting_claim(SchoolFactory(trust=self.claimable.trust))
                decided = waiting_claim(SchoolFactory())
                refuse_claim(session, self.network, decided.id, "No.")
                self.numbers["claim"] = claim.id
                enquiry = session.get_one(Enquiry, paid.enquiry_id)
                write(
                    session, self.us, enquiry, "More.", idempotency_key=f"more than once {paid.id}"
                )
                ruled = answered_dispute(giver=third, taker=self.us, minutes=15)
                ruled_exchange = session.get_one(Exchange, ruled.exchange_id)
                decision = Decision(Ruling.PAY, 15, 0, "So it was.")
                rule(session, operator(), ruled_exchange, decision, version=ruled_exchange.version)
                self.numbers["ruled"] = ruled.exchange_id
                self.numbers |= {
                    "agreed": agreed.id,
                    "asked": asked.id,
                    "disputed": ours[State.DISPUTED].id,
                    "dispute": answered_dispute().id,
                    "stuck": stuck_exchange().id,
                    "exchange": paid.id,
                    "enquiry": paid.enquiry_id,
                    "transaction": paid.transaction_id,
                }
        with saved(self.app) as session:
            index_journal(session, session.flush)

    def browser(self, who: str) -> Browser:
        """A browser of the school or its head, the network or its support, or nobody."""
        browser = Browser(self.app.test_client())
        people = {
            "school": self.us,
            "network": self.network,
            "head": self.head,
            "support": self.support,
            "trust": self.trust,
            "trust finance": self.trust_finance,
        }
        if who != "nobody":
            browser.be(people[who])
        return browser

    def counts(self) -> dict[str, int]:
        """The statements of each page."""
        return {name: len(statements) for name, (statements, _) in self.visits().items()}

    def rows_read(self) -> dict[str, int]:
        """The rows that each page fetches from the database."""
        return {name: sum(fetched) for name, (_, fetched) in self.visits().items()}

    def visits(self) -> dict[str, tuple[list[str], list[int]]]:
        """Open each page: its statements, and how many rows were fetched at a time."""
        with saved(self.app) as session:
            indexed(session)
        self.browser("school").get("/search")  # the first search opens the index
        with self.app.app_context():
            current_vocabulary()
        visits = {}
        self.app.extensions["skillbank.health"]["good_until"] = 0.0
        for name, (who, path, _) in PAGES.items():
            browser = self.browser(who)
            with counting(self.app) as statements, fetching() as fetched:
                browser.get(path.format(**self.numbers))
            assert browser.status == 200, (name, browser.status)
            visits[name] = (statements, fetched)
        return visits


def marked(number: int | None, actor: Actor) -> UnusualEntry:
    """A mark that a payment is unusual."""
    return UnusualEntry(
        number=number,
        rule="large",
        recorded_at=clock.now(),
        giver="school:100000",
        taker="school:100001",
        minutes=15,
        actor=actor.ledger_name,
    )


@contextmanager
def counting(app: Skillbank) -> Iterator[list[str]]:
    """The statements that are sent to the database, without those that begin a transaction."""
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@contextmanager
def fetching() -> Iterator[list[int]]:
    """How many rows are fetched at a time, by whichever cursor and on either database.

    SQLAlchemy takes every row out of a cursor by way of a fetch strategy.
    """
    fetched: list[int] = []
    with pytest.MonkeyPatch.context() as patch:

        def watch(name: str, size: Callable[[Any], int]) -> None:
            fetch = getattr(CursorFetchStrategy, name)

            def watched(*arguments: Any, **named: Any) -> Any:
                result = fetch(*arguments, **named)
                fetched.append(size(result))
                return result

            patch.setattr(CursorFetchStrategy, name, watched)

        watch("fetchone", lambda row: int(row is not None))
        watch("fetchmany", len)
        watch("fetchall", len)
        yield fetched


@pytest.fixture(autouse=True)
def _topics_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process reads the topics again every few seconds, and which page that meets is chance."""
    monkeypatch.setattr(remembering, "SECONDS", math.inf)


@pytest.fixture
def world(app: Skillbank) -> Iterator[World]:
    """The world, whose connections are all known to be fit for the book.

    The ledger looks at each connection once, and which page meets a new one is chance.
    """
    with app.app_context():
        engine = db.engine

    def vouch(_connection: Any, record: Any, _proxy: Any) -> None:
        record.info[schema.CHECKED] = schema.VERSION

    sa.event.listen(engine, "checkout", vouch)
    yield World(app)
    sa.event.remove(engine, "checkout", vouch)


def test_each_page_needs_so_many_statements_however_many_rows(world: World) -> None:
    with world.app.app_context():
        more = MORE_ON_POSTGRESQL if db.engine.dialect.name == "postgresql" else 0
    expected = {
        name: count + (more if path.startswith(READS_THE_JOURNAL) else 0)
        for name, (_, path, count) in PAGES.items()
    }
    assert world.counts() == expected
    world.grow(2)
    # What is suggested to a school whose credits lie idle is not asked for when they do not.
    more = {name: count for name, count in world.counts().items() if count > expected[name]}
    assert more == {}


def test_each_page_reads_no_more_rows_in_a_larger_network(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pages of two everything is full already: what grows with the network is a mistake."""
    lists = (
        list_inbox,
        list_exchanges,
        list_own,
        list_public,
        list_schools,
        list_accesses,
        messages,
        deliveries,
        deliveries_of_school,
        deliveries_to_person,
        failing_addresses,
    )
    lists += (
        list_experts,
        list_found,
        list_runs,
        list_seals,
        list_unusual,
        list_words,
        list_changes,
    )
    lists += (list_claims, list_notifications, list_activity, list_waiting, list_disputes)
    lists += (list_adjustments, list_of_school, list_same_person, list_beyond_limit, list_frozen)
    for query in lists:
        monkeypatch.setitem(query.__kwdefaults__, "limit", 2)
    monkeypatch.setattr(dashboard, "TASKS_SHOWN", 2)
    monkeypatch.setattr(starting, "MOST_SHOWN", 2)
    for query in (own_events, school_events, network_events):
        monkeypatch.setitem(query.__kwdefaults__, "limit", 2)
    monkeypatch.setattr(search_queries, "PAGE", 2)
    monkeypatch.setattr(search_queries, "BLOCK", 2)
    monkeypatch.setattr(fitting, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(suggestions, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(suggestions, "MOST_NEAR", 2)
    monkeypatch.setattr(suggestions, "MOST_MATCHES", 2)
    monkeypatch.setattr(dashboard, "COMING_SHOWN", 2)
    monkeypatch.setattr(start_page, "MOST_ENDING", 2)
    monkeypatch.setattr(fresh, "MOST_FRESH", 2)
    monkeypatch.setattr(dispute_queries, "MOST_STUCK", 2)
    monkeypatch.setattr(statement_views, "PAGE", 2)
    monkeypatch.setattr(journal_views, "JOURNAL_PAGE", 2)
    monkeypatch.setattr(journal_views, "JOURNAL_PAGE", 2)
    world.grow(2)
    before = world.rows_read()
    world.grow(2)
    after = world.rows_read()
    grown = {name: (before[name], after[name]) for name in PAGES if after[name] > before[name]}
    assert set(grown) == READ_WHOLE, grown
    assert after["schools"] >= 3
