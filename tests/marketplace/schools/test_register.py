"""Reading the register's files, with every quirk they have been seen to have."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from marketplace.schools.columns import COLUMNS, UnreadableError
from marketplace.schools.facts import Phase, SizeBand, Status, UrbanRural
from marketplace.schools.models import LocalAuthority, School, Trust
from marketplace.schools.reading import RegisterProblem
from marketplace.schools.register import LinkRow, SchoolRow, open_register
from marketplace.schools.table import RegisterError
from tests.marketplace.schools.register_files import links_csv, register_zip, row, school_csv


def read(*paths: Path) -> tuple[list[SchoolRow], list[LinkRow], list[RegisterProblem]]:
    with open_register(*paths) as register:
        return list(register.schools()), list(register.links()), register.problems


def read_text(tmp_path: Path, text: str, encoding: str = "cp1252"):
    path = tmp_path / "edubasealldata.csv"
    path.write_bytes(text.encode(encoding))
    schools, _, problems = read(path)
    return schools, problems


def test_a_row_becomes_typed_facts(tmp_path: Path) -> None:
    trust = {"Trusts (name)": "UNITED LEARNING TRUST", "LA (code)": "1"}
    (school,), problems = read_text(tmp_path, school_csv(row(**trust)))
    assert problems == []
    assert school == SchoolRow(
        line=2,
        unread=frozenset(),
        urn=100001,
        name="St Paul's CofE Primary School",
        search_name="st pauls cofe primary school",
        status=Status.OPEN,
        type_name="Voluntary aided school",
        local_authority_code="001",
        local_authority_name="Salford",
        opened_on=date(2012, 9, 1),
        closed_on=None,
        phase=Phase.PRIMARY,
        age_low=3,
        age_high=11,
        gender="Mixed",
        religious_character="Church of England",
        boarders="No boarders",
        sixth_form=False,
        pupils=271,
        size_band=SizeBand.MEDIUM,
        fsm_permille=181,
        trust_name="UNITED LEARNING TRUST",
        street="School Lane",
        locality=None,
        town="Salford",
        county="Greater Manchester",
        postcode="M6 6AL",
        website="http://www.stpauls.salford.sch.uk",
        region="North West",
        setting=UrbanRural.URBAN,
        setting_text="Urban: Nearer to a major town or city",
        easting=380000,
        northing=398000,
        register_changed_on=date(2023, 11, 14),
    )


@pytest.mark.parametrize(
    ("cells", "facts"),
    [
        ({"EstablishmentStatus (name)": "Open, but proposed to close"}, {"status": "closing"}),
        ({"EstablishmentStatus (name)": "Proposed to open"}, {"status": "proposed"}),
        ({"EstablishmentStatus (name)": "Closed"}, {"status": "closed"}),
        ({"EstablishmentStatus (name)": "Open but proposed to close"}, {"status": "closing"}),
        ({"PhaseOfEducation (name)": "All-through"}, {"phase": "all-through"}),
        ({"PhaseOfEducation (name)": "All through"}, {"phase": "all-through"}),
        ({"PhaseOfEducation (name)": "ALL THROUGH"}, {"phase": "all-through"}),
        ({"PhaseOfEducation (name)": "Middle-deemed primary"}, {"phase": "middle-primary"}),
        ({"PhaseOfEducation (name)": "16-plus"}, {"phase": "16-plus"}),
        ({"GOR (name)": "Yorkshire and The Humber"}, {"region": "Yorkshire and the Humber"}),
        ({"GOR (name)": "Wales (pseudo)"}, {"region": "Wales (pseudo)"}),
        ({"OfficialSixthForm (name)": "Not recorded"}, {"sixth_form": None}),
        ({"OpenDate": "01/09/2014"}, {"opened_on": date(2014, 9, 1)}),
        ({"OpenDate": "01/01/1900"}, {"opened_on": None}),
        ({"Trusts (code)": "02101", "Trusts (name)": "A"}, {"trust_code": "2101"}),
        ({"PhaseOfEducation (name)": "Not applicable"}, {"phase": None}),
        ({"PhaseOfEducation (name)": "Middle deemed secondary"}, {"phase": "middle-secondary"}),
        ({"OfficialSixthForm (name)": "Has a sixth form"}, {"sixth_form": True}),
        ({"OfficialSixthForm (name)": "Not applicable"}, {"sixth_form": None}),
        ({"OpenDate": "01-01-1900"}, {"opened_on": None}),
        ({"NumberOfPupils": "0"}, {"pupils": None, "size_band": None}),
        ({"PercentageFSM": "0.05"}, {"fsm_permille": 1}),
        ({"PercentageFSM": "100"}, {"fsm_permille": 1000}),
        ({"Easting": "0", "Northing": "0"}, {"easting": None, "northing": None}),
        ({"Easting": "", "Northing": ""}, {"easting": None, "northing": None}),
        ({"Town": " \xa0 Salford \t Quays "}, {"town": "Salford Quays"}),
        (
            {"Town": "ST. HELENS", "Locality": "Eccles"},
            {"town": "St. Helens", "locality": "Eccles"},
        ),
        ({"StatutoryHighAge": "99"}, {"age_high": 99}),
        ({"SchoolWebsite": ""}, {"website": None}),
    ],
)
def test_the_registers_words_are_understood(
    tmp_path: Path, cells: dict[str, str], facts: dict[str, object]
) -> None:
    (school,), problems = read_text(tmp_path, school_csv(row(**cells)))
    assert problems == []
    assert school.unread == frozenset()
    assert {fact: getattr(school, fact) for fact in facts} == facts


@pytest.mark.parametrize(
    "name", ["North Star 180°", "St Thomas à Becket", "Doha – Al Wakra", "Awel Y Môr", "Kings’"]
)
def test_names_beyond_ascii_come_through(tmp_path: Path, name: str) -> None:
    (school,), problems = read_text(tmp_path, school_csv(row(EstablishmentName=name)))
    assert (school.name, problems) == (name, [])


def test_a_zip_gives_schools_and_links_even_from_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "results.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        old = school_csv(row(1, EstablishmentName="Of an older file"))
        archive.writestr("extract/edubasealldata20240101.csv", old)
        archive.writestr("extract/EduBaseAllData20250717.csv", school_csv(row(100002)))
        archive.writestr("extract/links_edubasealldata20250717.csv", links_csv())
        archive.writestr("extract/governancealldata20250717.csv", "a,b\r\n")
    schools, links, problems = read(path)
    assert [school.urn for school in schools] == [100002]
    assert (links, problems) == ([], [])


@pytest.mark.parametrize("turned", [False, True])
def test_two_csv_files_are_told_apart_by_their_headers(tmp_path: Path, turned: bool) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(school_csv(row()), "cp1252")
    two.write_text(links_csv((100001, 100002, "Successor", "31-08-2021")), "cp1252")
    schools, links, _ = read(*((two, one) if turned else (one, two)))
    assert [school.urn for school in schools] == [100001]
    assert links == [LinkRow(100001, 100002, "Successor", date(2021, 8, 31))]


def test_columns_that_an_extract_lacks_are_unread(tmp_path: Path) -> None:
    lacking = ("Easting", "NumberOfPupils", "Trusts (name)", "UrbanRural (name)")
    (school,), problems = read_text(tmp_path, school_csv(row(), without=lacking))
    assert problems == []
    assert school.unread == {
        *("easting", "northing", "pupils", "size_band"),
        *("trust_name", "setting_text", "setting"),
    }
    assert (school.easting, school.northing, school.size_band) == (None, None, None)


def test_only_the_required_columns_are_enough(tmp_path: Path) -> None:
    required = {column.header for column in COLUMNS if column.required}
    optional = [name for name in row() if name not in required]
    (school,), problems = read_text(tmp_path, school_csv(row(), without=optional))
    assert (school.urn, school.phase, problems) == (100001, None, [])


@pytest.mark.parametrize(
    "lacking",
    ["URN", "LA (code)", "LA (name)", "EstablishmentName", "EstablishmentStatus (name)"],
)
def test_a_missing_required_column_is_named(tmp_path: Path, lacking: str) -> None:
    with pytest.raises(RegisterError) as refusal:
        read_text(tmp_path, school_csv(row(), without=[lacking]))
    assert f"edubasealldata.csv lacks the column “{lacking}”" in str(refusal.value)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("URN", "10000X", "“10000X” is not a whole number"),
        ("URN", "7", "“7” is not between"),
        ("URN", "", "is empty"),
        ("EstablishmentName", "  ", "is empty"),
        ("EstablishmentName", "x" * 201, "is longer than 200 characters"),
        ("EstablishmentName", "A\0B", "cannot be printed"),
        ("EstablishmentStatus (name)", "Ajar", "“Ajar” is not a word of the register"),
        ("LA (code)", "35A", "“35A” is not a code of three figures"),
    ],
)
def test_a_broken_row_is_left_out_and_the_others_count(
    tmp_path: Path, column: str, cell: str, message: str
) -> None:
    schools, (problem,) = read_text(
        tmp_path, school_csv(row(), row(100002, **{column: cell}), row(100003))
    )
    assert [school.urn for school in schools] == [100001, 100003]
    assert (problem.line, problem.column, problem.row_lost) == (3, column, True)
    assert message in str(problem)
    assert str(problem).startswith(f"edubasealldata.csv, line 3, column {column}: ")
    assert str(problem).endswith("; the row is left out.")


@pytest.mark.parametrize(
    ("column", "cell", "message", "unread"),
    [
        ("OpenDate", "31-02-2020", "is a date that does not exist", {"opened_on"}),
        ("CloseDate", "2020-08-31", "is not a date (dd-mm-yyyy)", {"closed_on"}),
        ("LastChangedDate", "yesterday", "is not a date", {"register_changed_on"}),
        ("LastChangedDate", "1/9/2014", "is not a date", {"register_changed_on"}),
        ("LastChangedDate", "01-09/2014", "is not a date", {"register_changed_on"}),
        ("LastChangedDate", "32/13/2014", "does not exist", {"register_changed_on"}),
        ("Trusts (code)", "TR21", "is not the code of a trust", {"trust_name"}),
        ("Trusts (code)", "2101", "trust 2101 has no name", {"trust_name"}),
        ("PhaseOfEducation (name)", "Tertiary", "is not a word of the register", {"phase"}),
        ("NumberOfPupils", "-5", "is not a whole number", {"pupils", "size_band"}),
        ("PercentageFSM", "100.1", "is not a percentage", {"fsm_permille"}),
        ("SchoolWebsite", "javascript:alert(1)", "is not a web address", {"website"}),
        ("SchoolWebsite", "school.org/" + "a" * 300, "longer than 300", {"website"}),
        ("StatutoryLowAge", "three", "is not a whole number", {"age_low"}),
        ("StatutoryHighAge", "2", "is below the lowest age", {"age_low", "age_high"}),
        ("Northing", "", "must go together", {"easting", "northing"}),
        ("Easting", "many", "is not a whole number", {"easting", "northing"}),
        ("Postcode", "M6 6AL or M6 6AM", "longer than 10", {"postcode"}),
    ],
)
def test_an_unreadable_fact_costs_only_the_fact(
    tmp_path: Path, column: str, cell: str, message: str, unread: set[str]
) -> None:
    (school,), (problem,) = read_text(tmp_path, school_csv(row(**{column: cell})))
    assert school.unread == unread
    assert all(getattr(school, fact) is None for fact in unread)
    assert (problem.line, problem.row_lost) == (2, False)
    assert problem.column in {column, "Northing", "Trusts (name)"}
    assert message in problem.message
    assert str(problem).endswith("; the fact is left as it was.")


@pytest.mark.parametrize(
    ("easting", "northing"), [("many", ""), ("", "many"), ("many", "398000"), ("380000", "many")]
)
def test_an_unreadable_half_of_a_position_takes_the_other_with_it(
    tmp_path: Path, easting: str, northing: str
) -> None:
    (school,), (problem,) = read_text(tmp_path, school_csv(row(Easting=easting, Northing=northing)))
    assert (school.easting, school.northing) == (None, None)
    assert school.unread == {"easting", "northing"}
    assert "“many” is not a whole number" in problem.message


@pytest.mark.parametrize("typed", ["08/31/2025", "8/31/2025", "08-31-2025"])
def test_a_file_with_the_month_first_is_refused_by_row_and_column(
    tmp_path: Path, typed: str
) -> None:
    with pytest.raises(RegisterError) as refusal:
        read_text(tmp_path, school_csv(row(OpenDate="01/09/2014"), row(100002, CloseDate=typed)))
    message = str(refusal.value)
    assert message.startswith(f"edubasealldata.csv, line 3, column CloseDate: “{typed}” is a date")
    assert "every date of this file is in doubt" in message


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_empty_rows_are_passed_over(tmp_path: Path, line_end: str) -> None:
    header, school, _ = school_csv(row()).split("\r\n")
    commas = "," * (len(row()) - 1)
    lines = [header, commas, school, commas, " , ,", '"",""', "", commas + ",", ""]
    schools, problems = read_text(tmp_path, line_end.join(lines))
    assert ([school.urn for school in schools], problems) == ([100001], [])


def test_empty_rows_between_links_are_passed_over(tmp_path: Path) -> None:
    links = links_csv((100001, 100002, "Successor", "")) + ",,,,\r\n"
    _, read_links, problems = read(register_zip(tmp_path / "r.zip", school_csv(row()), links))
    assert (read_links, problems) == ([LinkRow(100001, 100002, "Successor")], [])


def test_the_code_of_a_trust_that_has_one_is_read(tmp_path: Path) -> None:
    trust = {"Trusts (name)": "INSPIRE LEARNING TRUST", "Trusts (code)": "2101"}
    (school,), problems = read_text(tmp_path, school_csv(row(**trust)))
    assert (school.trust_name, school.trust_code) == ("INSPIRE LEARNING TRUST", "2101")
    assert (school.unread, problems) == (frozenset(), [])


def test_a_urn_counts_once(tmp_path: Path) -> None:
    schools, (problem,) = read_text(
        tmp_path, school_csv(row(), row(EstablishmentName="Another"), row(100002))
    )
    assert [(school.urn, school.name[:2]) for school in schools] == [
        (100001, "St"),
        (100002, "St"),
    ]
    assert (problem.line, problem.column) == (3, "URN")


def test_a_row_with_too_few_or_too_many_fields_is_left_out(tmp_path: Path) -> None:
    header, good, *_ = school_csv(row()).splitlines(keepends=True)
    count = len(row())
    short = '100002,"Salford"\r\n'
    long = good.rstrip().replace("100001", "100003") + ',"more"\r\n'
    schools, problems = read_text(tmp_path, header + short + long + "\r\n" + good)
    assert [school.urn for school in schools] == [100001]
    assert [(problem.line, problem.column) for problem in problems] == [(2, None), (3, None)]
    assert [problem.message for problem in problems] == [
        f"the row has 2 fields where the header has {count}",
        f"the row has {count + 1} fields where the header has {count}",
    ]


def test_an_open_quotation_mark_spoils_only_its_own_row(tmp_path: Path) -> None:
    rows = [row(100000 + number) for number in range(40)]
    lines = school_csv(*rows).splitlines(keepends=True)
    lines[5] = lines[5].replace('Primary School"', "Primary School")
    schools, (problem,) = read_text(tmp_path, "".join(lines))
    assert problem.line == 6
    assert len(schools) == 39
    assert [school.line for school in schools] == [2, 3, 4, 5, *range(7, 42)]


def test_a_cell_may_run_over_lines(tmp_path: Path) -> None:
    schools, problems = read_text(
        tmp_path, school_csv(row(Street="School House\r\nSchool Lane"), row(100002))
    )
    assert problems == []
    assert [(school.line, school.street) for school in schools] == [
        (2, "School House School Lane"),
        (4, "School Lane"),
    ]


def test_a_file_in_utf8_without_a_mark_is_read_too(tmp_path: Path) -> None:
    schools, problems = read_text(
        tmp_path,
        school_csv(
            row(EstablishmentName="École Hill", **{"Trusts (name)": "FIERTÉ TRUST"}),
            row(100002, EstablishmentName="Môr – 180°"),
            row(100003, Town="Lân"),
        ),
        "utf-8",
    )
    assert problems == []
    assert [(school.name, school.trust_name, school.town) for school in schools] == [
        ("École Hill", "FIERTÉ TRUST", "Salford"),
        ("Môr – 180°", None, "Salford"),
        ("St Paul's CofE Primary School", None, "Lân"),
    ]


def test_rows_of_either_encoding_may_stand_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "edubasealldata.csv"
    in_utf8 = school_csv(row(Town="Môr")).encode("utf-8")
    _, in_cp1252 = school_csv(row(100002, Town="Lân")).split("\r\n", 1)
    path.write_bytes(in_utf8 + in_cp1252.encode("cp1252"))
    schools, _, problems = read(path)
    assert ([school.town for school in schools], problems) == (["Môr", "Lân"], [])


def test_a_file_that_says_it_is_utf8_is_read_as_that(tmp_path: Path) -> None:
    (school,), problems = read_text(
        tmp_path, school_csv(row(EstablishmentName="Awel Y Môr – 180°")), "utf-8-sig"
    )
    assert (school.name, problems) == ("Awel Y Môr – 180°", [])


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "edubasealldata.csv"
    text = school_csv(row(), row(100002, Town="Sal?ord")).encode().replace(b"?", b"\x81")
    path.write_bytes(text)
    schools, _, (problem,) = read(path)
    assert [school.town for school in schools] == ["Salford", None]
    assert (problem.line, problem.column) == (3, "Town")
    assert "is not in cp1252" in problem.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (school_csv(row()).encode("utf-16"), "UTF-16"),
        (school_csv(row()).encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04 and then nothing", "damaged or incomplete zip"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "lacks the columns"),
        (b"name,town\r\nA,B\r\n", "lacks the columns “URN”, “EstablishmentName”"),
        (school_csv(row()).replace("\r\n", "\r").encode(), "its first line has no end"),
        (school_csv(row()).split("\r\n")[0].encode(), "holds no school"),
        (links_csv().encode(), "only the links file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    with pytest.raises(RegisterError, match=message):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"none\.zip cannot be read: No such file"):
        read(tmp_path / "none.zip")
    with pytest.raises(RegisterError, match="cannot be read"):
        read(tmp_path)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(RegisterError, match=r"other\.zip holds no edubasealldata….csv"):
        read(path)


def test_a_zip_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = register_zip(tmp_path / "register.zip", school_csv(*map(row, range(100000, 100050))))
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    with pytest.raises(RegisterError, match="is damaged and cannot be read"):
        read(path)


def test_two_registers_at_once_are_refused(tmp_path: Path) -> None:
    one = register_zip(tmp_path / "one.zip", school_csv(row()))
    with pytest.raises(RegisterError, match="one register at a time"):
        read(one, one)


def test_a_broken_link_is_a_problem_of_the_links_file(tmp_path: Path) -> None:
    links = links_csv((100001, 5, "Successor", ""), (100001, 100002, "Successor", "30-02-2020"))
    _, found, problems = read(register_zip(tmp_path / "r.zip", school_csv(row()), links))
    assert found == [LinkRow(100001, 100002, "Successor")]
    assert [(p.file, p.line, p.column) for p in problems] == [
        ("links_edubasealldata20250422.csv", 2, "LinkURN"),
        ("links_edubasealldata20250422.csv", 3, "LinkEstablishedDate"),
    ]


def test_nothing_about_people_is_read(tmp_path: Path) -> None:
    personal = {
        "HeadTitle (name)": "Dr",
        "HeadFirstName": "Xanthe",
        "HeadLastName": "Quillfeather",
        "HeadPreferredJobTitle": "Headmistress",
        "TelephoneNum": "01614960000",
        "MainEmail": "xanthe@example.org",
    }
    (school,), problems = read_text(tmp_path, school_csv({**row(URN="100001"), **personal}))
    kept = " ".join(str(value) for value in asdict(school).values())
    assert problems == []
    assert not [value for value in personal.values() if value in kept]


def test_what_is_read_fits_into_the_tables() -> None:
    facts = {field.name for field in fields(SchoolRow)}
    tables = {
        "local_authority_code": LocalAuthority.code,
        "local_authority_name": LocalAuthority.name,
        "trust_code": Trust.code,
        "trust_name": Trust.name,
    }
    for column in COLUMNS:
        assert column.fact in facts
        kept_in = tables.get(column.fact) or getattr(School, column.fact)
        if isinstance(kept_in.type, sa.String):
            with pytest.raises(UnreadableError):
                column.read("9" * (kept_in.type.length + 1))


@given(
    st.binary(max_size=300),
    st.integers(min_value=0, max_value=2000),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_whatever_is_in_a_file_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int, mark: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    good = mark + school_csv(row(), row(100002), row(100003)).encode()
    path.write_bytes(good[:place] + noise + good[place:])
    with suppress(RegisterError):
        schools, _, problems = read(path)
        assert all(10_000 <= school.urn < 10_000_000 for school in schools)
        assert all(problem.line > 1 and str(problem) for problem in problems)
