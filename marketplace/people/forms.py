"""The forms of signing in."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from marketplace.people.service import LONGEST_PASSWORD
from marketplace.web.forms import Form, printable, strip


class SignInForm(Form):
    """E-mail and password; ``resume`` carries a form that was sent after the session ended."""

    email = EmailField(
        "E-mail address",
        filters=[strip],
        validators=[InputRequired("Write your e-mail address."), printable, Length(max=254)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Write your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    resume = HiddenField()
