"""Whose branch a name says it is: 示例云山银行星河分行 is 示例云山银行.

A branch is no legal person, and the bank or company it is a part of answers for it: 商业银行法
art. 22, 公司法 (2023) art. 13, 民法典 art. 74. So its name is the whole name of that firm, most
often a place, and a word for the part (企业名称登记管理规定, 国务院令 734, art. 13). A subsidiary
is a legal person (公司法 art. 13) and has a kind of firm in its own name. The last kind in a name
therefore ends the firm's name, and the part is what follows.

Which kinds and parts there are is ours, and closed: a name with another stays whole, as one more
lender, which is better than another's loan.
"""

import re
from types import MappingProxyType

from gateway.resolve.words import in_han

_FORM = "(?:股份)?(?:有限)?(?:责任)?公司"
_BANK = "(?:(?:农村|城市)?(?:商业|合作)|村镇|农商)?银行"
_KIND = re.compile(
    rf"(?P<bank>{_BANK}(?:(?:\([^()]*\))?{_FORM})?|农商行)"
    rf"|(?P<firm>(?<![分支]){_FORM}|消费金融|消金|汽车金融|车贷|小额贷款|小贷|租赁|信托|担保|资产管理"
    "|资管|证券(?!营业部)|理财|保险|基金|保理|典当|期货|信用社|合作社|联社|村镇|集团|控股)"
)
"""A kind of firm, as its name ends; a bank's legal form belongs to it."""

_PARTS = MappingProxyType(
    {
        "bank": re.compile("分行|支行|分理处|储蓄所|营业所|营业部|信用卡中心|信用卡部|分中心"),
        "firm": re.compile("分公司|支公司|证券营业部|营业部"),
    }
)
"""What the parts of either are called."""

_MOST_CHARS = 128  # no firm's name is longer; a text made of parts would be as many names
_TAIL = re.compile(r"[\w*()·-]+")  # a place, masked or not, and parts: one name, no list of them


def wholes(name: str) -> tuple[str, ...]:
    """The name, what it is a part of, what that is, and so on up to the firm, in its own words.

    It is `normalised`. One that says of no firm that it is a part of it stands alone.
    """
    kinds = list(_KIND.finditer(name)) if len(name) <= _MOST_CHARS else []
    if not kinds:
        return (name,)
    start, told_by = kinds[-1].end(), _KIND.sub("", name[: kinds[-1].end()])
    parts = [part.end() for part in _PARTS[str(kinds[-1].lastgroup)].finditer(name, start)]
    # A kind alone, 小额贷款公司, is no firm's name.
    if len(name) not in parts or not in_han(told_by) or not _TAIL.fullmatch(name, start):
        return (name,)
    return tuple(name[:end] for end in (*reversed(parts), start))
