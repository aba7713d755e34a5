"""Small files in the register's own shape, as the tests need them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

SCHOOL = {
    "URN": "100001",
    "LA (code)": "355",
    "LA (name)": "Salford",
    "EstablishmentNumber": "2002",
    "EstablishmentName": "St Paul's CofE Primary School",
    "TypeOfEstablishment (name)": "Voluntary aided school",
    "EstablishmentStatus (name)": "Open",
    "OpenDate": "01-09-2012",
    "CloseDate": "",
    "PhaseOfEducation (name)": "Primary",
    "StatutoryLowAge": "3",
    "StatutoryHighAge": "11",
    "Boarders (name)": "No boarders",
    "OfficialSixthForm (name)": "Does not have a sixth form",
    "Gender (name)": "Mixed",
    "ReligiousCharacter (name)": "Church of England",
    "NumberOfPupils": "271",
    "PercentageFSM": "18.1",
    "Trusts (name)": "",
    "Street": "School Lane",
    "Locality": "",
    "Town": "Salford",
    "County (name)": "Greater Manchester",
    "Postcode": "M6 6AL",
    "SchoolWebsite": "www.stpauls.salford.sch.uk",
    "GOR (name)": "North West",
    "UrbanRural (name)": "Urban: Nearer to a major town or city",
    "Easting": "380000",
    "Northing": "398000",
    "LastChangedDate": "14-11-2023",
}

LINK_HEADER = ("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate")


def row(urn: int = 100001, **cells: str) -> dict[str, str]:
    """A school of the register with some cells other than ``SCHOOL`` has them.

    Columns whose name is no identifier are given as ``row(1, **{"LA (code)": "201"})``.
    """
    return {**SCHOOL, "URN": str(urn), **cells}


def school_csv(*rows: Mapping[str, str], without: Iterable[str] = ()) -> str:
    """The text of an establishments CSV; its columns are those of the first row."""
    header = [name for name in rows[0] if name not in without]
    return _csv(header, [[cells[name] for name in header] for cells in rows])


def links_csv(*links: tuple[int, int, str, str]) -> str:
    """The text of a links CSV: (URN, LinkURN, LinkType, date) each."""
    return _csv(LINK_HEADER, [(old, new, "A school", kind, day) for old, new, kind, day in links])


def register_zip(path: Path, schools: str, links: str | None = None) -> Path:
    """The register's download, as a zip at ``path``."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edubasealldata20250717.csv", schools.encode("cp1252"))
        if links is not None:
            archive.writestr("links_edubasealldata20250422.csv", links.encode("cp1252"))
    return path


DOWNLOAD_HEADER = (
    *("URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName"),
    *("TypeOfEstablishment (name)", "EstablishmentStatus (name)"),
    *("ReasonEstablishmentOpened (name)", "OpenDate", "PhaseOfEducation (name)"),
    *("StatutoryLowAge", "StatutoryHighAge", "Boarders (name)", "OfficialSixthForm (name)"),
    *("Gender (name)", "ReligiousCharacter (name)", "AdmissionsPolicy (name)", "UKPRN", "Street"),
    *("Locality", "Address3", "Town", "County (name)", "Postcode", "SchoolWebsite"),
    *("TelephoneNum", "FaxNum", "HeadTitle (name)", "HeadFirstName", "HeadLastName"),
    *("HeadPreferredJobTitle", "GOR (name)", "ParliamentaryConstituency (name)"),
)
"""The 33 columns of the downloads of state-funded schools and of academies."""

HEAD = {
    "TelephoneNum": "01614960000",
    "FaxNum": "01614960001",
    "HeadTitle (name)": "Dr",
    "HeadFirstName": "Xanthe",
    "HeadLastName": "Quillfeather",
    "HeadPreferredJobTitle": "Headmistress",
}
"""What the register says of a person."""


def download_csv(*rows: Mapping[str, str]) -> str:
    """The text of a download with ``DOWNLOAD_HEADER``, with a head teacher in every row."""
    return _csv(
        DOWNLOAD_HEADER,
        [[{**cells, **HEAD}.get(name, "") for name in DOWNLOAD_HEADER] for cells in rows],
    )


def downloads_zip(path: Path, **files: str) -> Path:
    """A zip at ``path`` of several downloads: their names without “.csv”, and their texts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text.encode("cp1252"))
    return path


def _csv(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
