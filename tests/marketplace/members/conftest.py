"""The same people as for the accounts."""

from tests.marketplace.accounts.conftest import browser as browser
from tests.marketplace.accounts.conftest import jo as jo
