"""What the environment may say."""

from pathlib import Path

import pytest

from marketplace import settings
from marketplace.setting_groups import SmtpServer
from marketplace.settings import Settings, documented_settings
from marketplace.variables import SettingsError

SECRET = "0123456789abcdef0123456789abcdef"
SITE = "https://skillbank.example"
OLD = "fedcba9876543210fedcba9876543210"


def refusal(**environ: str) -> str:
    """What is said about a setting that is refused: always one line."""
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET} | environ)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_start_without_a_secret_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is not set"):
        Settings.from_environment({"DATABASE_URL": "postgresql://db/skillbank"})


def test_a_short_secret_key_is_refused_in_production() -> None:
    with pytest.raises(SettingsError, match="too short"):
        Settings.from_environment(
            {"DATABASE_URL": "postgresql://db/skillbank", "SECRET_KEY": "short"}
        )


def test_production_needs_its_own_address() -> None:
    said = refusal(DATABASE_URL="postgresql://db/skillbank")
    assert said.startswith("SKILLBANK_URL is not set: write the address")


@pytest.mark.parametrize("url", ["skillbank.example", "ftp://skillbank.example", "https://a.b/c"])
def test_an_address_of_the_site_has_a_scheme_and_no_path(url: str) -> None:
    assert refusal(SKILLBANK_URL=url).startswith("SKILLBANK_URL must be an address without a path")


def test_the_address_of_the_site_is_this_machine_or_the_one_that_is_set() -> None:
    environ = {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET}
    assert Settings.from_environment(environ).site_url == "http://127.0.0.1:8000"
    settings = Settings.from_environment(environ | {"SKILLBANK_URL": f"{SITE}/"})
    assert settings.site_url == SITE


def test_the_roles_with_a_second_factor_are_a_list() -> None:
    environ = {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET}
    assert Settings.from_environment(environ).sign_in.second_factor_roles == (
        "finance",
        "trust_finance",
        "operator",
        "auditor",
    )
    for text, roles in {"none": (), " finance , operator": ("finance", "operator")}.items():
        settings = Settings.from_environment(environ | {"SKILLBANK_SECOND_FACTOR": text})
        assert settings.sign_in.second_factor_roles == roles


def test_a_switch_is_on_or_off() -> None:
    environ = {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET}
    assert not Settings.from_environment(environ).mail.mailbox
    assert Settings.from_environment(environ | {"SKILLBANK_MAILBOX": "1"}).mail.mailbox
    assert refusal(SKILLBANK_MAILBOX="yes") == "SKILLBANK_MAILBOX must be 0 or 1, not 'yes'."


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, False)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, True)),
        ("smtp://localhost:25/", SmtpServer("localhost", 25, False)),
        (
            "smtp://me%40a.example:p%3Aa%2Fs@mail.example:2525",
            SmtpServer("mail.example", 2525, False, "me@a.example", "p:a/s"),
        ),
    ],
)
def test_the_mail_server_is_an_address(url: str, server: SmtpServer) -> None:
    environ = {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET}
    assert Settings.from_environment(environ).mail.server is None
    read = Settings.from_environment(environ | {"SKILLBANK_SMTP_URL": url}).mail.server
    assert read == server
    assert "p:a/s" not in repr(read)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://me:hush@mail.example",
        "smtp://me:hush@",
        "smtp://me:hush@mail.example:port",
        "smtp://me:hush@mail.example:0",
        "smtp://me:hush@mail.example/path",
        "smtp://me:hush@mail.example?tls=no",
        "smtp://:hush@mail.example",
        "smtp://me@mail.example",
        "smtp://me:hush@[mail.example",
        "smtp://me:hush%ff@mail.example",
    ],
)
def test_what_is_not_the_address_of_a_mail_server_is_refused_unrepeated(url: str) -> None:
    said = refusal(SKILLBANK_SMTP_URL=url)
    assert "SKILLBANK_SMTP_URL is not the address of a mail server: write smtp://" in said
    assert "hush" not in said


def test_real_emails_are_not_shown_to_everyone() -> None:
    said = refusal(SKILLBANK_SMTP_URL="smtp://me:hush@mail.example", SKILLBANK_MAILBOX="1")
    assert "set SKILLBANK_SMTP_URL or SKILLBANK_MAILBOX, not both" in said


@pytest.mark.parametrize("sender", ["skillbank", "Skillbank <a@b.example>", "a@b.example\nBcc: c"])
def test_the_sender_is_one_plain_address(sender: str) -> None:
    assert "SKILLBANK_MAIL_FROM must be one plain e-mail address" in refusal(
        SKILLBANK_MAIL_FROM=sender
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_works(scheme: str) -> None:
    settings = Settings.from_environment(
        {
            "DATABASE_URL": f"{scheme}://db/skillbank",
            "SECRET_KEY": SECRET,
            "SKILLBANK_URL": SITE,
        }
    )
    assert settings.database_url == "postgresql+psycopg://db/skillbank"
    assert settings.production


def test_policy_comes_from_the_environment_in_minutes() -> None:
    settings = Settings.from_environment(
        {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET, "SKILLBANK_JOINING_GRANT": "300"}
    )
    assert settings.policy.joining_grant == 300
    assert settings.policy.credit_limit == 600


def test_a_policy_that_is_no_whole_number_of_minutes_is_named() -> None:
    with pytest.raises(SettingsError, match="SKILLBANK_CREDIT_LIMIT must be a whole number"):
        Settings.from_environment(
            {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET, "SKILLBANK_CREDIT_LIMIT": "7.5"}
        )


def test_the_embedded_database_keeps_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    environ = {"SKILLBANK_INSTANCE": str(tmp_path / "new" / "folder")}
    settings = Settings.from_environment(environ)
    assert settings.database_url == f"sqlite:///{tmp_path}/new/folder/skillbank.sqlite3"
    assert not settings.production
    assert len(settings.secret_key) == 64
    key = tmp_path / "new" / "folder" / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["secret-key"]
    assert Settings.from_environment(environ).secret_key == settings.secret_key
    assert Settings.from_environment(environ | {"SECRET_KEY": SECRET}).secret_key == SECRET


def test_without_a_folder_the_data_are_beside_wsgi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (settings.CHECKOUT / "wsgi.py").is_file()
    monkeypatch.setattr(settings, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.chdir(tmp_path)
    read = Settings.from_environment({"SECRET_KEY": SECRET})
    assert read.database_url == f"sqlite:///{tmp_path}/checkout/instance/skillbank.sqlite3"


def test_two_starts_at_once_have_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"SKILLBANK_INSTANCE": str(tmp_path)}
    (tmp_path / "secret-key").write_text(SECRET + "\n")
    monkeypatch.setattr(Path, "exists", lambda path: False)  # it came a moment after the look
    assert Settings.from_environment(environ).secret_key == SECRET
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


@pytest.mark.parametrize("content", ["", "too short\n", "“no key at all”, thirty-two characters"])
def test_a_spoilt_key_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret-key").write_text(content)
    said = refusal(DATABASE_URL="", SECRET_KEY="", SKILLBANK_INSTANCE=str(tmp_path))
    assert f"{tmp_path}/secret-key" in said


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal(DATABASE_URL="", SKILLBANK_INSTANCE=str(tmp_path / "file" / "folder"))
    assert f"{tmp_path}/file/folder" in said
    assert "set SKILLBANK_INSTANCE" in said


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://db/skillbank"])
def test_every_named_database_wants_a_key_of_its_own(url: str) -> None:
    assert "SECRET_KEY is not set: make one with python -c" in refusal(
        DATABASE_URL=url, SECRET_KEY=""
    )
    assert "too short: use 32 characters or more" in refusal(
        DATABASE_URL=url, SECRET_KEY=SECRET[:-1]
    )


def test_old_keys_are_a_list() -> None:
    environ = {"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET}
    assert Settings.from_environment(environ).old_secret_keys == ()
    old = {"SKILLBANK_OLD_SECRET_KEYS": f" {OLD} ,{SECRET},"}
    assert Settings.from_environment(environ | old).old_secret_keys == (OLD, SECRET)
    assert "fewer than 32 characters" in refusal(SKILLBANK_OLD_SECRET_KEYS=f"{OLD},short")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("garbage", "DATABASE_URL is not an address: write postgresql://"),
        ("postgresql://me:hush@db:port/skillbank", "DATABASE_URL is not an address"),
        ("mysql://me:hush@db/skillbank", "“mysql”, which Skillbank cannot use"),
        ("postgresql+psycopg2://me:hush@db/skillbank", "“postgresql+psycopg2”"),
        ("sqlite+aiosqlite://", "“sqlite+aiosqlite”"),
        ("sqlite:////no/such/folder/file.sqlite3", "/no/such/folder, which does not exist"),
    ],
)
def test_an_address_that_is_not_one_of_ours_is_refused_unrepeated(url: str, words: str) -> None:
    said = refusal(DATABASE_URL=url)
    assert words in said
    assert "hush" not in said


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("SKILLBANK_SMALLEST_STEP", "0", "must be from 1 to 1440 minutes, not 0"),
        ("SKILLBANK_SMALLEST_STEP", "1441", "must be from 1 to 1440 minutes"),
        ("SKILLBANK_SMALLEST_STEP", "-15", "must be a whole number of minutes"),
        ("SKILLBANK_SMALLEST_STEP", "", "must be a whole number of minutes, not ''"),
        ("SKILLBANK_SMALLEST_STEP", "٣", "must be a whole number of minutes"),
        (
            "SKILLBANK_SMALLEST_STEP",
            "7",
            "(6000) must be a multiple of SKILLBANK_SMA",
        ),
        ("SKILLBANK_LONGEST_EXCHANGE", "10", "(10) must be a multiple of"),
        ("SKILLBANK_LONGEST_EXCHANGE", "0", "must be from 1 to 600000 minutes"),
        ("SKILLBANK_JOINING_GRANT", "600001", "must be from 0 to 600000 minutes"),
        ("SKILLBANK_CREDIT_LIMIT", "9" * 5000, "must be from 0 to 600000 minutes"),
        ("SKILLBANK_DATABASE_WAIT", "0", "must be from 1 to 60 seconds"),
        ("SKILLBANK_STATEMENT_LIMIT", "soon", "must be a whole number of seconds, not 'soon'"),
    ],
)
def test_a_number_out_of_its_bounds_is_named(name: str, text: str, words: str) -> None:
    said = refusal(**{name: text})
    assert said.startswith(name) or "SKILLBANK_LONGEST_EXCHANGE" in said
    assert words in said
    assert len(said) < 200


def test_bounds_themselves_are_good() -> None:
    settings = Settings.from_environment(
        {
            "DATABASE_URL": "sqlite://",
            "SECRET_KEY": SECRET,
            "SKILLBANK_JOINING_GRANT": "0",
            "SKILLBANK_CREDIT_LIMIT": "0",
            "SKILLBANK_SMALLEST_STEP": "1440",
            "SKILLBANK_LONGEST_EXCHANGE": "1440",
            "SKILLBANK_DATABASE_WAIT": "1",
            "SKILLBANK_STATEMENT_LIMIT": "600",
        }
    )
    assert settings.policy.joining_grant == settings.policy.credit_limit == 0
    assert settings.policy.smallest_step == settings.policy.longest_exchange == 1440
    assert (settings.database_wait, settings.statement_limit) == (1, 600)


def test_a_command_may_wait_and_work_longer_than_a_request() -> None:
    settings = Settings.from_environment({"DATABASE_URL": "sqlite://", "SECRET_KEY": SECRET})
    command = settings.for_commands()
    assert (settings.database_wait, settings.statement_limit) == (4, 30)
    assert (command.database_wait, command.statement_limit) == (60, None)
    assert command.secret_key == SECRET


def test_every_variable_is_documented_and_every_documented_one_is_read(tmp_path: Path) -> None:
    rows = documented_settings()
    assert [row for row in rows if not all(row)] == []
    names_read: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            names_read.add(name)
            return super().get(name, default)

    Settings.from_environment(Environment(SKILLBANK_INSTANCE=str(tmp_path)))
    assert {name for name, _, _ in rows} == names_read
    assert (
        "SKILLBANK_SMALLEST_STEP",
        "15",
        "Hours are agreed in multiples of this. In minutes.",
    ) in rows
