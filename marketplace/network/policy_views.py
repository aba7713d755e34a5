"""The page with the network's policy as it is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.setting_groups import Policy, SignInSettings
from marketplace.settings import current_settings

DAY = 24 * 60
"""A day, in minutes."""
Row = tuple[str, str, str, str]
"""What a rule means, its value in words, the setting that changes it, and what explains it."""

SIGNED_IN = ("signing-in", "how-long-you-stay-signed-in")
EXPLAINED = {
    "joining_grant": ("joining", "what-the-head-should-know"),
    "credit_limit": ("how-it-works", "you-can-begin-with-nothing-earned"),
    "upper_soft_limit": ("finding-each-other", "who-comes-first"),
    "smallest_step": ("what-a-credit-is-worth", "parts-of-an-hour"),
    "longest_exchange": ("what-a-credit-is-worth", "parts-of-an-hour"),
    "dispute_answer_days": ("disputes", "then-open-a-dispute"),
    "dispute_ruling_days": ("disputes", "the-operator-decides"),
    "hold_days": ("delivering-and-confirming", "confirm-soon"),
    "correction_days": ("mistakes", "after-it-is-confirmed"),
    "idle_minutes": SIGNED_IN,
    "longest_minutes": SIGNED_IN,
    "strict_idle_minutes": SIGNED_IN,
    "strict_longest_minutes": SIGNED_IN,
    "second_factor_roles": ("signing-in", "a-second-factor"),
}
"""The help page that explains each rule to the people it is for, and the heading there."""


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the operator's blueprint."""
    blueprint.add_url_rule("/policy", view_func=policy)


@access(needs(Permission.AUDIT_LEDGER))
def policy() -> ResponseReturnValue:
    """Show every rule that the settings decide, in force now, and which setting it is."""
    settings = current_settings()
    return render_template(
        "network/policy.html",
        groups=[
            ("Credits", list(_credit_rules(settings.policy))),
            ("Signing in", list(_sign_in_rules(settings.sign_in))),
        ],
    )


def _credit_rules(policy: Policy) -> Iterator[Row]:
    for setting in fields(Policy):
        number, unit = getattr(policy, setting.name), setting.metadata["unit"]
        words = credits(number) if unit == "minutes" else _duration(number * DAY)
        yield setting.metadata["meaning"], words, setting.metadata["name"], _url(setting.name)


def _sign_in_rules(sign_in: SignInSettings) -> Iterator[Row]:
    for setting in fields(SignInSettings):
        value = getattr(sign_in, setting.name)
        if isinstance(value, tuple):
            words = ", ".join(role.replace("_", " ") for role in value) or "none"
        else:
            words = _duration(value)
        yield setting.metadata["meaning"], words, setting.metadata["name"], _url(setting.name)


def _url(rule: str) -> str:
    """The address of the help page that explains a rule."""
    slug, heading = EXPLAINED[rule]
    return url_for("help.article", slug=slug, _anchor=heading)


def _duration(minutes: int) -> str:
    """Return a length of time in the largest unit that it is a whole number of."""
    for unit, size in (("day", DAY), ("hour", 60)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{minutes} minutes"
