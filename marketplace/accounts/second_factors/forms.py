"""The forms of second factors."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from marketplace.accounts.passwords import LONGEST_PASSWORD
from marketplace.accounts.second_factors.models import LONGEST_PASSKEY_NAME
from marketplace.web.fields import line, printable, strip
from marketplace.web.forms import Form

LONGEST_CODE = 40


def code_field(label: str, description: str) -> StringField:
    """Return a field for a code that is used once."""
    return StringField(
        label,
        description=description,
        filters=[strip],
        validators=[
            InputRequired("Write the code."),
            printable,
            Length(max=LONGEST_CODE, message="A code is shorter than that."),
        ],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none"},
    )


class CodeForm(Form):
    """A code from the app or a recovery code; ``resume`` carries a form that was interrupted."""

    code = code_field(
        "Code",
        "The 6 digits that your authenticator app shows now, or one of your recovery codes.",
    )
    resume = HiddenField()


class ConfirmPasswordForm(Form):
    """The password once more; ``resume`` carries a form that was interrupted."""

    password = PasswordField(
        "Your password",
        validators=[InputRequired("Write your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    resume = HiddenField()


class PasskeyForm(Form):
    """What a browser answers for a passkey: nothing in it is typed."""

    challenge = HiddenField()
    credential = HiddenField()
    resume = HiddenField()


class NewPasskeyForm(PasskeyForm):
    """A new passkey and its name."""

    name = line("Name of the passkey", most=LONGEST_PASSKEY_NAME)


class NewAuthenticatorForm(Form):
    """The first code of a new app; ``sealed_secret`` is the app's secret, encrypted."""

    code = code_field("The 6 digits that the app shows", "They change every half minute.")
    sealed_secret = HiddenField()

    def typed_code(self) -> str:
        """Return the digits, without the spaces between them."""
        return "".join((self.code.data or "").split())
