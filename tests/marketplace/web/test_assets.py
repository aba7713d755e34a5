"""What belongs to the pages is asked for once, and anew when its content changes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.web.assets import KEPT

pytestmark = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)


def test_every_file_of_a_page_may_be_kept(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    addresses = re.findall(r'(?:href|src)="((?:/bootstrap)?/static/[^"]+)"', page)
    assert len(addresses) > 10
    for address in addresses:
        with client.get(address) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, KEPT), address
        with client.get(address, headers={"If-None-Match": answer.headers["ETag"]}) as again:
            assert (again.status_code, again.headers["Cache-Control"]) == (304, KEPT), address


@pytest.mark.parametrize("query", ["", "?v=", "?v=of-another-release"])
def test_without_the_fingerprint_of_its_content_it_is_asked_for_again(
    client: FlaskClient, query: str
) -> None:
    with client.get(f"/static/css/base.css{query}") as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_another_content_has_another_address(app: Skillbank, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.css"
    sheet.write_text("p { color: red }")
    folder, app.static_folder = app.static_folder, str(tmp_path)
    try:
        with app.test_request_context():
            before = app.url_for("static", filename="sheet.css")
            sheet.write_text("p { color: blue }")
            os.utime(sheet, ns=(1, 1))
            assert app.url_for("static", filename="sheet.css") != before
            assert app.url_for("static", filename="missing.css") == "/static/missing.css"
    finally:
        app.static_folder = folder
