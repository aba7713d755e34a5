from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace import clock, create_app
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.mail.sending import transport_of
from marketplace.mail.service import queue_email
from marketplace.outbox.models import OutboxDelivery
from marketplace.outbox.retrying import RetryPolicy
from marketplace.outbox.worker import Worker
from marketplace.setting_groups import MailSettings, Site
from marketplace.settings import Settings
from tests.marketplace.conftest import disconnect
from tests.marketplace.mail.smtp_server import PostOffice, make_certificate
from tests.marketplace.outbox.bells import SetClock

POLICY = RetryPolicy(max_tries=3)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    set_clock = SetClock()
    monkeypatch.setattr(clock, "now", set_clock.now)
    return set_clock


class MailHouse:
    """The application, a mail server, and a worker that is called by hand."""

    def __init__(self, app: Skillbank, office: PostOffice, set_clock: SetClock) -> None:
        self.app, self.office, self._clock = app, office, set_clock

    def queue(self, to: str = "head@ash.example", **more: Any) -> int:
        """Write an e-mail and commit it; its number."""
        with self.app.app_context():
            email = queue_email(db.session(), **({"template": "test", "to": to} | more))
            db.session.commit()
            return email.id

    def now(self) -> datetime:
        """What the clock says."""
        return self._clock.now()

    def work(self) -> None:
        """Do what is due."""
        Worker(self.app, POLICY).run_once()

    def wait(self, **length: float) -> None:
        """Let time pass, and do what is then due."""
        self._clock.move(**length)
        self.work()

    def email(self, number: int) -> Email:
        """The row of an e-mail."""
        with self.app.app_context():
            email = db.session.get_one(Email, number)
            db.session.expunge(email)
            return email

    def delivery(self) -> OutboxDelivery:
        """The only delivery of the outbox."""
        with self.app.app_context():
            delivery = db.session.scalars(sa.select(OutboxDelivery)).one()
            db.session.expunge(delivery)
            return delivery

    def flask(self, *words: str, content: str | bytes | None = None) -> tuple[int, str]:
        """Run ``flask …``; its exit code and what it says."""
        result = self.app.test_cli_runner().invoke(args=list(words), input=content)
        return result.exit_code, result.output


MakeHouse = Callable[..., MailHouse]


@pytest.fixture
def make_house(made_url: str, set_clock: SetClock) -> Iterator[MakeHouse]:
    """Makes the application with the mail settings that are handed over, and its mail server."""
    with ExitStack() as closing:

        def make(office: PostOffice | None = None, **mail: Any) -> MailHouse:
            office = office or PostOffice()
            settings = MailSettings(**({"smtp_url": office.url} | mail))
            app = create_app(
                Settings(
                    database_url=made_url,
                    secret_key="for tests only",
                    production=False,
                    site=Site(url="https://skillbank.example"),
                    mail=settings,
                )
            )
            closing.callback(lambda: disconnect(app))
            closing.callback(office.start().stop)
            if (transport := transport_of(app)) is not None:
                closing.callback(transport.close)
            return MailHouse(app, office, set_clock)

        yield make


@pytest.fixture
def house(make_house: MakeHouse) -> MailHouse:
    return make_house()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return make_certificate(tmp_path)
