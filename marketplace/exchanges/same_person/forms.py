"""The form of a trust's rule."""

from __future__ import annotations

from wtforms import BooleanField

from marketplace.web.forms import Form


class SamePersonForm(Form):
    """Whether one person may act for both schools."""

    allowed = BooleanField("Allow one person to act for both schools of an exchange")
