"""The figures in docs/security.md are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from marketplace.accounts import passwords, sessions, throttling
from marketplace.accounts.second_factors import authenticators
from marketplace.application import Skillbank
from marketplace.limits import DAY, HOUR, LIMITS, Limit, Writing
from marketplace.privacy import periods
from marketplace.receiving import SECONDS_TO_SEND
from marketplace.setting_groups import SignInSettings

DOCUMENT = re.sub(
    r"\s+", " ", (Path(__file__).parents[2] / "docs/security.md").read_text(encoding="utf-8")
)


def test_the_rules_for_what_is_typed_are_those_of_the_code(app: Skillbank) -> None:
    assert f"at most {app.config['MAX_CONTENT_LENGTH'] // 1024} KiB" in DOCUMENT
    assert f"arrive within {SECONDS_TO_SEND} seconds" in DOCUMENT


def test_the_limits_on_writing_are_those_of_the_code() -> None:
    for writing, limit, words in (
        (Writing.MESSAGES, Limit("person", 100, HOUR), "at most 100 an hour by a person"),
        (Writing.INVITATIONS, Limit("school", 200, DAY), "200 a day by a school"),
        (Writing.CLAIMS, Limit("person", 5, DAY), "5 a day by a person"),
    ):
        assert limit in LIMITS[writing]
        assert f"{writing} {words}" in DOCUMENT


def test_the_words_that_no_password_may_be_made_of_are_those_of_the_code() -> None:
    assert f"{passwords.SHORTEST_PASSWORD} to {passwords.LONGEST_PASSWORD} char" in DOCUMENT
    assert f"must score them {passwords.SCORE_NEEDED} of 4" in DOCUMENT
    sentence = DOCUMENT.split("nor do ")[1].split(".")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == set(passwords._EVERYBODYS_WORDS)


def test_the_rules_of_throttling_are_those_of_the_code() -> None:
    assert f"network address ({throttling.FREE} failures are free)" in DOCUMENT
    assert f"for the account ({throttling.FREE_TOGETHER} are free)" in DOCUMENT
    assert throttling.FIRST_WAIT.total_seconds() == 1
    longest = throttling.LONGEST_WAIT.seconds // 60
    assert f"from one second up to {longest} minutes" in DOCUMENT
    assert (
        f"Where {throttling.MANY_ACCOUNTS} accounts have been tried from one address, each has"
        f" {throttling.FREE_WHERE_MANY_FAIL} free try"
    ) in DOCUMENT
    assert throttling.FORGIVEN_AFTER == HOUR


def test_how_long_a_code_of_an_app_is_good_is_that_of_the_code() -> None:
    good_for = authenticators.SECONDS * (1 + authenticators.STEPS_BEFORE)
    assert f"change every {authenticators.SECONDS} seconds" in DOCUMENT
    assert f"good for at most {good_for} seconds" in DOCUMENT


def test_the_limits_of_sessions_are_those_of_the_code() -> None:
    settings = SignInSettings()
    assert (
        "| finance staff (of a school or a trust), operators, auditors"
        f" | {settings.strict_idle_minutes} minutes |"
        f" {settings.strict_longest_minutes // 60} hours |"
    ) in DOCUMENT
    assert (
        f"| everyone else | {settings.idle_minutes // 60} hours |"
        f" {settings.longest_minutes // (24 * 60)} days |"
    ) in DOCUMENT
    assert f"after {sessions.CONFIRMED_FOR.seconds // 60} minutes" in DOCUMENT


def test_how_long_logs_are_kept_is_in_the_code() -> None:
    assert f"the network's operators | {periods.SECURITY_LOG} days |" in DOCUMENT
    assert f"texts {periods.TEXTS_OF_EMAILS} days, the rest {periods.EMAILS}" in DOCUMENT
