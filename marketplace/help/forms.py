"""The form with which a person agrees to be listed."""

from __future__ import annotations

from wtforms import BooleanField

from marketplace.web.forms import Form


class ConsentForm(Form):
    """Whether other schools may see the person's name and role."""

    listed = BooleanField("Other schools may see my name and my role")
