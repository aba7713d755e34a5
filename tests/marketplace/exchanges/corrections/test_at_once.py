"""Two at the same instant, in real threads: it is put right once, on both databases."""

from __future__ import annotations

from ledger import Book
from marketplace.database import db
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.models import State
from marketplace.settings import Policy
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.corrections.test_correcting import ask, correction_of
from tests.marketplace.exchanges.test_at_once import Post, at_once, colleague_of

GRANT = Policy().joining_grant
ROUNDS = 3


def test_both_schools_ask_at_the_same_instant_and_one_is_told(pair: Pair) -> None:
    for _ in range(ROUNDS):
        exchange_id = pair.bring(State.CONFIRMED, minutes=60)
        posts: list[Post] = []
        for who, typed in ((pair.giver, "0.5"), (pair.taker, "0.25")):
            path = f"/exchanges/{exchange_id}/correct"
            browser = pair.browser(who).get(path)
            values = browser.values("Ask the other school")
            posts.append((browser, path, values | {"minutes": [typed], "reason": ["No."]}))
        answers = at_once(*posts)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        late = next(answer for answer in answers if answer.status_code == 409)
        assert "asked that it be put right" in late.text


def test_two_colleagues_agree_at_the_same_instant_and_it_is_put_right_once(pair: Pair) -> None:
    colleague = colleague_of(pair, pair.giver)
    for number in range(1, ROUNDS + 1):
        exchange_id = pair.bring(State.CONFIRMED, minutes=60)
        ask(pair.browser(pair.taker), exchange_id, "0.5")
        posts: list[Post] = []
        for who in (pair.giver, colleague):
            browser = pair.browser(who).get(f"/exchanges/{exchange_id}")
            path = f"/exchanges/{exchange_id}/correction/agree"
            posts.append((browser, path, browser.values("Agree to ½ credit")))
        answers = at_once(*posts)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        assert pair.money["giver"] == (GRANT + 30 * number, 0, 0)
    with pair.app.app_context():
        assert Book(db.session()).verify().faults == ()


def test_agreed_and_withdrawn_at_the_same_instant_is_one_of_both(pair: Pair) -> None:
    paid = 0
    for _ in range(ROUNDS):
        exchange_id = pair.bring(State.CONFIRMED, minutes=60)
        taker = ask(pair.browser(pair.taker), exchange_id, "0.5")
        giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
        path = f"/exchanges/{exchange_id}/correction"
        answers = at_once(
            (giver, f"{path}/agree", giver.values("Agree to ½ credit")),
            (taker, f"{path}/withdraw", taker.values("Withdraw it")),
        )
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        agreed = correction_of(pair, exchange_id).state == CorrectionState.AGREED
        paid += 30 if agreed else 60
        assert pair.money["giver"] == (GRANT + paid, 0, 0)
