"""The made-up institutions of the sandbox: who they are, whom they tell, whom they ask.

No institution here exists; every name begins with 示例 ("example"). Bureaus call the same
institution by different names, which is what resolving accounts across bureaus has to cope with:
PBOC reports other institutions under a two-letter alias (china.md 1.3, PD01AI02), Baihang under
a trade name, Xingtu under their legal name, Bairong not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors.records import LenderType

PBOC, BAIHANG, BAIRONG = "pboc", "baihang", "bairong"
TONGDUN, HOUSING_FUND, SOCIAL_INSURANCE = "tongdun", "housing_fund", "social_insurance"
REGION_RISK, TELECOM = "region_risk", "telecom"
XINGTU = "xingtu"
"""示例星图征信, an invented licensed bureau that lists accounts one by one, as PBOC does: no
public document shows how another real bureau does."""

_LEGAL_FORM = MappingProxyType(
    {
        LenderType.BANK: "银行股份有限公司",
        LenderType.CONSUMER_FINANCE: "消费金融有限公司",
        LenderType.MICROLENDER: "小额贷款有限公司",
        LenderType.AUTO_FINANCE: "汽车金融有限公司",
        LenderType.LEASING: "融资租赁有限公司",
        LenderType.TRUST: "信托有限公司",
        LenderType.GUARANTOR: "融资担保有限公司",
        LenderType.HOUSING_FUND: "住房公积金管理中心",
        LenderType.ASSET_MANAGER: "金融资产管理有限公司",
        LenderType.SECURITIES: "证券股份有限公司",
        LenderType.OTHER: "网络科技有限公司",
    }
)
_TRADE_NAME = MappingProxyType(
    {
        LenderType.BANK: "银行",
        LenderType.CONSUMER_FINANCE: "消金",
        LenderType.MICROLENDER: "小贷",
        LenderType.AUTO_FINANCE: "车贷",
        LenderType.LEASING: "租赁",
        LenderType.TRUST: "信托",
        LenderType.GUARANTOR: "担保",
        LenderType.HOUSING_FUND: "公积金",
        LenderType.ASSET_MANAGER: "资管",
        LenderType.SECURITIES: "证券",
        LenderType.OTHER: "借款",
    }
)


_CITIES = ("雾屿", "砚州", "鹭汀", "栖川", "霁城", "琅洲", "蓼浦", "汐城", "苔州")  # on no map


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """One institution. `code` is its 14-character code at PBOC, `stem` what its name is told by.

    `reports_to` are the bureaus that get its accounts, with the months its monthly figures are
    behind there; `asks` the bureaus it queries when somebody applies.
    """

    code: str
    stem: str
    name: str
    type: LenderType
    aliases: Mapping[str, str]
    reports_to: Mapping[str, int]
    asks: frozenset[str]

    def alias(self, bureau: str) -> str:
        """What the bureau calls it."""
        return self.aliases.get(bureau, self.name)

    def masked(self, bureau: str) -> str:
        """The same with the stem starred out, or with the letters where the alias is a code."""
        alias = self.alias(bureau)
        stem = self.stem if self.stem in alias else alias
        return alias.replace(stem, "*" * len(stem))

    def branch(self, bureau: str, number: int, *, cards: bool) -> str:
        """What the bureau calls its branch in the `number`th city, or the one a bank has for cards.

        In words where it names lenders in words, else a code of its own.
        """
        alias = self.alias(bureau)
        if alias.isascii():
            return f"{alias}{number}"
        if self.type is not LenderType.BANK:
            return f"{alias}{_CITIES[number - 1]}分公司"
        return f"{alias}信用卡中心" if cards else f"{alias}{_CITIES[number - 1]}分行"


# stem, type, bureaus it reports to with lag in months, bureaus it asks; P pboc, B baihang,
# R bairong, X xingtu. Banks and licensed lenders report to PBOC, online lenders mostly to Baihang,
# the two overlap at consumer finance companies and the larger microlenders. Xingtu has online
# lenders and some banks.
_ROWS = (
    ("云山", LenderType.BANK, "P0X1", "PR"),
    ("星河", LenderType.BANK, "P0X0", "PR"),
    ("碧海", LenderType.BANK, "P1", "P"),
    ("青禾", LenderType.BANK, "P0X0", "PR"),
    ("远帆", LenderType.BANK, "P1", "P"),
    ("朝露", LenderType.BANK, "P0", "PBR"),
    ("银杏", LenderType.BANK, "P0X1", "P"),
    ("松涛", LenderType.BANK, "P1", "PR"),
    ("晨光", LenderType.BANK, "P0X0", "P"),
    ("月溪", LenderType.BANK, "P2", "P"),
    ("霜林", LenderType.BANK, "P0", "P"),
    ("云帆村镇", LenderType.BANK, "P1", "P"),
    ("梧桐", LenderType.CONSUMER_FINANCE, "P0B0X0", "PBR"),
    ("晴川", LenderType.CONSUMER_FINANCE, "P0B1X0", "PBR"),
    ("萤火", LenderType.CONSUMER_FINANCE, "P1B0X1", "PBR"),
    ("飞鸟", LenderType.CONSUMER_FINANCE, "P0B0X0", "PBR"),
    ("极光", LenderType.CONSUMER_FINANCE, "P0B0X0", "PR"),
    ("竹风", LenderType.CONSUMER_FINANCE, "P0X2", "PBR"),
    ("蒲公英", LenderType.MICROLENDER, "B0X0", "BR"),
    ("麦穗", LenderType.MICROLENDER, "B0X0", "BR"),
    ("橘子", LenderType.MICROLENDER, "P0B0X0", "PBR"),
    ("蜂巢", LenderType.MICROLENDER, "P0B1X1", "PBR"),
    ("浮萍", LenderType.MICROLENDER, "B0", "BR"),
    ("石榴", LenderType.MICROLENDER, "P0B0X0", "PBR"),
    ("海螺", LenderType.MICROLENDER, "P1B0", "PBR"),
    ("雨燕", LenderType.MICROLENDER, "B1", "BR"),
    ("白桦", LenderType.MICROLENDER, "P0B0X0", "PBR"),
    ("驰原", LenderType.AUTO_FINANCE, "P0X0", "PR"),
    ("千里", LenderType.AUTO_FINANCE, "P1X1", "P"),
    ("磐石", LenderType.LEASING, "P1B0", "PB"),
    ("砥柱", LenderType.LEASING, "B0X0", "BR"),
    ("金榆", LenderType.TRUST, "P0", "P"),
    ("同舟", LenderType.GUARANTOR, "P1", "P"),
    ("安居", LenderType.HOUSING_FUND, "P1", "P"),
    ("归流", LenderType.ASSET_MANAGER, "P0", "P"),
    ("汇川", LenderType.ASSET_MANAGER, "P1", "P"),
    ("流萤", LenderType.OTHER, "B0X0", "BR"),
    ("轻舟", LenderType.OTHER, "B0X0", "BR"),
    ("拾光", LenderType.OTHER, "B1", "BR"),
    ("小满", LenderType.OTHER, "B0X0", "BR"),
    ("驿站", LenderType.OTHER, "B0X1", "BR"),
    ("长风", LenderType.SECURITIES, "P0", "P"),
)
_LETTER = MappingProxyType({"P": PBOC, "B": BAIHANG, "R": BAIRONG, "X": XINGTU})


def _lender(number: int, stem: str, kind: LenderType, reports: str, asks: str) -> Lender:
    pairs = zip(reports[::2], reports[1::2], strict=True)
    alias = chr(ord("A") + number // 26) + chr(ord("A") + number % 26)
    return Lender(
        code=f"X{number + 1:013d}",
        stem=stem,
        name=f"示例{stem}{_LEGAL_FORM[kind]}",
        type=kind,
        aliases=MappingProxyType({PBOC: alias, BAIHANG: f"示例{stem}{_TRADE_NAME[kind]}"}),
        reports_to=MappingProxyType({_LETTER[b]: int(lag) for b, lag in pairs}),
        asks=frozenset(_LETTER[b] for b in asks),
    )


LENDERS: tuple[Lender, ...] = tuple(_lender(n, *row) for n, row in enumerate(_ROWS))
BY_CODE: Mapping[str, Lender] = MappingProxyType({lender.code: lender for lender in LENDERS})


def of_types(*types: LenderType) -> tuple[Lender, ...]:
    """All lenders of these types, in the order of the directory."""
    return tuple(lender for lender in LENDERS if lender.type in types)


def code_for(bureau: str, alias: str) -> str:
    """Whom a bureau means by an alias; KeyError when nobody is called that there."""
    return _CODES[bureau, alias]


_CODES = MappingProxyType(
    {(bureau, alias): one.code for one in LENDERS for bureau, alias in one.aliases.items()}
)
