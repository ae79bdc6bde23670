"""gateway.resolve.names: how a name is written does not matter, its letters do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.resolve.names import name
from gateway.resolve.weighing import Level

HAN = st.text("甲乙丙云帆星雁砚曾单·", min_size=1, max_size=4).filter(lambda t: t.strip("·"))
LATIN = st.text("ABcd é-'", min_size=1, max_size=12).filter(lambda t: t.strip(" -'"))


@pytest.mark.parametrize(
    "reported",
    ["甲云帆", "甲 云帆", "甲·云帆", "甲•云帆", " 甲云帆 ", "甲・云帆"],
)
def test_spaces_and_dots_do_not_change_a_name(reported: str) -> None:
    """Every bureau types names its own way."""
    assert name("甲云帆", reported) is Level.SAME


@pytest.mark.parametrize(
    ("ours", "reported", "level"),
    [
        ("Ａnna  Example", "EXAMPLE ANNA", Level.SAME),  # width, case, order
        ("Example, Anna", "Anna Example", Level.SAME),
        ("José Ñandú", "Jose Nandu", Level.SAME),
        ("Anna O'Example", "anna oexample", Level.SAME),
        ("Anna Maria Example", "Anna Example", Level.PARTIAL),
        ("Anna Example", "A. Example", Level.PARTIAL),
        ("Anna Example", "Anna Exampel", Level.NEAR),
        ("Anna Example", "Anna Sample", Level.DIFFERENT),
        ("Anna Example", "A. E.", Level.DIFFERENT),  # two initials are anybody's
        ("Anna Example", "Anna", Level.DIFFERENT),
        ("甲云帆", "甲**", Level.MASKED),
        ("甲云帆", "乙**", Level.DIFFERENT),
        ("甲云帆", "甲*", Level.DIFFERENT),
        ("甲云帆", "甲云禾", Level.DIFFERENT),  # one letter of three is another name
        ("甲云雁", "甲云砚", Level.NEAR),  # typed by its pinyin, yan
        ("甲云帆", "乙云帆", Level.RENAMED),
        ("甲帆", "乙帆", Level.DIFFERENT),
        ("买买提·吐尔逊", "买买提", Level.PARTIAL),
        ("买买提·吐尔逊", "买", Level.DIFFERENT),
        ("甲云帆", "", None),
        ("甲云帆", " · ", None),
    ],
)
def test_names(ours: str, reported: str, level: Level | None) -> None:
    """Variants of spelling, not of letters."""
    assert name(ours, reported) is level


@pytest.mark.parametrize(
    ("han", "latin"),
    [
        ("甲云帆", "Jia Yunfan"),
        ("甲云帆", "JIA YUN FAN"),
        ("甲云帆", "Yun-Fan Jia"),
        ("甲云帆", "Jiǎ Yúnfān"),
        ("曾云", "Zeng Yun"),  # a word: ceng
        ("单云", "Shan Yun"),  # a word: dan
        ("解云", "Xie Yun"),  # a word: jie
        ("仇云", "Qiu Yun"),  # a word: chou
        ("朴云", "Piao Yun"),
        ("查云", "Zha Yun"),
        ("盖云", "Ge Yun"),
        ("尉迟云", "Yuchi Yun"),
        ("尉迟云", "Yun Yuchi"),
        ("吕云", "Lyu Yun"),
        ("吕云", "Lü Yun"),
        ("吕云", "LV YUN"),
        ("石安", "Shi An"),
        ("陳云", "Chen Yun"),
    ],
)
def test_pinyin_is_the_same_name(han: str, latin: str) -> None:
    """A passport writes it so; surnames are read as surnames, and ü is written in four ways."""
    assert name(han, latin) is name(latin, han) is Level.READS


@pytest.mark.parametrize("latin", ["Yi Yunfan", "Jia Yun", "Jia Fanyun", "Chan Tai Man", "Anna"])
def test_latin_letters_that_are_no_reading_are_unread(latin: str) -> None:
    """It may be Cantonese or a name of choice: less than a contradiction, and no agreement."""
    assert name("甲云帆", latin) is Level.UNREAD


@given(HAN | LATIN, HAN | LATIN)
def test_it_does_not_matter_who_is_asked(one: str, other: str) -> None:
    """Nothing is masked: then two names are as alike as the other way round."""
    assert name(one, other) is name(other, one)


@given(HAN | LATIN)
def test_a_name_is_itself(one: str) -> None:
    """However odd it is."""
    assert name(one, f" {one.upper()} ") is Level.SAME
