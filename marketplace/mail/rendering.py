"""The words of an e-mail: subject, text and HTML out of its two templates.

An e-mail called ``exchange_agreed`` has two files in ``templates/email``::

    exchange_agreed.txt                          exchange_agreed.html
    {% extends "email/layout.txt" %}             {% extends "email/layout.html" %}
    {% block subject %}…{% endblock %}           {% from "email/components.html" import button %}
    {% block body %}…{% endblock %}              {% block body %}…{% endblock %}

They read what ``queue_email`` is handed, ``site_link(endpoint, …)`` for whole addresses, and the
filters of the pages; nothing of a request. A name that is not handed over is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from css_inline import CSSInliner
from flask import Flask, current_app
from jinja2 import Environment, StrictUndefined

from marketplace.mail.models import LONGEST_SUBJECT
from marketplace.settings import current_settings
from marketplace.web.addresses import site_link

_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Of the controls (Cc) all but the tab and the end of a line, and halves of characters (Cs).
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*\n")


@dataclass(frozen=True, slots=True)
class Rendered:
    """An e-mail's subject, its text, and its whole HTML document."""

    subject: str
    text: str
    html: str


class EmailTemplates:
    """The templates of e-mails: those of the pages' folder, without what belongs to a request."""

    KEY = "skillbank.mail.templates"

    def __init__(self, app: Flask) -> None:
        environment = app.jinja_env.overlay()
        # Of the pages' globals some lead to the request, and so to a host that a visitor chose.
        environment.globals = {"site_link": site_link}
        environment.undefined = StrictUndefined
        self._environment: Environment = environment
        self._inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Return the e-mail called ``name``.

        Raises:
            TemplateNotFound: if one of its two files is missing.
            UndefinedError: if a template reads what it was not handed.
            ValueError: if its subject is empty.
        """
        settings = current_settings()
        values = {
            "operator_name": settings.site.operator_name,
            "contact_email": settings.site.contact_email,
            "unsubscribe_url": None,
            **context,
        }
        template = self._environment.get_template(f"email/{name}.txt")
        subject = one_line("".join(template.blocks["subject"](template.new_context(values))))
        if not subject:
            raise ValueError(f"the e-mail {name} has no subject")
        text = _EMPTY_LINES.sub("\n\n", without_controls(template.render(values))).strip() + "\n"
        page = self._environment.get_template(f"email/{name}.html")
        html = self._inliner.inline(without_controls(page.render(values, email_subject=subject)))
        return Rendered(subject, text, html)


def init_app(app: Flask) -> None:
    """Add the templates of e-mails to ``app``."""
    app.extensions[EmailTemplates.KEY] = EmailTemplates(app)


def render_email(name: str, context: Mapping[str, Any]) -> Rendered:
    """Return an e-mail of the running application; see `EmailTemplates.render`."""
    templates: EmailTemplates = current_app.extensions[EmailTemplates.KEY]
    return templates.render(name, context)


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Return ``text`` as one line without characters that control or deceive.

    It is what may stand in a header: a line break in a name would begin another header.
    """
    text = _BIDI_CONTROLS.sub("", without_controls(" ".join(text.split())))
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def without_controls(text: str) -> str:
    """Return ``text`` without control characters, but for tabs and ends of lines."""
    return _CONTROLS.sub("", text)
