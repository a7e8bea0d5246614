"""Units as Chinese technical texts write them, and their conversion to base units by pint.

`definitions.txt` holds the units in pint's language; this module knows how they are spelt, how a
compound such as `W/(m·K)` or `元每吨` is put together, and turns a spelling into a `Scale`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

COUNTED = "台套件头只条根片颗粒辆瓶支株口座家处例尾份名张艘架枚户盘桶箱袋批串单笔饼锭棵捻"
"""Classifiers of things: what is counted with them is one dimension."""
_PER = "个项组步窖釜孔床井窝穴炉车层卷盒板管包胎畦块"
"""Further classifiers that stand behind a stroke only, as in 个/mL or kg/窖."""

_CELSIUS = "degree_Celsius"

_NAMES = {
    # ratios
    "percent": "% 个百分点 百分点 个点 wt% vol% at% mol% wt.% vol.% %RH %vol %IACS °Brix Brix °Bx",
    "permille": "‰",
    "per_million": "ppm ppmv ppmw",
    "per_billion": "ppb ppbv",
    "per_billion * 1e-3": "ppt",
    "fold": "倍 余倍 多倍",
    # length
    "meter": "m 米 公尺",
    "kilometer": "km 公里 千米",
    "decimeter": "dm 分米",
    "centimeter": "cm 厘米 公分",
    "millimeter": "mm 毫米",
    "micrometer": "μm um 微米 μ",
    "nanometer": "nm 纳米",
    "picometer": "pm 皮米",
    "angstrom": "Å 埃",
    "silk": "丝",
    "inch": "英寸 寸 吋",
    # mass
    "kilogram": "kg Kg KG 千克 公斤",
    "gram": "g 克",
    "milligram": "mg 毫克",
    "microgram": "μg ug 微克",
    "nanogram": "ng 纳克",
    "picogram": "pg 皮克",
    "tonne": "t 吨",
    "jin": "斤 市斤",
    "liang": "两",
    "dalton": "Da",
    "kilodalton": "kDa",
    # time
    "second": "s sec 秒 秒钟",
    "millisecond": "ms 毫秒",
    "microsecond": "μs us 微秒",
    "nanosecond": "ns 纳秒",
    "picosecond": "ps 皮秒",
    "femtosecond": "fs 飞秒",
    "minute": "min 分钟 mins",
    "hour": "h 小时 个小时 钟头 个钟头 hr",
    "day": "d 天 昼夜 日龄",
    "week": "周 星期 个星期 个周",
    "month": "个月 月龄",
    "year": "a 年 周年 岁 yr",
    "megayear": "Ma",
    "kiloyear": "ka",
    # area and volume
    "meter ** 2": "㎡ 平方米 平米 平方 个平方 平",
    "millimeter ** 2": "平方毫米",
    "centimeter ** 2": "平方厘米",
    "kilometer ** 2": "平方公里 平方千米",
    "hectare": "公顷 hm2 hm² ha",
    "mu_area": "亩",
    "meter ** 3": "㎥ 立方米 立方 方 Nm³ Nm3 标方 标准立方米",
    "centimeter ** 3": "立方厘米 cc",
    "litre": "L 升 公升",
    "millilitre": "mL ml ML 毫升",
    "microlitre": "μL μl uL 微升",
    "nanolitre": "nL nl 纳升",
    # temperature and angle
    _CELSIUS: "℃ °C ºC 摄氏度 度",
    "kelvin": "K 开尔文",
    "degree": "° º",
    "arcminute": "′ 角分",
    "arcsecond": "″ 角秒 arcsec",
    "radian": "rad 弧度",
    "milliradian": "mrad",
    "microradian": "μrad",
    # frequency and rotation
    "hertz": "Hz HZ hz 赫兹 赫",
    "kilohertz": "kHz KHz khz KHZ 千赫 千赫兹",
    "megahertz": "MHz Mhz MHZ 兆赫 兆赫兹",
    "gigahertz": "GHz Ghz GHZ 吉赫",
    "terahertz": "THz 太赫兹",
    "turn / minute": "rpm RPM 转/分 转/分钟 转每分 转每分钟 转 r/min r·min-1 r·min⁻¹",
    "turn / second": "转/秒 r/s 转每秒",
    # force, pressure
    "newton": "N 牛 牛顿",
    "newton * meter": "Nm 牛米",
    "pascal * second": "帕秒 帕·秒",
    "pascal * meter ** 3 / second": "帕立方米每秒 帕·立方米/秒",
    "kilonewton": "kN KN 千牛",
    "meganewton": "MN",
    "millinewton": "mN 毫牛",
    "newton / 100": "cN 厘牛",
    "newton * 10": "daN",
    "kilogram_force": "kgf 公斤力",
    "tonne * 9.80665 * meter / second ** 2": "吨力",
    "pascal": "Pa 帕",
    "kilopascal": "kPa KPa Kpa 千帕",
    "hectopascal": "hPa 百帕",
    "millipascal": "mPa 毫帕",
    "megapascal": "MPa Mpa MPA mpa 兆帕",
    "gigapascal": "GPa Gpa GPA 吉帕",
    "bar": "bar 巴",
    "millibar": "mbar",
    "atmosphere": "atm 大气压 个大气压",
    "millimeter_mercury": "mmHg",
    "torr": "Torr torr",
    # energy, power
    "joule": "J 焦 焦耳",
    "kilojoule": "kJ KJ 千焦",
    "megajoule": "MJ",
    "gigajoule": "GJ",
    "millijoule": "mJ 毫焦",
    "microjoule": "μJ",
    "calorie": "cal 卡路里",
    "kilocalorie": "kcal 千卡 大卡",
    "electron_volt": "eV",
    "kiloelectron_volt": "keV",
    "megaelectron_volt": "MeV",
    "watt": "W 瓦 瓦特",
    "kilowatt": "kW KW kw Kw 千瓦",
    "megawatt": "MW 兆瓦",
    "gigawatt": "GW 吉瓦",
    "milliwatt": "mW 毫瓦",
    "microwatt": "μW uW 微瓦",
    "horsepower": "马力",
    "watt * hour": "Wh W·h 瓦时",
    "kilowatt * hour": "kWh kW·h KWh kwh KWH 千瓦时 度电",
    "megawatt * hour": "MWh MW·h 兆瓦时",
    "gigawatt * hour": "GWh GW·h 吉瓦时",
    # electricity
    "ampere": "A 安 安培",
    "milliampere": "mA 毫安",
    "microampere": "μA uA 微安",
    "nanoampere": "nA 纳安",
    "kiloampere": "kA 千安",
    "ampere * hour": "Ah A·h 安时",
    "milliampere * hour": "mAh mA·h 毫安时",
    "volt": "V 伏 伏特",
    "kilovolt": "kV KV kv Kv 千伏",
    "millivolt": "mV 毫伏",
    "microvolt": "μV uV 微伏",
    "volt_ampere": "VA",
    "kilovolt_ampere": "kVA 千伏安",
    "megavolt_ampere": "MVA",
    "kilowatt * 1": "kvar kVar",
    "megawatt * 1": "Mvar MVar",
    "ohm": "Ω 欧姆 欧",
    "kiloohm": "kΩ 千欧",
    "megaohm": "MΩ 兆欧",
    "milliohm": "mΩ 毫欧",
    "microohm": "μΩ",
    "gigaohm": "GΩ",
    "siemens": "S",
    "millisiemens": "mS",
    "microsiemens": "μS",
    "farad": "F 法拉",
    "millifarad": "mF",
    "microfarad": "μF uF 微法",
    "nanofarad": "nF",
    "picofarad": "pF",
    "henry": "H",
    "microhenry": "μH",
    "millihenry": "mH",
    "coulomb": "C 库仑",
    "picocoulomb": "pC",
    "tesla": "T 特斯拉",
    "millitesla": "mT 毫特",
    "microtesla": "μT",
    "nanotesla": "nT",
    "gauss": "Gs 高斯",
    "oersted": "Oe",
    "kilooersted": "kOe",
    # light, viscosity, radiation, chemistry
    "lumen": "lm 流明",
    "lux": "lx Lx lux 勒克斯",
    "candela": "cd",
    "nit": "nit nits 尼特 个尼特",
    "poise": "P",
    "centipoise": "cP cp 厘泊",
    "centistokes": "cSt",
    "millidarcy": "mD 毫达西",
    "becquerel": "Bq 贝克",
    "kilobecquerel": "kBq",
    "megabecquerel": "MBq",
    "gray": "Gy 戈瑞",
    "megagray": "MGy",
    "kilogray": "kGy",
    "centigray": "cGy",
    "milligray": "mGy",
    "sievert": "Sv",
    "millisievert": "mSv",
    "microsievert": "μSv",
    "mole": "mol 摩尔",
    "millimole": "mmol 毫摩尔",
    "micromole": "μmol umol",
    "nanomole": "nmol",
    "molarity": "M",
    "millimolarity": "mM",
    "micromolarity": "μM",
    "nanomolarity": "nM",
    "international_unit": "IU 国际单位",
    "enzyme_unit": "U",
    "colony": "CFU cfu 菌落",
    "nephelometric": "NTU",
    # scales
    "decibel": "dB db DB dB(A) dBA 分贝",
    "decibel_milliwatt": "dBm",
    "acidity": "pH",
    "rockwell_c": "HRC",
    "rockwell_a": "HRA",
    "rockwell_b": "HRB",
    "vickers": "HV",
    "brinell": "HB HBW HBS",
    "shore_a": "HA",
    "mesh": "目",
    "grade": "级",
    "tex": "tex",
    "decitex": "dtex",
    "base_pair": "bp",
    "kilobase_pair": "kb",
    "megabase_pair": "Mb",
    # information
    "bit": "bit bits 比特 位",
    "kilobit / second": "kbps Kbps kb/s",
    "megabit / second": "Mbps Mb/s 兆比特每秒",
    "gigabit / second": "Gbps Gb/s",
    "terabit / second": "Tbps Tb/s",
    "kilobit": "kbit",
    "megabit": "Mbit",
    "gigabit": "Gbit",
    "byte": "B 字节",
    "kilobyte": "kB KB",
    "megabyte": "MB 兆字节",
    "gigabyte": "GB",
    "terabyte": "TB",
    "pixel": "像素 pixel px",
    "frame": "帧 幅",
    "frame / second": "fps FPS 帧/秒 帧/s 帧每秒",
    # money
    "yuan": "元 块钱 元钱 块 元人民币 RMB",
    "jiao_money": "毛 毛钱 角钱",
    "fen_money": "分钱",
    "dollar": "美元 美金",
    # counts
    "cycle": "次 遍 回 架次 车次 周次 模次 模 炉次 趟",
    "person": "人次",
    "piece": " ".join(COUNTED),
}

_ONLY_IN_COMPOUND = {
    "hm": "100 * meter",
    "l": "litre",
    "r": "turn",
    "分": "minute",
    "月": "month",
    "日": "day",
    "班": "8 * hour",
    "班次": "8 * hour",
    "工": "person",
    "人": "person",
} | {
    f"{count}{spelling}": f"100 * {name}"
    for name, spellings in (
        ("millilitre", "mL ml 毫升"),
        ("gram", "g 克"),
        ("kilometer", "km 公里"),
    )
    for spelling in spellings.split()
    for count in ("100", "100 ", "百")
}
_AMBIGUOUS_ALONE = frozenset(
    ("U", "M", "P", "C", "S", "H", "μ", "′", "位", "两", "菌落", "HA", "幅")
)
"""Spellings that are units only inside a compound (`U/mL`, `S/cm`); alone they are names."""

_PREFIXES = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "m": 1e-3, "μ": 1e-6, "u": 1e-6, "n": 1e-9,
             "p": 1e-12, "f": 1e-15, "太": 1e12, "吉": 1e9, "兆": 1e6, "千": 1e3, "毫": 1e-3, "微": 1e-6,
             "纳": 1e-9, "皮": 1e-12, "飞": 1e-15}  # fmt: skip
_PREFIXED = re.split(
    " ",
    "g s L W J N V A Pa Hz Ω F H Wh W·h Ah A·h VA var eV Sv Gy Bq mol bar S bps bit"
    " 升 秒 瓦 焦 牛 伏 安 帕 赫 赫兹 欧 欧姆 法 法拉 亨 瓦时 安时 伏安 乏 电子伏 西弗 戈瑞 摩尔 西门子 比特",
)
_BY_PREFIX_ALONE = {"var": "watt", "乏": "watt", "bps": "bit / second", "法": "farad", "亨": "henry",
                    "伏安": "volt_ampere", "电子伏": "electron_volt", "西弗": "sievert",
                    "西门子": "siemens"}  # fmt: skip
"""Units that are read with a prefix only: 法 alone is a law, 西门子 a firm."""


def _spellings() -> dict[str, str]:
    """Each spelling with the unit in pint's names, those of the table before composed ones."""
    listed = {spelling: name for name, found in _NAMES.items() for spelling in found.split()}
    composed = {}
    for unit in _PREFIXED:
        name = _BY_PREFIX_ALONE.get(unit) or listed[unit]
        latin = unit[0].isascii() or unit == "Ω"
        for prefix, factor in _PREFIXES.items():
            if latin == (prefix.isascii() or prefix == "μ"):
                composed[prefix + unit] = f"{factor!r} * {name}"
    return composed | listed


SPELLINGS: dict[str, str] = _spellings()
_ATOMS = SPELLINGS | _ONLY_IN_COMPOUND | dict.fromkeys(_PER, "piece")


_LATIN_END = re.compile(r"[A-Za-zμΩ]$")
_POWER = r"(?:\^?\(?-?[1-4]\)?(?!\d|\.\d)|⁻?[¹²³⁴])?"


def _factor(spellings: frozenset[str]) -> str:
    """Longest first; a Latin spelling may bear a power and must not run on into a letter."""
    ordered = sorted(spellings, key=lambda s: (-len(s), s))
    latin = "|".join(re.escape(s) for s in ordered if _LATIN_END.search(s))
    others = "|".join(re.escape(s) for s in ordered if not _LATIN_END.search(s))
    return rf"(?:(?:{latin})(?![A-Za-zμΩ]){_POWER}|(?:{others}))"


_FACTOR = _factor(frozenset(_ATOMS))
_SPACED = r"(?:\s(?:kg|mg|mL|cm|hm|g|L|m|h|d|s|a)(?:-[1-4]|⁻[¹²³⁴])(?!\d))"
"""The style of journals: mol L-1, t hm-2."""
_REST = rf"(?:\s?[/·*每]\s?(?:\({_FACTOR}(?:[·*/]{_FACTOR})*\)|{_FACTOR})|{_SPACED})"
UNIT = rf"(?:{_FACTOR}{_REST}+|{_factor(frozenset(SPELLINGS) - _AMBIGUOUS_ALONE)})"
"""Pattern of a unit, simple or compound, without named groups."""

_ATOM = "|".join(re.escape(s) for s in sorted(_ATOMS, key=lambda s: (-len(s), s)))
_TOKEN = re.compile(
    rf"(?P<op>[/·*每])|(?P<open>\()|(?P<close>\))|(?P<atom>{_ATOM})(?P<power>{_POWER})"
)
_BETWEEN = re.compile(r"(?:(?<=[A-Za-zμ¹²³⁴])|(?<=[A-Za-z]\d)|(?<=-\d))\s(?=[A-Za-z])")
_SUPERSCRIPTS = str.maketrans("⁻¹²³⁴", "-1234", "^()")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a unit maps to base units: `base = factor * value + offset`, in units of `symbol`."""

    factor: float
    offset: float
    symbol: str

    def base(self, value: float) -> float:
        """`value` in base units, cleared of the noise of binary fractions."""
        return float(f"{self.factor * value + self.offset:.12g}")


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[float]:
    """The pint registry of `definitions.txt`, loaded once."""
    import pint  # noqa: PLC0415 - takes half a second, which commands without units need not wait

    return pint.UnitRegistry(str(files("matcher.indicators").joinpath("definitions.txt")))


def expression(unit: str) -> str:
    """The unit in pint's names: `W/(m·K)` gives `watt / (meter * kelvin)`, as a product of powers.

    Raises ValueError when `unit` is not a unit.
    """
    parts: list[str] = []
    sign, group, at = 1, 1, 0
    plain = _BETWEEN.sub("·", unit).replace(" ", "")
    for token in _TOKEN.finditer(plain):
        if token.start() != at:
            break
        at = token.end()
        if token["op"]:
            sign = -group if token["op"] in "/每" else sign if group == 1 else group
        elif token["open"]:
            group = sign
        elif token["close"]:
            group = 1
        else:
            power = int(token["power"].translate(_SUPERSCRIPTS) or 1)
            parts.append(f"({_ATOMS[token['atom']]}) ** {sign * power}")
    if at != len(plain) or not parts:
        raise ValueError(f"not a unit: {unit}")
    return " * ".join(parts)


@lru_cache(maxsize=4096)
def scale(unit: str, difference: bool = False) -> Scale:
    """The scale of a unit as spelt; "" is dimensionless. Raises ValueError if it is no unit.

    `difference` reads a temperature as a difference, which has no offset.
    """
    if not unit:
        return Scale(1.0, 0.0, "")
    units = registry()
    if SPELLINGS.get(unit) == _CELSIUS and not difference:
        base = units.Quantity(0.0, _CELSIUS).to_base_units()
        return Scale(1.0, float(base.magnitude), f"{base.units:~P}")
    name = SPELLINGS.get(unit) or expression(unit)
    quantity = units.Quantity(1.0, "") * units.parse_expression(
        name.replace(_CELSIUS, f"delta_{_CELSIUS}")
    )
    base = quantity.to_base_units()
    return Scale(float(base.magnitude), 0.0, f"{base.units:~P}")
