"""The page with the network's policy as it is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.setting_groups import Policy, SignInSettings
from marketplace.settings import current_settings

DAY = 24 * 60
"""A day, in minutes."""
Row = tuple[str, str, str]
"""What a rule means, its value in words, and the setting that changes it."""


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
        yield setting.metadata["meaning"], words, setting.metadata["name"]


def _sign_in_rules(sign_in: SignInSettings) -> Iterator[Row]:
    for setting in fields(SignInSettings):
        value = getattr(sign_in, setting.name)
        if isinstance(value, tuple):
            words = ", ".join(role.replace("_", " ") for role in value) or "none"
        else:
            words = _duration(value)
        yield setting.metadata["meaning"], words, setting.metadata["name"]


def _duration(minutes: int) -> str:
    """Return a length of time in the largest unit that it is a whole number of."""
    for unit, size in (("day", DAY), ("hour", 60)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{minutes} minutes"
