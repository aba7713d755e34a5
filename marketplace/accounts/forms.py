"""The forms of signing in, of passwords, and of one's own account."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from marketplace.accounts.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from marketplace.web.fields import line, printable, strip
from marketplace.web.forms import Form


def email_field(label: str, question: str, autocomplete: str) -> EmailField:
    """Return a field for an e-mail address."""
    return EmailField(
        label,
        filters=[strip],
        validators=[InputRequired(question), printable, Length(max=254)],
        render_kw={"autocomplete": autocomplete},
    )


def own_password_field(label: str = "Password") -> PasswordField:
    """Return a field for the password that a person has."""
    return PasswordField(
        label,
        validators=[InputRequired("Write your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


class SignInForm(Form):
    """E-mail and password; ``resume`` carries a form that was sent after the session ended."""

    email = email_field("E-mail address", "Write your e-mail address.", "username")
    password = own_password_field()
    resume = HiddenField()


class ForgottenPasswordForm(Form):
    """The address to which a link is sent."""

    email = email_field("E-mail address", "Write your e-mail address.", "username")


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


class ChangePasswordForm(PasswordForm):
    """A new password, and the one before it."""

    password = own_password_field("The password you have now")


class NameForm(Form):
    """How a person is called."""

    name = line("Name", most=100, render_kw={"autocomplete": "name"})


class AddressForm(Form):
    """A new e-mail address."""

    email = email_field("New e-mail address", "Write the new address.", "email")
