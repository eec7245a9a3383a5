"""The parsers: published forms, files cut off, changed columns, garbage."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.errors import BongsuError, SourceError
from bongsu.screen.entry import Entry, Kind
from bongsu.screen.lists.common import date, imo_company_valid, imo_valid
from bongsu.screen.lists.load import read_list, shipped
from bongsu.screen.wallets import key

RONIN = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"

UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09Z"><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID>
<FIRST_NAME>KIM</FIRST_NAME><SECOND_NAME>YONG CHOL</SECOND_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE>
<REFERENCE_NUMBER>KPi.999</REFERENCE_NUMBER><LISTED_ON>2016-03-02</LISTED_ON>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Kim Young Chul; Young-Chol Kim</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><YEAR>1968</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>472310082</NUMBER></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL></INDIVIDUALS><ENTITIES><ENTITY><FIRST_NAME>SOME BANK</FIRST_NAME><REFERENCE_NUMBER>KPe.999</REFERENCE_NUMBER>
<UN_LIST_TYPE>DPRK</UN_LIST_TYPE></ENTITY></ENTITIES></CONSOLIDATED_LIST>"""
EU = """<?xml version="1.0" encoding="UTF-8"?><export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-07-20T10:05:36">
<sanctionEntity euReferenceNumber="EU.27.28" logicalId="13"><regulation programme="PRK"/>
<subjectType code="person" classificationCode="P"/>
<nameAlias firstName="Yong Chol" lastName="Kim" wholeName="Kim Yong Chol" strong="true"/><nameAlias wholeName="김영철" strong="false"/>
<birthdate birthdate="1968-02-18" city="Pyongyang" countryDescription="NORTH KOREA"/>
<identification identificationTypeCode="passport" number="472310082"/>
<citizenship countryDescription="NORTH KOREA"/></sanctionEntity></export>"""
UK = """<?xml version="1.0"?><Designations><DateFileCreated>27/01/2026</DateFileCreated><Designation><UniqueID>DPR0001</UniqueID>
<Names><Name><Name6>Alias Only</Name6><NameType>Alias</NameType></Name>
<Name><Name1>YONG CHOL</Name1><Name6>KIM</Name6><NameType>Primary name</NameType></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>김영철</NameNonLatinScript></NonLatinName></NonLatinNames>
<RegimeName>DPRK</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip><IndividualDetails><Individual>
<DOBs><DOB>dd/mm/1968</DOB><DOB>18/02/1968</DOB></DOBs><PassportDetails><Passport><PassportNumber>472310082</PassportNumber></Passport>
</PassportDetails></Individual></IndividualDetails></Designation><Designation><UniqueID>DPR0002</UniqueID><Names><Name>
<Name6>CHONG CHON GANG</Name6><NameType>Primary Name</NameType></Name></Names><IndividualEntityShip>Ship</IndividualEntityShip>
<ShipDetails><Ship><IMONumbers><IMONumber>7937317</IMONumber></IMONumbers></Ship></ShipDetails></Designation></Designations>"""
SDN = f"""<?xml version="1.0"?><sdnList xmlns="http://tempuri.org/sdnList.xsd"><publshInformation><Publish_Date>02/24/2026</Publish_Date>
</publshInformation><sdnEntry><uid>27307</uid><lastName>LAZARUS GROUP</lastName><sdnType>Entity</sdnType>
<programList><program>DPRK3</program></programList><idList><id><uid>1</uid><idType>Digital Currency Address - ETH</idType>
<idNumber>{RONIN}</idNumber></id></idList><akaList><aka><uid>2</uid><type>a.k.a.</type><category>weak</category>
<lastName>HIDDEN COBRA</lastName></aka></akaList></sdnEntry></sdnList>"""
ADVANCED = f"""<?xml version="1.0"?>
<Sanctions xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML">
<DateOfIssue CalendarTypeID="1"><Year>2026</Year><Month>3</Month><Day>12</Day></DateOfIssue>
<ReferenceValueSets><AliasTypeValues><AliasType ID="1400">A.K.A.</AliasType><AliasType ID="1403">Name</AliasType></AliasTypeValues>
<FeatureTypeValues><FeatureType ID="345">Digital Currency Address - ETH</FeatureType><FeatureType ID="8">Birthdate</FeatureType>
</FeatureTypeValues><NamePartTypeValues><NamePartType ID="1520">Last Name</NamePartType><NamePartType ID="1521">First Name</NamePartType>
</NamePartTypeValues><IDRegDocTypeValues><IDRegDocType ID="1571">Passport</IDRegDocType></IDRegDocTypeValues></ReferenceValueSets>
<IDRegDocuments><IDRegDocument ID="1" IDRegDocTypeID="1571" IdentityID="7"><IDRegistrationNo>472310082</IDRegistrationNo></IDRegDocument>
</IDRegDocuments><DistinctParties><DistinctParty FixedRef="24918"><Profile ID="24918" PartySubTypeID="4"><Identity ID="7">
<Alias AliasTypeID="1400" Primary="false" LowQuality="true"><DocumentedName><DocumentedNamePart>
<NamePartValue NamePartGroupID="11">PAK</NamePartValue></DocumentedNamePart><DocumentedNamePart>
<NamePartValue NamePartGroupID="12">Jin Hek</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
<Alias AliasTypeID="1403" Primary="true"><DocumentedName><DocumentedNamePart><NamePartValue NamePartGroupID="11">PARK</NamePartValue>
</DocumentedNamePart><DocumentedNamePart><NamePartValue NamePartGroupID="12">Jin Hyok</NamePartValue></DocumentedNamePart></DocumentedName>
<DocumentedName><DocumentedNamePart><NamePartValue NamePartGroupID="11">박</NamePartValue></DocumentedNamePart>
<DocumentedNamePart><NamePartValue NamePartGroupID="12">진혁</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
<NamePartGroups><MasterNamePartGroup><NamePartGroup ID="11" NamePartTypeID="1520"/></MasterNamePartGroup>
<MasterNamePartGroup><NamePartGroup ID="12" NamePartTypeID="1521"/></MasterNamePartGroup></NamePartGroups></Identity>
<Feature FeatureTypeID="345"><FeatureVersion><VersionDetail DetailTypeID="1432">{RONIN}</VersionDetail></FeatureVersion></Feature>
<Feature FeatureTypeID="8"><FeatureVersion><DatePeriod><Start><From><Year>1984</Year><Month>8</Month><Day>15</Day></From></Start>
<End><To><Year>1984</Year><Month>8</Month><Day>15</Day></To></End></DatePeriod></FeatureVersion></Feature></Profile></DistinctParty>
</DistinctParties><SanctionsEntries><SanctionsEntry ProfileID="24918"><SanctionsMeasure><Comment>DPRK3</Comment></SanctionsMeasure>
</SanctionsEntry></SanctionsEntries></Sanctions>"""
FORMS = {"un.xml": UN, "eu.xml": EU, "uk.xml": UK, "sdn.xml": SDN, "sdn_advanced.xml": ADVANCED}


def _read(folder: Path, name: str, text: str) -> list[Entry]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read_list(path).entries)


def test_the_un_list(tmp_path: Path) -> None:
    person, body = _read(tmp_path, "un.xml", UN)
    assert [n.text for n in person.names] == ["KIM YONG CHOL", "Kim Young Chul", "Young-Chol Kim"]
    assert person.names[1].weak
    assert (person.births, person.ids, person.listed_on) == (("1968",), (("Passport", "472310082"),), "2016-03-02")
    assert (body.id, body.kind) == ("KPe.999", Kind.ORGANISATION)


def test_the_eu_list(tmp_path: Path) -> None:
    (person,) = _read(tmp_path, "eu.xml", EU)
    assert [n.text for n in person.names] == ["Kim Yong Chol", "김영철"]
    assert (person.kind, person.births, person.ids) == (Kind.PERSON, ("1968-02-18",), (("passport", "472310082"),))


def test_the_uk_list(tmp_path: Path) -> None:
    person, ship = _read(tmp_path, "uk.xml", UK)
    assert [n.text for n in person.names] == ["KIM, YONG CHOL", "Alias Only", "김영철"]
    assert (person.births, ship.imo, ship.kind) == (("1968", "1968-02-18"), ("7937317",), Kind.VESSEL)


def test_ofac_sdn_xml(tmp_path: Path) -> None:
    (body,) = _read(tmp_path, "sdn.xml", SDN)
    assert (body.names[0].text, body.names[1].weak, body.wallets[0].ticker) == ("LAZARUS GROUP", True, "ETH")


def test_ofac_advanced_xml_with_names_in_two_scripts(tmp_path: Path) -> None:
    (person,) = _read(tmp_path, "a.xml", ADVANCED)
    assert [n.text for n in person.names] == ["PARK, Jin Hyok", "PAK, Jin Hek", "박, 진혁"]
    assert (person.kind, person.births, person.programs) == (Kind.PERSON, ("1984-08-15",), ("DPRK3",))
    assert (person.wallets[0].text, person.ids) == (RONIN, (("Passport", "472310082"),))


def test_ofac_csv_whose_remarks_run_over(tmp_path: Path) -> None:
    none = ",-0- " * 7
    remark = "DOB 15 Aug 1984; POB Pyongyang, North Korea; Digital Currency Address - XBT 1EfMVkxQQuZfBdocpJu6R"
    (tmp_path / "sdn.csv").write_text(
        f'24918,"PARK, Jin Hyok","individual","DPRK3"{none},"{remark}"\n\x1a', encoding="utf-8"
    )
    (tmp_path / "sdn_comments.csv").write_text(
        '24918,"UsCJvenQWbQyE; Passport 472310082 (Korea, North)."\n', encoding="utf-8"
    )
    (tmp_path / "alt.csv").write_text('24918,1,"aka","PAK, Jin Hek",-0- \n', encoding="utf-8")
    listing = read_list(tmp_path / "sdn.csv")
    (person,) = listing.entries
    assert person.wallets[0].text == "1EfMVkxQQuZfBdocpJu6RUsCJvenQWbQyE"
    assert [n.text for n in person.names] == ["PARK, Jin Hyok", "PAK, Jin Hek"]
    assert (person.births, person.ids, listing.rejected) == (("1984-08-15",), (("Passport", "472310082"),), [])
    assert not listing.complete


def test_japan_mof_workbook(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["北朝鮮のミサイル又は大量破壊兵器計画に関連する者"])
    sheet.append(["告示 番号", "日 本 語 表 記", "英 語 表 記", "別 称 ・ 別 名", "生 年 月 日", "国 籍"])
    sheet.append(["12", "パク・チンヒョク", "PARK Jin Hyok", "a) PAK Jin Hek", "昭和59年8月15日", "北朝鮮"])
    sheet.append([None, None, None, None, "1984", "北朝鮮"])
    book.save(tmp_path / "mof.xlsx")
    listing = read_list(tmp_path / "mof.xlsx")
    (person,) = listing.entries
    assert {n.text for n in person.names} == {"PARK Jin Hyok", "パク・チンヒョク", "PAK Jin Hek"}
    assert person.births == ("1984-08-15",)
    assert len(listing.rejected) == 1


def test_followthemoney_entities(tmp_path: Path) -> None:
    lines = (
        '{"id":"Q1","schema":"Person","properties":{"name":["Park Jin Hyok"],"alias":["박진혁"],"birthDate":["1984-08-15"]}}\n'
        '{"id":"a","schema":"Address","properties":{}}\n{"id":"x","schema":"Person","properties":{}}\nnot json\n'
        f'{{"id":"w","schema":"CryptoWallet","properties":{{"publicKey":["{RONIN}"],"currency":["ETH"]}}}}\n'
    )
    (tmp_path / "entities.ftm.json").write_text(lines, encoding="utf-8")
    listing = read_list(tmp_path / "entities.ftm.json")
    assert [e.id for e in listing.entries] == ["Q1", "w"]
    assert len(listing.rejected) == 2


def test_a_tagpack_as_a_list_of_wallets(tmp_path: Path) -> None:
    text = f"title: t\nlabel: Lazarus\ntags:\n- address: '{RONIN}'\n  currency: ETH\n- address: 0x12\n"
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    listing = read_list(tmp_path / "t.yaml")
    assert (listing.entries[0].names[0].text, len(listing.rejected)) == ("Lazarus", 1)


def test_the_korean_form_with_a_misspelt_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kr.csv").write_text("id,kind,name,hangull\n1,person,Kim,김\n", encoding="utf-8")
    with pytest.raises(SourceError, match="unknown column"):
        read_list(tmp_path / "kr.csv")


def test_the_shipped_list_is_whole_and_its_wallets_pass_their_checksums() -> None:
    listing = shipped()
    assert listing.complete
    assert listing.version == "2026-11-23"
    assert all(key(w.text, w.ticker).checked for e in listing.entries for w in e.wallets)
    assert all(e.source.startswith("https://") for e in listing.entries)


EU_SHIP = """<?xml version="1.0" encoding="UTF-8"?><export xmlns="http://eu.europa.ec/fpi/fsd/export"><sanctionEntity
 euReferenceNumber="EU.1.2" logicalId="9"><subjectType code="enterprise" classificationCode="E"/>
<nameAlias wholeName="CHON MA SAN" function="" strong="true"/><nameAlias wholeName="CHON MA SAN" strong="true"/>
<nameAlias wholeName="Chonma" strong="true" function="Director"><remark>low quality alias</remark></nameAlias>
<birthdate year="1968" month="2" countryDescription="UNKNOWN" countryIso2Code="00"/>
<identification identificationTypeCode="imo" number="8660313"/>
<identification identificationTypeCode="regnumber" number="" latinNumber="AB-12345"/>
<citizenship countryDescription="UNKNOWN" countryIso2Code="00"/>
<address countryDescription="NORTH KOREA"><contactInfo key="EMAIL" value="A@silibank.com and b@co.chesin.com"/></address>
</sanctionEntity></export>"""


def test_the_eu_lists_ships_mails_weak_names_and_unknown_countries(tmp_path: Path) -> None:
    (ship,) = _read(tmp_path, "eu.xml", EU_SHIP)
    assert [(n.text, n.weak) for n in ship.names] == [("CHON MA SAN", False), ("Chonma", True)]
    assert (ship.imo, ship.ids) == (("8660313",), (("regnumber", "AB-12345"),))
    assert (ship.births, ship.countries, ship.birth_places, ship.positions) == (("1968-02",), (), (), ())
    assert ship.emails == ("a@silibank.com", "b@co.chesin.com")


def test_the_uk_lists_registrations_mails_and_variations_of_the_name(tmp_path: Path) -> None:
    more = """<Designation><UniqueID>DPR0003</UniqueID><Names><Name><Name6>Bank B</Name6><NameType>Primary name variation</NameType>
</Name><Name><Name6>BANK A</Name6><NameType>Primary Name</NameType></Name><Name><Name6>Weak</Name6><NameType>ALias</NameType>
<AliasStrength>Low quality a.k.a</AliasStrength></Name></Names><IndividualEntityShip>Entity</IndividualEntityShip>
<EmailAddresses><EmailAddress>a@b.kp; c@d.kp</EmailAddress></EmailAddresses><EntityDetails><Entity><BusinessRegistrationNumbers>
<BusinessRegistrationNumber>BR-99-XY</BusinessRegistrationNumber></BusinessRegistrationNumbers></Entity></EntityDetails></Designation>"""
    text = UK.replace("</Designations>", more + "</Designations>").replace("DateFileCreated", "DateGenerated")
    *_, body = _read(tmp_path, "uk.xml", text)
    assert [(n.text, n.field, n.weak) for n in body.names] == [
        ("BANK A", "name", False), ("Bank B", "alias", False), ("Weak", "alias", True),
    ]  # fmt: skip
    assert (body.ids, body.emails) == ((("registration", "BR-99-XY"),), ("a@b.kp", "c@d.kp"))
    assert read_list(tmp_path / "uk.xml").version == "2026-01-27"


def test_a_range_of_years_in_the_un_list_holds_each_year(tmp_path: Path) -> None:
    text = UN.replace("<YEAR>1968</YEAR>", "<FROM_YEAR>1958</FROM_YEAR><TO_YEAR>1960</TO_YEAR>")
    assert _read(tmp_path, "un.xml", text)[0].births == ("1958", "1959", "1960")


def test_ofacs_places_titles_subtypes_and_ships(tmp_path: Path) -> None:
    text = (
        ADVANCED.replace(
            "</FeatureTypeValues>",
            """<FeatureType ID="10">Nationality Country</FeatureType><FeatureType ID="26">Title</FeatureType>
<FeatureType ID="3">Vessel Flag</FeatureType></FeatureTypeValues><CountryValues><Country ID="11">Korea, North</Country></CountryValues>
<PartyTypeValues><PartyType ID="2">Entity</PartyType></PartyTypeValues>
<PartySubTypeValues><PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType><PartySubType ID="4" PartyTypeID="1">Individual
</PartySubType><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType></PartySubTypeValues>""",
        )
        .replace(
            "<IDRegDocuments>",
            """<Locations><Location ID="5"><LocationCountry CountryID="11"/></Location></Locations><IDRegDocuments>
<IDRegDocument ID="2" IDRegDocTypeID="1626" IdentityID="8"><IDRegistrationNo>IMO 7937317</IDRegistrationNo></IDRegDocument>""",
        )
        .replace(
            "</Profile></DistinctParty>",
            """<Feature FeatureTypeID="10"><FeatureVersion><VersionLocation LocationID="5"/></FeatureVersion></Feature>
<Feature FeatureTypeID="26"><FeatureVersion><VersionDetail DetailTypeID="1432">Programmer</VersionDetail></FeatureVersion></Feature>
</Profile></DistinctParty><DistinctParty FixedRef="2"><Profile ID="2" PartySubTypeID="1"><Identity ID="8"><Alias AliasTypeID="1403"
 Primary="true"><DocumentedName><DocumentedNamePart><NamePartValue NamePartGroupID="1">CHONG CHON GANG</NamePartValue>
</DocumentedNamePart></DocumentedName></Alias></Identity><Feature FeatureTypeID="3"><FeatureVersion><VersionLocation LocationID="5"/>
</FeatureVersion></Feature></Profile></DistinctParty><DistinctParty FixedRef="3"><Profile ID="3" PartySubTypeID="3"><Identity ID="9">
<Alias AliasTypeID="1403" Primary="true"><DocumentedName><DocumentedNamePart><NamePartValue>BANK</NamePartValue></DocumentedNamePart>
</DocumentedName></Alias></Identity></Profile></DistinctParty>""",
        )
        .replace(
            "<SanctionsMeasure>",
            "<EntryEvent><Date><Year>2018</Year><Month>9</Month><Day>6</Day></Date></EntryEvent><SanctionsMeasure>",
        )
    )
    person, ship, body = _read(tmp_path, "a.xml", text)
    assert (person.countries, person.positions, person.listed_on) == (("Korea, North",), ("Programmer",), "2018-09-06")
    assert (ship.kind, ship.imo, ship.flags) == (Kind.VESSEL, ("7937317",), ("Korea, North",))
    assert body.kind is Kind.ORGANISATION


def test_japans_workbook_stacks_names_marks_the_unknown_and_lists_wallets(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["北朝鮮の核関連計画等に関与する者 （団体）"])
    sheet.append(["告示日付", "日本語表記", "英語表記", "別称・旧称", "生年月日", "国籍", "その他の情報"])
    sheet.append(
        [
            45000,
            "ラザルス・グループ",
            "Lazarus Group\nHidden Cobra",
            "（a）APT38（b）不明",
            "不明",
            "不明",
            f"ETH {RONIN} ほか",
        ]
    )
    sheet.append(["2023年3月1日", None, "KIM Someone", None, "(1)1968年2月18日又は1969年", "北朝鮮", None])
    sheet.append(["（注）告示による"])
    book.save(tmp_path / "mof.xlsx")
    listing = read_list(tmp_path / "mof.xlsx")
    body, person = listing.entries
    assert [n.text for n in body.names] == ["Lazarus Group", "Hidden Cobra", "ラザルス・グループ", "APT38"]
    assert (body.kind, body.listed_on, [w.text for w in body.wallets]) == (Kind.ORGANISATION, "2023-03-15", [RONIN])
    assert (person.kind, person.births) == (Kind.PERSON, ("1968-02-18", "1969"))
    assert listing.rejected == []


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("l.xml", b"", "empty"),
        ("l.xml", b"\xef\xbb\xbf\r\n", "empty"),
        ("l.xml", b"<!DOCTYPE html><html><body>503</body></html>", "web server"),
        ("l.xml", b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "web server"),
        ("l.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old form"),
        ("l.xml", b"<sanctionsData><entities/></sanctionsData>", "no list"),
        ("sdn.csv", b'36,"AERO",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"note', "within a line"),
        ("sdn.csv", b'36,"AERO",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n37,"B"\n', "last line"),
        ("kr.csv", "id,kind,name\n1,person,김\n".encode("cp949"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_says_what_it_is(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=word):
        read_list(tmp_path / name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_list_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "un.xml").write_bytes(UN.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding))
    assert read_list(tmp_path / "un.xml").entries[0].names[0].text == "KIM YONG CHOL"


@pytest.mark.parametrize(
    "field", ["INDIVIDUAL_DATE_OF_BIRTH", "NATIONALITY", "INDIVIDUAL_DOCUMENT", "UN_LIST_TYPE", "FIRST_NAME"]
)
def test_a_field_that_moved_raises_the_alarm(lists_folder: Path, tmp_path: Path, field: str) -> None:
    text = (lists_folder / "un-2026-02" / "consolidated.xml").read_text(encoding="utf-8")
    (tmp_path / "un.xml").write_text(text.replace(f"{field}>", f"NEW_{field}>"), encoding="utf-8")
    assert not read_list(tmp_path / "un.xml").complete


def test_ofacs_csv_cut_between_two_lines_raises_the_alarm(lists_folder: Path, tmp_path: Path) -> None:
    folder = lists_folder / "ofac-sdn-2021-07"
    lines = (folder / "sdn.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "sdn.csv").write_bytes(b"".join(lines[:-45]))
    (tmp_path / "alt.csv").write_bytes((folder / "alt.csv").read_bytes())
    assert "cannot be read" in read_list(tmp_path / "sdn.csv").shortage


def test_reading_a_long_list_takes_no_memory(tmp_path: Path) -> None:
    import tracemalloc

    from bongsu.screen.lists.common import elements

    path = tmp_path / "l.xml"
    path.write_text("<r><a>" + "<x><c>text</c></x><b><c>text</c></b>" * 20_000 + "</a></r>", encoding="utf-8")
    tracemalloc.start()
    try:
        assert sum(len(element) for element in elements(path, "b")) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", FORMS)
def test_a_list_cut_anywhere_is_an_error_or_short_but_never_whole(tmp_path: Path, name: str) -> None:
    text = FORMS[name]
    for cut in random.Random(7).sample(range(10, len(text) - 12), 40):
        path = tmp_path / name
        path.write_text(text[:cut], encoding="utf-8")
        with pytest.raises(SourceError) as caught:
            read_list(path)
        assert caught.value.source == str(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=400),
    st.sampled_from([".xml", ".csv", ".json", ".xlsx", ".yaml"]),
    st.sampled_from(["", *FORMS.values()]),
)
def test_garbage_never_breaks_out(tmp_path: Path, junk: bytes, suffix: str, form: str) -> None:
    path = tmp_path / f"junk{suffix}"
    path.write_bytes(form.encode()[: len(form) // 2] + junk)
    try:
        read_list(path)
    except BongsuError as error:
        assert error.source  # noqa: PT017 - only this kind may come, and it names its file


def test_bombs_of_nested_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    (tmp_path / "b.xml").write_text(bomb + "]><CONSOLIDATED_LIST>&j;</CONSOLIDATED_LIST>", encoding="utf-8")
    with pytest.raises(SourceError):
        read_list(tmp_path / "b.xml")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("15 Aug 1984", "1984-08-15"), ("circa 1946", ""), ("1946", "1946"), ("dd/mm/1945", "1945"), ("18/02/1968", "1968-02-18"),
        ("Aug 1984", "1984-08"), ("1984年8月15日", "1984-08-15"), ("1984-08-15T00:00:00", "1984-08-15"), ("99", ""), ("02/1968", "1968-02"),
    ],
)  # fmt: skip
def test_dates_of_the_lists(text: str, iso: str) -> None:
    assert date(text) == (iso or ("1946" if "1946" in text else ""))


def test_check_digits_of_imo_numbers() -> None:
    assert imo_valid("7937317")
    assert not imo_valid("7937318")
    assert imo_company_valid("1790183")
    assert not imo_company_valid("1790184")


def test_a_list_whose_aliases_moved_raises_the_alarm(lists_folder: Path, tmp_path: Path) -> None:
    text = (lists_folder / "un-2026-02" / "consolidated.xml").read_text(encoding="utf-8")
    (tmp_path / "un.xml").write_text(text.replace("_ALIAS>", "_OTHER>"), encoding="utf-8")
    listing = read_list(tmp_path / "un.xml")
    assert len(listing.entries) == 1003
    assert not listing.complete
    assert "aliases are missing" in listing.shortage


def test_the_published_un_list_is_read_whole(lists_folder: Path) -> None:
    listing = read_list(lists_folder / "un-2026-02" / "consolidated.xml")
    assert (len(listing.entries), listing.version, listing.rejected, listing.complete) == (1003, "2026-02-27", [], True)
    assert sum("DPRK" in e.programs for e in listing.entries) == 155


@pytest.mark.slow
def test_the_published_ofac_list_is_read_whole(lists_folder: Path) -> None:
    listing = read_list(lists_folder / "ofac-sdn-2021-07" / "sdn.csv")
    assert (len(listing.entries), listing.rejected, listing.complete) == (8976, [], True)
    assert sum(len(e.wallets) for e in listing.entries) == 80
