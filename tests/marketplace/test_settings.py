"""What the environment may say."""

import pytest

from marketplace.settings import Settings, SettingsError

SECRET = "0123456789abcdef0123456789abcdef"


def test_a_start_without_a_secret_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is not set"):
        Settings.from_environment({"DATABASE_URL": "postgresql://db/skillbank"})


def test_a_short_secret_key_is_refused_in_production() -> None:
    with pytest.raises(SettingsError, match="too short"):
        Settings.from_environment(
            {"DATABASE_URL": "postgresql://db/skillbank", "SECRET_KEY": "short"}
        )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_works(scheme: str) -> None:
    settings = Settings.from_environment(
        {"DATABASE_URL": f"{scheme}://db/skillbank", "SECRET_KEY": SECRET}
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
