"""The words Chinese résumés are written with."""

from __future__ import annotations

import re
from typing import Final, Literal

from modules.recruiting.shapes import Degree


def listed(text: str) -> tuple[str, ...]:
    """The words of ``text``."""
    return tuple(text.split())


Section = Literal["basics", "wish", "education", "work", "intern", "project", "skills", "summary", "other"]

#: heading -> section; the longest that fits counts
_HEADINGS: Final[dict[Section, str]] = {
    "basics": (
        "基本信息 个人信息 个人资料 基本资料 基本情况 个人概况 联系方式 联系信息 个人简历 简历 求职简历 "
        "PERSONAL BASICS PROFILE CONTACT"
    ),
    "wish": "求职意向 求职意愿 期望工作 职业意向 求职目标 应聘意向 OBJECTIVE",
    "education": "教育经历 教育背景 学习经历 教育情况 学历信息 学历背景 教育信息 教育程度 教育 EDUCATION",
    "work": (
        "工作经历 工作经验 工作履历 职业经历 任职经历 从业经历 工作情况 职业履历 工作背景 EXPERIENCE WORK EMPLOYMENT"
    ),
    "intern": "实习经历 实习经验 实习实践 实习 INTERNSHIP",
    "project": "项目经历 项目经验 主要项目 项目 代表项目 项目介绍 科研经历 PROJECTS PROJECT",
    "skills": (
        "专业技能 技能特长 个人技能 掌握技能 职业技能 技能 技能标签 IT技能 技能清单 核心技能 技术栈 技能专长 "
        "专业能力 SKILLS"
    ),
    "summary": "自我评价 个人评价 个人总结 个人简介 个人优势 自我介绍 自我描述 个人描述 职业概述 关于我 SUMMARY ABOUT",
    "other": (
        "证书 资格证书 获奖情况 荣誉奖项 荣誉证书 所获荣誉 奖项荣誉 奖项 获奖经历 培训经历 语言能力 校园经历 "
        "在校经历 社会实践 "
        "兴趣爱好 附加信息 其他信息 其他 职业证书 资质证书 证书资质 培训与证书 论文发表 发表论文 专利 "
        "家庭成员 LANGUAGES CERTIFICATES AWARDS"
    ),
}
HEADINGS: Final[dict[str, Section]] = {word: section for section, words in _HEADINGS.items() for word in words.split()}
_ORNAMENT = re.compile(r"^[\W_一二三四五六七八九十\d]*[、.]\s*|^[^\w一-龥]+|[^\w一-龥]+$")

_DEGREES: Final[tuple[tuple[str, Degree], ...]] = (
    (r"博士后|博士研究生|博士学位|博士|Ph\.?\s?D|Doctor", "doctor"),
    (r"硕士研究生|硕士学位|硕士|研究生|EMBA|MBA|MPA|Master", "master"),
    (r"专升本|大学本科|本科|学士|Bachelor", "bachelor"),
    (r"大学专科|大专|专科|高职|Associate", "associate"),
    (r"高中|中专|职高|中技|技校|初中", "below"),
)
DEGREE: Final = re.compile("|".join(f"(?P<{degree}>{words})" for words, degree in _DEGREES), re.IGNORECASE)

SCHOOL: Final = re.compile(
    r"[一-龥]{2,16}?(?:职业技术大学|大学(?!生|本科|专科|英语|期间|时|毕业|学历|文化)|(?:学院|学校|"
    r"党校)(?!派))(?:\([一-龥]{2,6}\))?"
    r"|(?:University|Institute|College) of [A-Z][A-Za-z ]{2,30}|"
    r"(?:[A-Z][A-Za-z.&]+ ){1,4}(?:University|College|Institute)"
)
#: the end of an employer's name
EMPLOYER: Final = re.compile(
    r"(?:有限责任公司|股份有限公司|有限公司|分公司|子公司|公司|集团|银行|研究院|研究所|设计院|事务所|"
    r"出版社|医院|诊所|报社|电视台"
    r"|工厂|制造厂|厂|酒店|超市|商场|学校|中学|小学|幼儿园|大学|学院|协会|委员会|管理局|局|工作室|俱乐部|"
    r"基金会|合作社|餐厅|中心"
    r"|Ltd\.?|Inc\.?|Co\.?|GmbH|LLC|Corporation|Group)(?:\([^()]{1,20}\))?[一-龥]{0,6}(?:分行|支行|分公司|"
    r"分院|分店|总部)?$",
    re.IGNORECASE,
)
_TITLE_ENDS: Final = listed(
    "工程师 经理 总监 主管 专员 助理 顾问 架构师 设计师 分析师 会计 会计师 出纳 教师 老师 讲师 教授 医生 "
    "医师 护士 护士长 律师 编辑 记者 销售 代表 司机 店长 主任 部长 总裁 副总裁 总经理 董事长 总助 CEO "
    "CTO CFO COO HRBP HRD HRM PM 实习生 研究员 程序员 运营 开发 产品 翻译 文员 秘书 技术员 操作工 班长 "
    "组长 厂长 采购 采购员 客服 策划 审计 审计师 法务 合伙人 负责人 专家 科长 处长 院长 科员 人事 前台 "
    "行政 财务 技师 药师 检验员 质检员 质量员 仓管员 施工员 造价师 培训师 咨询师 摄影师 剪辑师 厨师 保安 "
    "队长 站长 校长 班主任 管培生 培训生 测试 前端 后端 算法 架构 文案 美工 导购 收银员 业务员 Leader "
    "Engineer Manager Director Developer Analyst Designer Consultant Specialist Assistant Intern"
)
TITLE: Final = re.compile(
    r"(?:"
    + "|".join(sorted(map(re.escape, _TITLE_ENDS), key=len, reverse=True))
    + r")(?:\([^()]{1,14}\)|[IVX]{1,3}|\d)?$",
    re.IGNORECASE,
)
DEPARTMENT: Final = re.compile(r"(?:部|部门|事业部|事业群|科室|科|室|处|项目组|组|团队|中心|BU)$")
INTERN: Final = re.compile(r"实习|兼职|Intern", re.IGNORECASE)

CITIES: Final = listed(
    "北京 上海 广州 深圳 杭州 南京 苏州 成都 重庆 武汉 西安 天津 长沙 郑州 青岛 济南 大连 沈阳 长春 "
    "哈尔滨 石家庄 太原 合肥 福州 厦门 南昌 昆明 贵阳 南宁 海口 三亚 兰州 西宁 银川 乌鲁木齐 拉萨 "
    "呼和浩特 无锡 常州 南通 扬州 徐州 镇江 泰州 盐城 宁波 温州 嘉兴 绍兴 金华 台州 湖州 佛山 东莞 珠海 "
    "中山 惠州 汕头 江门 湛江 肇庆 烟台 潍坊 威海 临沂 淄博 济宁 泉州 漳州 洛阳 南阳 新乡 宜昌 襄阳 荆州 "
    "株洲 湘潭 衡阳 岳阳 绵阳 德阳 宜宾 芜湖 蚌埠 赣州 九江 桂林 柳州 遵义 大理 咸阳 宝鸡 唐山 保定 廊坊 "
    "秦皇岛 邯郸 包头 鄂尔多斯 大同 鞍山 吉林 大庆 香港 澳门 台北 昆山 义乌"
)
CITY: Final = re.compile("|".join(CITIES))

_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔"
    "白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦"
    "申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁"
    "时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车"
    "冉房边辜吉饶瞿戚丘米池闫肖付卞蓝佟古冷符宫连"
    "骆蒲苟娄窦岑束符郁宗应荣劳滕储糜桑匡燕蔺苑艾鄢晏栾冼敖巫明鹿师穆鞠仇逄展候代邬麦桑敬楚臧"
)
_DOUBLE: Final = listed("欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 夏侯 端木 南宫 独孤")
#: a Chinese name as it stands alone, with a surname that people have
NAME: Final = re.compile(rf"(?:(?:{'|'.join(_DOUBLE)})[一-龥]{{1,2}}|[{_SURNAMES}][一-龥]{{1,2}})")
NOT_A_NAME: Final = re.compile(
    r"简历|简介|信息|经历|经验|教育|工作|项目|技能|评价|意向|电话|手机|邮箱|地址|学历|学位|专业|毕业|公司|"
    r"大学|学院|部门|职位|职责|业绩|方向|开发|运营|产品|设计|管理"
    r"|工程|财务|会计|销售|市场|人事|行政|经理|主管|总监|专员|顾问|助理|教师|医生|护士|律师|男|女|岁|年|"
    r"月|汉族|党员|团员|群众|未婚|已婚|本科|硕士|博士|大专|应聘"
    r"|求职|个人|基本|联系|出生|籍贯|户口|现居|城市|期望|自我|荣誉|证书|奖|语言|英语|兴趣|爱好|时间|关于|"
    r"成就|目标|能力|优势|特长|程序|计算|软件|数据|金融|法务|方案|文案|白板"
)


def heading(text: str) -> Section | None:
    """The section that ``text`` begins, if it is nothing but a heading."""
    bare = _ORNAMENT.sub("", text.replace("\t", " ").strip())
    bare = _ORNAMENT.sub("", bare)
    squeezed = re.sub(r"(?<=[一-龥]) +(?=[一-龥])", "", bare)
    if not squeezed or len(squeezed) > 30:
        return None
    for word in (squeezed, re.split(r"[ /|&()]+", squeezed)[0]):
        if word in HEADINGS:
            return HEADINGS[word] if word == squeezed or _foreign(squeezed[len(word) :]) else None
    return HEADINGS.get(squeezed.upper().split()[0]) if squeezed.isupper() or squeezed.istitle() else None


def _foreign(rest: str) -> bool:
    """After a heading only its English, or another heading."""
    rest = rest.strip(" /|&()")
    return rest.isascii() or rest in HEADINGS


def is_heading(text: str) -> bool:
    return heading(text) is not None


def degree_of(text: str) -> Degree:
    """The highest degree named in ``text``; "" without any."""
    order: tuple[Degree, ...] = ("doctor", "master", "bachelor", "associate", "below")
    named = {match.lastgroup for match in DEGREE.finditer(text)}
    found: Degree = ""
    for degree in reversed(order):
        found = degree if degree in named else found
    return found
