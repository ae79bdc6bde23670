"""gateway.resolve.branches, and whom the directory knows by it: a branch is its bank."""

from dataclasses import replace
from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.lenders import LENDERS, PBOC, XINGTU
from connectors.sandbox.life import life
from connectors.sandbox.noise import NONE
from gateway.profile import BorrowerProfile
from gateway.resolve.branches import wholes
from gateway.resolve.institutions import InstitutionRow, Institutions, named, normalised
from tests.gateway.reports import AT, CONFIG, card, day, inquiry, lines_of, loan, pulled

YUNSHAN, WUTONG = "X0000000000001", "X0000000000013"
CUNZHEN, SONGTAO, CHANGFENG = "X0000000000012", "X0000000000008", "X0000000000042"


def known(source: str, lender: str) -> str | None:
    """The id of whom the shipped directory knows by it."""
    found = CONFIG.institutions.find(source, lender)
    return found.id if found else None


@pytest.mark.parametrize(
    ("lender", "firm"),
    [
        ("示例云山银行股份有限公司岚城分行", YUNSHAN),
        ("示例云山银行股份有限公司分行", YUNSHAN),
        ("示例云山银行股份有限公司信用卡中心", YUNSHAN),
        ("示例云山银行股份有限公司信用卡中心岚城分中心", YUNSHAN),
        ("示例云山银行股份有限公司岚城分行河西支行", YUNSHAN),
        ("示例云山银行股份有限公司岚城分行营业部", YUNSHAN),
        ("示例云山银行股份有限公司岚城第二分理处", YUNSHAN),
        ("示例云山银行股份有限公司岚城CBD支行", YUNSHAN),
        ("示例云山银行股份有限公司（岚城）分行", YUNSHAN),
        ("示例云山银行股份有限公司 岚城 分行", YUNSHAN),
        ("示例雲山銀行股份有限公司嵐城分行營業部", YUNSHAN),
        ("示例云山银行股份有限公司某市分行", YUNSHAN),
        ("示例云山银行股份有限公司**分行", YUNSHAN),
        ("示例云山银行股份有限公司＊＊分行某某支行", YUNSHAN),
        ("示例云山银行股份有限公司星河分行", YUNSHAN),  # a place called as another bank is
        ("示例云山银行分行", YUNSHAN),
        ("示例云山银行信用卡中心", YUNSHAN),
        ("示例云帆村镇银行岚城支行", CUNZHEN),
        ("示例云帆村镇银行股份有限公司岚城支行", CUNZHEN),
        ("示例梧桐消费金融有限公司岚城分公司", WUTONG),
        ("示例梧桐消金岚城分公司", WUTONG),
        ("示例长风证券股份有限公司岚城分公司", CHANGFENG),
        ("示例长风证券股份有限公司岚城证券营业部", CHANGFENG),
        ("示例松涛银行岚城科技支行", SONGTAO),
    ],
)
def test_a_branch_in_words_is_its_bank(lender: str, firm: str) -> None:
    """It is no legal person: the same loan told of by both is one, and one lender."""
    assert known("baihang", lender) == firm
    assert CONFIG.institutions.key("baihang", lender) == firm


@pytest.mark.parametrize(
    "lender",
    [
        "示例云山村镇银行",
        "示例云山村镇银行岚城支行",
        "示例云山银行云帆村镇支行",
        "示例云山理财有限责任公司",
        "示例云山银行理财有限责任公司岚城分公司",
        "示例云山银行理财岚城分公司",
        "示例云山银行理财营业部",
        "示例云山银行证券岚城营业部",
        "示例云山银行小贷营业部",
        "示例云山消费金融有限公司岚城分公司",
        "示例云山银行消费金融岚城分公司",
        "示例云山金融租赁有限公司岚城分公司",
        "示例云山银行岚城子公司",
        "示例云山银行示例星河银行岚城分行",
        "示例云山银行、星河岚城分行",
        "示例云山银行(岚城)有限公司岚城分行",
        "示例云山银行岚城分公司",  # banks have none: whose it is, who knows
        "示例云山银行**分公司",
        "示例云山银行张三",
        "示例云山银行岚城",
        "示例云山银行分行长",
        "示例云山银行岚城代理点",
        "示例云山岚城分行",
        "岚城分行示例云山银行",
        "云山银行岚城分行",
        "岚城分行",
        "分行",
        "银行岚城分行",
        "商业银行岚城分行",
        "小额贷款有限公司岚城分公司",
        "AA分行",
        "AA岚城支行",
        "AA1",
        "**银行岚城分行",
        "示例**银行股份有限公司岚城分行",
        "示例某银行某分行",
        "",
    ],
)
def test_a_name_that_is_of_no_branch_of_it_is_not_folded_in(lender: str) -> None:
    """A subsidiary is its own lender, and of a word too many nobody knows what it tells."""
    assert [known(source, lender) for source in ("pboc", "baihang")] == [None, None]


def test_an_alias_of_one_source_has_branches_there_only() -> None:
    """What another calls so may be another."""
    assert known("xingtu", "示例云山银行岚城分行") is None
    assert known("xingtu", "示例云山银行股份有限公司岚城分行") == YUNSHAN


def test_the_longest_listed_name_is_meant() -> None:
    """A directory may list a branch as an institution of its own, or leave the bank out."""
    bank, branch = "示例甲银行", "示例甲银行岚城分行"

    def directory(*names: str) -> Institutions:
        rows = [
            InstitutionRow(institution=n, name=n, type=LenderType.BANK, source="", alias=n)
            for n in names
        ]
        return Institutions.of(rows)

    for names in ((bank, branch), (branch, bank)):
        assert directory(*names).key("a", f"{branch}河西支行") == branch
        assert directory(*names).key("a", f"{bank}河西支行") == bank
    assert directory(branch).key("a", f"{branch}河西支行") == branch
    assert directory(branch).find("a", f"{bank}河西支行") is None


@pytest.mark.parametrize(
    ("lender", "name"),
    [
        ("甲银行", "甲银行"),
        ("甲银行岚城分行", "甲银行"),
        ("甲银行**分行河西支行", "甲银行"),
        ("甲银行某市分行", "甲银行"),
        ("甲银行股份有限公司岚城分行", "甲银行股份有限公司"),
        ("甲银行（中国）有限公司岚城分行", "甲银行(中国)有限公司"),
        ("商业银行岚城分行", "商业银行岚城分行"),  # a kind of firm is none
        ("小额贷款有限公司岚城分公司", "小额贷款有限公司岚城分公司"),
        ("甲某银行岚城分行", None),
        ("某商业银行", None),
        ("ZZ", "zz"),
        (" ", None),
        (None, None),
    ],
)
def test_who_is_named(lender: str | None, name: str | None) -> None:
    """The firm, also where its branch's place is masked."""
    assert named(lender) == name
    assert CONFIG.institutions.key("north", lender) == (name and f"north:{name}")


_WORDS = st.sampled_from([
    "甲", "乙丙", "岚城", "银行", "股份有限公司", "消费金融", "村镇", "理财", "子", "(", ")",
    "*", "、", "A", "分行", "支行", "分公司", "信用卡中心", "营业部",
])  # fmt: skip
_NAMES = st.lists(_WORDS, max_size=7).map("".join)


def test_a_part_of_a_part_is_told_step_by_step() -> None:
    """From the name itself up to the firm, whichever of them is listed."""
    told = ("甲银行岚城分行河西支行营业部", "甲银行岚城分行河西支行", "甲银行岚城分行", "甲银行")

    assert wholes(told[0]) == told


@given(_NAMES)
def test_a_name_begins_with_what_it_is_a_part_of(name: str) -> None:
    """Nothing is made up: each is the beginning of the one before, and none is a part any more."""
    spelled = normalised(name)
    told = wholes(spelled)

    assert told[0] == spelled
    assert all(one.startswith(other) and one != other for one, other in pairwise(told))
    assert all(wholes(one) == told[place:] for place, one in enumerate(told))


def test_a_text_of_many_parts_is_not_as_many_names() -> None:
    """A payload made so would be kept once for each part, which no memory holds."""
    text = "示例云山银行" + "分行" * 100_000

    assert wholes(text) == (text,)
    assert len(wholes(text[:128])) > 1


def test_unlisted_lenders_are_one_where_one_says_it_is_a_branch_of_the_other() -> None:
    """Or both say so of a third; and never else."""
    bank, firm = {"分行", "岚城分行", "某市分行", "岚城分行河西支行"}, {"岚城分公司", "**分公司"}
    kinds = dict.fromkeys(("银行", "银行股份有限公司", "村镇银行"), bank)
    kinds |= dict.fromkeys(("消金", "理财有限公司"), firm)
    told = [
        ((stem, kind, "" if tail in parts else tail), f"{stem}{kind}{tail}")
        for stem in ("甲", "乙丙", "甲乙丙", "甲银行")
        for kind, parts in kinds.items()
        for tail in ("", "岚城", *bank, *firm)
        if tail in parts or not set(tail) & set("某*")
    ]
    for (who, one), (other_who, other) in combinations(told, 2):
        keys = [CONFIG.institutions.key("a", name) for name in (one, other)]
        assert (keys[0] == keys[1]) is ("".join(who) == "".join(other_who)), (one, other)
        assert None not in keys


def test_no_lender_of_the_sandbox_is_a_part_of_another() -> None:
    """Whatever they are called, and wherever."""
    names = {n for one in LENDERS for n in (one.name, *one.aliases.values())}

    assert all(wholes(normalised(name)) == (normalised(name),) for name in names)


def test_branches_of_the_sandbox_are_known_in_words_and_unknown_in_codes() -> None:
    """Nobody could know whose a code is that stands in no directory."""
    for lender, number, cards in product(LENDERS, range(1, 10), (True, False)):
        code = lender.branch(PBOC, number, cards=cards)
        assert (code, known(PBOC, code)) == (f"{lender.alias(PBOC)}{number}", None)
        if XINGTU in lender.reports_to:
            assert known(XINGTU, lender.branch(XINGTU, number, cards=cards)) == lender.code


def test_noise_files_accounts_under_branches_of_their_own_lenders() -> None:
    """And says nothing else of them than it would without."""
    filed = replace(NONE, branch=1.0)
    for index in range(20):
        plain, noisy = (
            bureaus.accounts(life(7, index, AT.date(), noise=level), XINGTU)
            for level in (NONE, filed)
        )
        assert [replace(one, alias=one.account.lender.name) for one in noisy] == [*plain]
        assert all(one.alias.startswith(one.account.lender.name) for one in noisy)
        assert all(one.alias != one.account.lender.name for one in noisy)
        assert all(known(XINGTU, one.named) == one.account.lender.code for one in noisy)


# -- in the profile -------------------------------------------------------------------------------


def count(profile: BorrowerProfile, name: str) -> int | None:
    """The value of one attribute."""
    assert profile.attributes is not None
    return {one.name: one.value for one in profile.attributes.values}[name]


@pytest.mark.parametrize("order", [1, -1])
def test_a_loan_told_of_a_bank_and_of_its_branch_is_one(order: int) -> None:
    """And of one lender, which is called by its listed name; what the source said stands by it."""
    records = [
        loan("pboc", lender="AA", account_ref="N1"),
        loan("baihang", lender="示例云山银行**分行", account_ref="N2"),
    ]
    (line,) = lines_of(profile := pulled(*records[::order]))

    assert (line.institution, line.lender and line.lender.value) == (
        YUNSHAN, "示例云山银行股份有限公司",
    )  # fmt: skip
    assert line.lender is not None
    assert len(line.lender.basis) == 2
    assert count(profile, "open_lenders") == 1
    assert count(profile, "unlisted_lenders") == 0


@pytest.mark.parametrize(
    ("lenders", "number"),
    [
        (("示例云山银行", "示例云山银行岚城分行", "示例云山银行信用卡中心"), 1),
        (("甲银行", "甲银行岚城分行", "甲银行某市分行"), 1),
        (("甲银行岚城分行", "甲银行河西支行", "甲 银行"), 1),
        (("甲银行岚城分行", "乙银行岚城分行", "甲村镇银行岚城分行"), 3),
        (("甲银行", "甲银行理财有限公司岚城分公司", "甲消费金融有限公司"), 3),
        (("示例云山银行", "示例云山村镇银行", "**银行岚城分行"), 2),
    ],
)
def test_branches_of_one_bank_are_one_lender(lenders: tuple[str, ...], number: int) -> None:
    """Whoever borrows at three branches of a bank does not borrow from many; in whatever order."""
    cards = [
        card("baihang", f"C{n}", lender=name, opened=day(f"2026-03-0{n}"))
        for n, name in enumerate(lenders, 1)
    ]
    asked = [
        inquiry("baihang", f"Q{n}", institution=name, on=day("2026-03-10"))
        for n, name in enumerate(lenders, 1)
    ]
    for some in permutations(cards):
        assert count(pulled(*some), "open_lenders") == number
        assert count(pulled(*some, *asked), "lenders_30d") == number
    profile = pulled(*asked)
    assert count(profile, "institutions_asking_30d") == number
    assert count(profile, "hard_inquiries_30d") == number + ("**" in "".join(lenders))


def test_one_application_to_two_branches_of_a_day_is_one() -> None:
    """Each bureau was asked by another part of the bank."""
    told = [
        inquiry("pboc", institution="示例云山银行股份有限公司岚城分行"),
        inquiry("baihang", institution="示例云山银行信用卡中心"),
    ]
    for some in permutations(told):
        profile = pulled(*some)
        assert profile.inquiries is not None
        (one,) = profile.inquiries.inquiries
        assert (one.institution, one.rule) == (YUNSHAN, "same_institution_day/3")
        assert profile.issues is not None
        assert "institution" not in {issue.where for issue in profile.issues.issues}


def test_two_loans_of_one_branch_word_at_unlisted_banks_stay_two() -> None:
    """A day and a round sum are shared by strangers."""
    told = [
        loan("pboc", lender="甲银行岚城分行", account_ref=None),
        loan("baihang", lender="乙银行岚城分行", account_ref=None),
    ]

    assert len(lines_of(pulled(*told))) == 2
