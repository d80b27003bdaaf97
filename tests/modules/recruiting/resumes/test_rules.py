"""The rules on text alone: what each layout's words come to."""

from __future__ import annotations

import datetime

import pytest

from modules.recruiting.resumes.document import Line, document, plain
from modules.recruiting.resumes.readers.layout import Piece, lines_of
from modules.recruiting.resumes.rules import extract
from modules.recruiting.resumes.rules.dates import Period, periods, worked_months
from modules.recruiting.resumes.rules.education import school_in
from modules.recruiting.resumes.rules.person import month_fen
from modules.recruiting.resumes.rules.words import degree_of, heading
from modules.recruiting.resumes.schemas import Parsed

TODAY = datetime.date(2026, 11, 1)


def read(text: str, name: str = "") -> Parsed:
    lines = [Line(line) for line in text.strip("\n").split("\n")]
    return extract(document(lines, pages=1, format="text", most_chars=100_000), today=TODAY, name=name)


def month(year: int, number: int) -> int:
    return year * 12 + number


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2018.09-2022.06", (2018, 9), (2022, 6)),
        ("2018年9月—2022年6月", (2018, 9), (2022, 6)),
        ("2018/09 ~ 2022/06", (2018, 9), (2022, 6)),
        ("2018-09 至 2022-06", (2018, 9), (2022, 6)),
        ("201809-202206", (2018, 9), (2022, 6)),
        ("2018.9.1-2022.6.30", (2018, 9), (2022, 6)),
        ("Sep 2018 - Jun 2022", (2018, 9), (2022, 6)),
        ("2018年9月—至今", (2018, 9), (2026, 11)),
        ("2018.09至今", (2018, 9), (2026, 11)),
        ("2018/09 - Present", (2018, 9), (2026, 11)),
        ("2018-2022", (2018, 1), (2022, 12)),
    ],
)
def test_a_period_is_read_however_it_is_written(text: str, since: tuple[int, int], until: tuple[int, int]) -> None:
    [(_match, period)] = periods(plain(f"在 {text} 某公司"), TODAY)
    assert (period.since, period.until) == (month(*since), month(*until))


@pytest.mark.parametrize("text", ["2022.06-2018.09", "2030.01-2031.01", "13800138000", "2018.09", "010-88886666"])
def test_what_is_no_period_is_not_taken_for_one(text: str) -> None:
    assert periods(text, TODAY) == []


def test_months_at_two_jobs_count_once() -> None:
    one = Period(month(2018, 1), month(2019, 12))
    within = Period(month(2018, 6), month(2018, 9))
    across = Period(month(2019, 11), month(2020, 1))
    assert worked_months([one], TODAY) == 24
    assert worked_months([one, within], TODAY) == 24
    assert worked_months([one, within, across], TODAY) == 25
    assert worked_months([Period(month(2026, 10), month(2030, 1))], TODAY) == 2
    assert worked_months([Period(month(2018, 1), month(2020, 12), rough=True)], TODAY) == 24


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("硕士研究生", "master"),
        ("博士研究生", "doctor"),
        ("研究生", "master"),
        ("大学本科", "bachelor"),
        ("专升本", "bachelor"),
        ("大专", "associate"),
        ("中专", "below"),
        ("本科/硕士", "master"),
        ("MBA", "master"),
        ("汉族", ""),
    ],
)
def test_degrees(text: str, degree: str) -> None:
    assert degree_of(text) == degree


@pytest.mark.parametrize(
    ("text", "school"),
    [
        ("2012.09-2016.06 江城大学 会计学", "江城大学"),
        ("毕业院校:江城职业技术学院", "江城职业技术学院"),
        ("江城大学光华管理学院", "江城大学"),
        ("University of Jiangcheng", "University of Jiangcheng"),
        ("大学期间担任班长", ""),
        ("大学本科", ""),
    ],
)
def test_schools(text: str, school: str) -> None:
    assert school_in(text) == school


@pytest.mark.parametrize(
    "text",
    ["教育经历", "■ 工作经验", "一、教育背景", "教育背景 / Education", "【自我评价】", "EDUCATION", "工 作 经 历"],
)
def test_headings(text: str) -> None:
    assert heading(plain(text)) is not None


@pytest.mark.parametrize("text", ["教育经历丰富", "工作经验5年", "王小明", "2018.09-2022.06", ""])
def test_lines_that_are_no_headings(text: str) -> None:
    assert heading(text) is None


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("15-20K", 1_500_000),
        ("1.5万-2万/月", 1_500_000),
        ("15000-20000元/月", 1_500_000),
        ("年薪36万", 3_000_000),
        ("面议", None),
        ("5", None),
    ],
)
def test_a_wish_of_pay_is_a_months_lower_end(text: str, fen: int | None) -> None:
    assert month_fen(text) == fen


LABELLED = """
个人简历
姓 名:王小明\t性 别:女
出生年月:1990年3月\t现居住地:上海市浦东新区
联系电话:138-0000-8000\t电子邮箱:wang@example.com
教育背景
2012.09-2015.06\t江城大学\t会计学\t硕士研究生
2008.09-2012.06\t临江大学\t会计学\t本科
工作经历
2018.07-至今\t北京云帆科技有限公司\t财务经理
负责与深圳某客户公司对接，2019年获得优秀员工
2015.07-2018.08\t上海星河集团\t会计
专业技能
Excel、用友、税务申报
"""


def test_labelled() -> None:
    parsed = read(LABELLED)
    assert parsed.name is not None
    assert parsed.name.value == "王小明"
    assert parsed.mobile is not None
    assert parsed.mobile.value == "13800008000"
    assert parsed.mail is not None
    assert parsed.mail.value == "wang@example.com"
    assert parsed.gender is not None
    assert parsed.gender.value == "female"
    assert parsed.birth is not None
    assert parsed.birth.value == "1990-03"
    assert parsed.degree is not None
    assert parsed.degree.value == "master"
    assert parsed.school is not None
    assert parsed.school.value == "江城大学"
    assert parsed.major is not None
    assert parsed.major.value == "会计学"
    assert parsed.employer is not None
    assert parsed.employer.value == "北京云帆科技有限公司"
    assert parsed.title is not None
    assert parsed.title.value == "财务经理"
    assert parsed.city is not None
    assert parsed.city.value == "上海"
    assert parsed.years is not None
    # 2015.07 to 2026.11 with two months at both: 137 months
    assert parsed.years.value == 11.4
    assert [skill.value for skill in parsed.skills] == ["Excel", "用友", "税务申报"]
    assert [(entry.value.school, entry.value.degree) for entry in parsed.education] == [
        ("江城大学", "master"),
        ("临江大学", "bachelor"),
    ]


def test_every_value_is_where_it_says() -> None:
    parsed = read(LABELLED)
    for one in (parsed.name, parsed.mobile, parsed.mail, parsed.school, parsed.employer, parsed.years):
        assert one is not None
        assert parsed.text[one.start : one.end].startswith(one.source)
        assert 0 < one.confidence <= 1
    assert parsed.mobile is not None
    assert parsed.text[parsed.mobile.start : parsed.mobile.end] == "138-0000-8000"


def test_without_labels_the_doubt_is_greater() -> None:
    bare = read("王小明\n女 | 28岁 | 本科 | 上海\n13800008000  wang@example.com\n教育经历\n江城大学 会计学 本科")
    assert bare.name is not None
    assert bare.name.value == "王小明"
    labelled = read(LABELLED).name
    assert labelled is not None
    assert bare.name.confidence < labelled.confidence
    assert bare.city is not None
    assert bare.city.value == "上海"


@pytest.mark.parametrize("first", ["个人简历", "求职简历", "高级产品经理", "金融数据分析", "市场营销"])
def test_other_words_at_the_top_are_no_names(first: str) -> None:
    parsed = read(f"{first}\n13800008000\n工作经历\n2018.09-2020.01 北京云帆科技有限公司 会计")
    assert parsed.name is None


def test_an_employer_above_or_below_its_period() -> None:
    above = read("工作经历\n北京云帆科技有限公司\n2018.09-2020.01\n产品经理\n1. 负责产品")
    below = read("工作经历\n2018.09-2020.01\n北京云帆科技有限公司\n产品经理\n1. 负责产品")
    for parsed in (above, below):
        [job] = parsed.experience
        assert (job.value.employer, job.value.title) == ("北京云帆科技有限公司", "产品经理")
        assert (job.value.since, job.value.until) == ("2018-09", "2020-01")


def test_an_internship_is_no_year_of_work() -> None:
    parsed = read(
        "工作经历\n2024.01-2024.12 北京云帆科技有限公司 会计\n实习经历\n2022.01-2023.12 上海星河集团 财务实习生"
    )
    assert parsed.years is not None
    assert parsed.years.value == 1.0
    assert parsed.employer is not None
    assert parsed.employer.value == "北京云帆科技有限公司"
    assert len(parsed.experience) == 2


def test_stated_years_stand_in_and_confirm() -> None:
    alone = read("王小明 | 男 | 5年工作经验 | 本科")
    assert alone.years is not None
    assert alone.years.value == 5
    agreed = read("5年工作经验\n工作经历\n2021.01-2025.12 北京云帆科技有限公司 会计").years
    differing = read("9年工作经验\n工作经历\n2021.01-2025.12 北京云帆科技有限公司 会计").years
    assert agreed is not None
    assert differing is not None
    assert agreed.value == differing.value == 5
    assert agreed.confidence > differing.confidence


def test_a_form_of_cells() -> None:
    parsed = read("姓名\t王小明\t性别\t男\n学历\t本科\t毕业院校\t江城大学\n手机\t13800008000\t邮箱\twang@example.com")
    assert parsed.name is not None
    assert parsed.name.value == "王小明"
    assert parsed.school is not None
    assert parsed.school.value == "江城大学"
    assert parsed.degree is not None
    assert parsed.degree.value == "bachelor"


def test_an_empty_text_has_nothing() -> None:
    parsed = read("你好")
    fields = (parsed.name, parsed.mobile, parsed.mail, parsed.degree, parsed.school, parsed.employer, parsed.years)
    assert fields == (None,) * 7


def test_columns_are_read_down_and_tables_across() -> None:
    left = ["教育经历", "江城大学", "会计学", "本科", "专业技能", "Excel"]
    right = ["工作经历", "北京云帆科技有限公司", "会计", "负责总账", "上海星河集团", "出纳"]
    pieces = [Piece(text, 10, 90, 20 + 20 * row, 10) for row, text in enumerate(left)]
    pieces += [Piece(text, 200, 380, 25 + 20 * row, 10) for row, text in enumerate(right)]
    assert [line.text for line in lines_of(pieces, 1)] == left + right
    cells = [Piece(f"左{row}", 10, 40, 20 * row, 10) for row in range(8)]
    cells += [Piece(f"右{row}", 200, 240, 20 * row, 10) for row in range(8)]
    assert [line.text for line in lines_of(cells, 1)] == [f"左{row}\t右{row}" for row in range(8)]


def test_text_is_made_plain() -> None:
    assert plain("１３８００００８０００") == "13800008000"
    assert plain("⼯作") == "工作"
    assert plain("a\u200bb\u202ec") == "abc"
