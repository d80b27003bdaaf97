"""People who do not exist: names, schools and employers are put together by chance."""

from __future__ import annotations

import datetime
import random
from typing import Final

import msgspec

from modules.recruiting.resumes.rules.words import listed
from modules.recruiting.shapes import Degree

#: the day these people wrote their résumés
TODAY: Final = datetime.date(2026, 11, 1)

_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙朱高林何郭罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜"
    "戴夏钟汪田任姜范方石"
)
_DOUBLES: Final = ("欧阳", "上官", "司马", "诸葛")
_GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂晨宇轩涵欣怡子浩然思睿嘉琪雨婷俊豪梓萱博文雅楠志远晓彤振华国栋建文海燕"
)
_PLACES: Final = listed("江城 临江 东海 南岭 北原 云州 青川 泰安 华清 新湖 长岭 明州 松江 滨海 平原 中岳")
_SCHOOLS: Final = listed("大学 理工大学 师范大学 工业大学 财经大学 科技大学 交通大学 医科大学 工商学院 信息工程学院")
_COLLEGES: Final = ["职业技术学院", "高等专科学校", "工程职业学院", "商务职业学院"]
_BRANDS: Final = listed(
    "云帆 星河 恒瑞达 启明 博远 智联通 金桥 海纳 天行 众诚 华信达 蓝图 慧源 百川 鼎新 盛世 远航 瑞丰 安泰 嘉禾"
)
_TRADES: Final = listed("科技 信息技术 网络 软件 电子商务 生物医药 机械制造 物流 文化传媒 餐饮管理 教育咨询 新能源")
_KINDS: Final = ("有限公司", "有限公司", "股份有限公司", "有限责任公司", "集团")
_OTHERS: Final = ["明州农商银行", "江城会计师事务所", "滨海市第二人民医院", "北原设计研究院", "云州出版社"]
_CITIES: Final = ["北京", "上海", "广州", "深圳", "杭州", "南京", "成都", "武汉", "西安", "苏州", "长沙", "青岛"]
_FIELDS: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "计算机科学与技术": (
        "Python、Java、MySQL、Redis、Linux",
        ("Java开发工程师", "后端工程师", "高级软件工程师", "技术经理", "前端开发工程师"),
        (
            "负责订单系统的设计与开发，接口平均响应时间由 300ms 降到 80ms",
            "参与微服务拆分，与外部公司对接支付接口",
            "带领 5 人小组完成数据平台重构",
        ),
    ),
    "会计学": (
        "Excel、用友U8、金蝶K3、税务申报",
        ("出纳", "总账会计", "财务主管", "审计专员", "财务经理"),
        (
            "负责日常账务处理和月结，编制三大报表",
            "配合会计师事务所完成年度审计",
            "2019年推动费用报销线上化，节省 30% 的人力",
        ),
    ),
    "市场营销": (
        "活动策划、数据分析、Photoshop、新媒体运营",
        ("销售代表", "市场专员", "大客户经理", "区域销售经理", "市场总监"),
        (
            "开拓华东区域客户 40 余家，年销售额 1200 万元",
            "策划并执行品牌活动 20 场",
            "管理 8 人销售团队，连续两年完成目标",
        ),
    ),
    "人力资源管理": (
        "招聘、绩效管理、劳动法、培训",
        ("招聘专员", "人事专员", "HRBP", "人力资源主管", "人力资源经理"),
        ("全年招聘 150 人，平均到岗周期 28 天", "搭建绩效考核制度并在 3 家子公司推广", "处理员工关系与劳动争议"),
    ),
    "机械设计制造及其自动化": (
        "AutoCAD、SolidWorks、PLC",
        ("机械工程师", "结构设计师", "工艺工程师", "生产主管", "质量工程师"),
        ("负责减速机结构设计和出图", "优化装配工艺，良品率由 92% 提高到 97.5%", "与供应商和集团采购部协作降低成本"),
    ),
    "护理学": (
        "静脉穿刺、急救护理、病历书写",
        ("护士", "主管护师", "护士长", "健康顾问"),
        ("负责病区日常护理与健康宣教", "参加急救培训并考核合格", "管理 12 名护士的排班"),
    ),
}


class School(msgspec.Struct, frozen=True):
    name: str
    major: str
    degree: str
    since: str
    until: str


class Job(msgspec.Struct, frozen=True):
    """``since`` and ``until`` are ``YYYY-MM``; an empty ``until`` goes on."""

    employer: str
    title: str
    department: str
    since: str
    until: str
    duties: tuple[str, ...]


class Truth(msgspec.Struct, frozen=True):
    name: str
    mobile: str
    mail: str
    degree: Degree
    school: str
    employer: str
    years: float


class Person(msgspec.Struct, frozen=True):
    """Schools and jobs with the latest first."""

    name: str
    woman: bool
    born: str
    mobile: str
    mail: str
    city: str
    wish: str
    salary: str
    skills: str
    schools: tuple[School, ...]
    jobs: tuple[Job, ...]
    note: str

    @property
    def gender(self) -> str:
        return "女" if self.woman else "男"

    @property
    def age(self) -> int:
        return TODAY.year - int(self.born[:4])

    def truth(self) -> Truth:
        codes: dict[str, Degree] = {
            "博士": "doctor",
            "硕士": "master",
            "硕士研究生": "master",
            "本科": "bachelor",
            "大专": "associate",
        }
        return Truth(
            name=self.name,
            mobile=self.mobile,
            mail=self.mail,
            degree=codes[self.schools[0].degree],
            school=self.schools[0].name,
            employer=self.jobs[0].employer,
            years=self.years,
        )

    @property
    def years(self) -> float:
        """Months with a job, each once, the last included."""
        worked = set()
        for job in self.jobs:
            month = job.since
            while month <= (job.until or f"{TODAY:%Y-%m}"):
                worked.add(month)
                month = _next(month)
        return round(len(worked) / 12, 1)


def _next(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def person(chance: random.Random) -> Person:
    given = "".join(chance.sample(_GIVEN, chance.choice((1, 2, 2, 2))))
    surname = chance.choice(_DOUBLES) if chance.random() < 0.06 else chance.choice(_SURNAMES)
    field = chance.choice(tuple(_FIELDS))
    skills, titles, duties = _FIELDS[field]
    graduated = chance.randint(2008, 2022)
    schools = _schools(chance, field, graduated)
    handle = chance.choice(("wang", "li.na", "zhao_1990", "chen-m", "hr.sun", "zhang")) + str(chance.randint(10, 9999))
    low = chance.randint(8, 30)
    return Person(
        name=surname + given,
        woman=chance.random() < 0.5,
        born=f"{graduated - 22 - len(schools)}-{chance.randint(1, 12):02d}",
        mobile=f"1{chance.choice('3578')}{chance.randint(0, 9)}0000{chance.randint(1000, 9999)}",
        mail=f"{handle}@{chance.choice(('example.com', 'mail.example.cn', 'example.org'))}",
        city=chance.choice(_CITIES),
        wish=titles[-1],
        salary=chance.choice((f"{low}-{low + 5}K", f"{low}000-{low + 4}000元/月")),
        skills=skills,
        schools=schools,
        jobs=_jobs(chance, graduated, titles, duties),
        note=chance.choice(
            (
                "性格开朗，责任心强，善于沟通，能适应出差。",
                "多年行业经验，熟悉本科到硕士人才的培养；曾获 2018 年度优秀员工。",
                "做事认真，学习能力强，希望在公司长期发展。",
            )
        ),
    )


def _schools(chance: random.Random, field: str, graduated: int) -> tuple[School, ...]:
    kind = chance.random()
    if kind < 0.2:
        name = chance.choice(_PLACES) + chance.choice(_COLLEGES)
        return (School(name, field, "大专", f"{graduated - 3}-09", f"{graduated}-06"),)
    first = School(
        chance.choice(_PLACES) + chance.choice(_SCHOOLS), field, "本科", f"{graduated - 4}-09", f"{graduated}-06"
    )
    if kind < 0.65:
        return (first,)
    degree = "博士" if kind > 0.95 else chance.choice(("硕士", "硕士研究生"))
    upper = School(
        chance.choice(_PLACES) + chance.choice(_SCHOOLS[:8]), field, degree, f"{graduated}-09", f"{graduated + 3}-06"
    )
    return (upper, first)


def _jobs(chance: random.Random, graduated: int, titles: tuple[str, ...], duties: tuple[str, ...]) -> tuple[Job, ...]:
    year, month = graduated + 3, 7
    jobs: list[Job] = []
    count = chance.choice((1, 2, 2, 3, 3, 4))
    for number in range(count):
        if year * 12 + month >= TODAY.year * 12 + TODAY.month:
            break
        last = number == count - 1
        since = f"{year:04d}-{month:02d}"
        year, month = _later(year, month, chance.randint(8, 40))
        going_on = last and chance.random() < 0.75
        if year * 12 + month >= TODAY.year * 12 + TODAY.month:
            year, month, going_on = TODAY.year, TODAY.month - 1, True
        until = "" if going_on else f"{year:04d}-{month:02d}"
        jobs.append(
            Job(
                employer=_employer(chance),
                title=titles[min(number, len(titles) - 1)],
                department=chance.choice(("技术部", "市场部", "财务部", "人力资源部", "运营中心", "综合部")),
                since=since,
                until=until,
                duties=tuple(chance.sample(duties, 2)),
            )
        )
        if going_on:
            break
        # a gap, the next month, or two jobs at once
        year, month = _later(year, month, chance.choice((1, 1, 1, 0, 3, 5, -2)))
    return tuple(sorted(jobs, key=lambda job: (job.until or "9999", job.since), reverse=True))


def _later(year: int, month: int, months: int) -> tuple[int, int]:
    number = year * 12 + month - 1 + months
    return number // 12, number % 12 + 1


def _employer(chance: random.Random) -> str:
    if chance.random() < 0.15:
        return chance.choice(_OTHERS)
    brand, trade, kind = chance.choice(_BRANDS), chance.choice(_TRADES), chance.choice(_KINDS)
    city = chance.choice(_CITIES) if chance.random() < 0.7 else ""
    if kind == "集团":
        return f"{brand}{chance.choice(('控股', '实业', ''))}集团"
    return f"{brand}({city}){trade}{kind}" if city and chance.random() < 0.15 else f"{city}{brand}{trade}{kind}"


def period(since: str, until: str, style: int) -> str:
    """The same period as different people write it."""
    if style == 0:
        return f"{_dot(since)}-{_dot(until) if until else '至今'}"
    if style == 1:
        return f"{_cn(since)}—{_cn(until) if until else '至今'}"
    if style == 2:
        return f"{since.replace('-', '/')} ~ {until.replace('-', '/') if until else '至今'}"
    if style == 3:
        return f"{_cn(since)}至{_cn(until) if until else '今'}"
    return f"{since} 至 {until if until else '现在'}"


def _dot(month: str) -> str:
    return month.replace("-", ".")


def _cn(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"
