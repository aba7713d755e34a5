"""The forms of signing in and of choosing a password."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from marketplace.accounts.service import LONGEST_PASSWORD, SHORTEST_PASSWORD
from marketplace.web.fields import printable, strip
from marketplace.web.forms import Form


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


class PasswordForm(Form):
    """A password, typed twice."""

    new_password = PasswordField(
        "New password",
        description=f"At least {SHORTEST_PASSWORD} characters. Three or four words that do not"
        " belong together are easy to remember and hard to guess.",
        validators=[
            InputRequired("Write a password."),
            Length(
                min=SHORTEST_PASSWORD,
                max=LONGEST_PASSWORD,
                message=f"The password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}"
                " characters.",
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    repeat_password = PasswordField(
        "The same password again",
        validators=[EqualTo("new_password", "The two passwords are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )
