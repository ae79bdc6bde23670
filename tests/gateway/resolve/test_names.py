"""gateway.resolve.names: how a name is written does not matter, its letters do."""

import unicodedata
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.resolve.names import name
from gateway.resolve.simplified import _SIMPLIFIED, simplified
from gateway.resolve.sounds import same_sound
from gateway.resolve.weighing import Level
from gateway.resolve.words import folded, in_han

HAN = st.text("甲乙丙云雲帆星雁砚曾单·", min_size=1, max_size=4).filter(lambda t: t.strip("·"))
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
        ("Lukasz Example", "Zukasz Example", Level.NEAR),  # the slip sorts it last
        ("Lukasz Example", "Example Ukasz", Level.NEAR),
        ("Anna Maria Example", "Example Maria Bnna", Level.NEAR),
        ("Łukasz Strauß", "STRAUSS LUKASZ", Level.SAME),
        ("Ana de la Example", "Delaexample Ana", Level.SAME),  # words parted elsewhere
        ("Jia Yun Fan", "Jia Yunfan", Level.SAME),
        ("Yunfan Jia", "JIAYUNFAN", Level.SAME),
        ("A. Adam", "Anna Adam", Level.PARTIAL),
        ("Anna Example", "Hanna Exampel", Level.DIFFERENT),  # two slips
        ("Ann Lee", "Lee Bob", Level.DIFFERENT),
        ("Li Wei", "Li Wen", Level.NEAR),
        ("Li Wu", "Li Wa", Level.DIFFERENT),  # of four letters one makes another name
        ("Anna Example", "Anna Sample", Level.DIFFERENT),
        ("Anna Example", "A. E.", Level.DIFFERENT),  # two initials are anybody's
        ("Anna Example", "Anna", Level.DIFFERENT),
        ("甲云帆", "甲**", Level.MASKED),
        ("甲云帆", "乙**", Level.DIFFERENT),
        ("甲云帆", "甲*", Level.DIFFERENT),
        ("甲云帆", "*云帆", Level.MASKED),
        ("甲云帆", "甲 * *", Level.MASKED),
        ("甲云帆", "**", None),  # nothing is shown, however long it is
        ("甲云帆", "* * * *", None),
        ("甲云帆", "J** Y*****", Level.UNREAD),
        ("Jia Yunfan", "甲**", Level.UNREAD),
        ("Anna Example", "A**a E******", Level.MASKED),
        ("Anna Example", "A*** E******", None),  # two letters of eleven are anybody's
        ("Anna Example", "B*** *******", Level.DIFFERENT),
        ("Anna Example", "Anna *******", Level.MASKED),
        ("Anna Example", "******* Anna", Level.MASKED),
        ("Zab Ada", "*ab *da", Level.MASKED),  # first letters hidden: no order to sort by
        ("Zab Ada", "*da *ab", Level.MASKED),
        ("Anna Maria Example", "E****** Anna M****", Level.MASKED),
        ("Anna Example", "Hanna ******", Level.DIFFERENT),
        ("甲云帆", "甲云禾", Level.DIFFERENT),  # one letter of three is another name
        ("甲云雁", "甲云砚", Level.NEAR),  # typed by its pinyin, yan
        ("甲云帆", "乙云帆", Level.RENAMED),
        ("甲帆", "乙帆", Level.DIFFERENT),
        ("买买提·吐尔逊", "买买提", Level.PARTIAL),
        ("买买提·吐尔逊", "买", Level.DIFFERENT),
        ("甲·云帆", "甲", Level.DIFFERENT),  # one character is no name
        ("甲·云帆", "云帆·甲", Level.DIFFERENT),  # the father's name is not the son's
        ("張麗華", "张丽华", Level.SAME),
        ("張麗华", "张丽華", Level.SAME),  # neither is of one script
        ("劉麗華", "李丽华", Level.RENAMED),
        ("張麗華", "张*华", Level.MASKED),
        ("李乾", "李干", Level.NEAR),  # both stand in simplified names: a sound, no more
        ("甲云帆", "", None),
        ("甲云帆", " · ", None),
    ],
)
def test_names(ours: str, reported: str, level: Level | None) -> None:
    """Variants of spelling, not of letters; unless some are hidden, whoever is asked."""
    assert name(ours, reported) is level
    if level and "*" not in reported:
        assert name(reported, ours) is level


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
        ("安", "An"),
        ("陳云", "Chen Yun"),
    ],
)
def test_pinyin_is_the_same_name(han: str, latin: str) -> None:
    """A passport writes it so; surnames are read as surnames, and ü is written in four ways."""
    assert name(han, latin) is name(latin, han) is Level.READS


@pytest.mark.parametrize(
    "latin",
    ["Yi Yunfan", "Jia Yun", "Jia Yunfan Anna", "Jia Fanyun", "Chan Tai Man", "Anna"],
)
def test_latin_letters_that_are_no_reading_are_unread(latin: str) -> None:
    """It may be Cantonese or a name of choice: less than a contradiction, and no agreement."""
    assert name("甲云帆", latin) is Level.UNREAD


@given(HAN | LATIN, HAN | LATIN)
def test_it_does_not_matter_who_is_asked(one: str, other: str) -> None:
    """Nothing is masked: then two names are as alike as the other way round."""
    assert name(one, other) is name(other, one)


@given(HAN | LATIN, st.data())
def test_hiding_letters_of_a_name_never_contradicts_it(ours: str, data: st.DataObject) -> None:
    """Nor makes it surer than it was; in Latin letters also with first words last."""
    letters = folded(ours)
    hidden = data.draw(st.sets(st.sampled_from(range(len(letters)))))
    words = "".join("*" if n in hidden and a != " " else a for n, a in enumerate(letters)).split()
    cut = 0 if in_han(ours) else data.draw(st.integers(0, len(words) - 1))
    masked = " ".join(words[cut:] + words[:cut])

    assert name(ours, masked) in ({Level.MASKED, None} if "*" in masked else {Level.SAME})


@given(HAN | LATIN)
def test_a_name_is_itself(one: str) -> None:
    """However odd it is."""
    assert name(one, f" {one.upper()} ") is Level.SAME


WORDS = st.lists(st.text("abcdef", min_size=3, max_size=6), min_size=2, max_size=4)


@given(WORDS, st.data())
def test_one_slip_is_near_wherever_it_is(words: list[str], data: st.DataObject) -> None:
    """Also in a first letter, and in whatever order the words are written."""
    place = data.draw(st.integers(0, len(words) - 1))
    letter = data.draw(st.integers(0, len(words[place]) - 1))
    typed = words[place][:letter] + "z" + words[place][letter + 1 :]
    slipped = [*words[:place], typed, *words[place + 1 :]]
    order = data.draw(st.permutations(slipped))

    assert name(" ".join(words), " ".join(order)) is Level.NEAR


@pytest.mark.parametrize("order", list(permutations(("anna", "maria", "example"))))
def test_the_order_of_words_says_nothing(order: tuple[str, ...]) -> None:
    """Surname first or last, and a middle name anywhere."""
    assert name("Anna Maria Example", " ".join(order)) is Level.SAME


def test_letters_with_strokes_are_plain_ones() -> None:
    """Every letter of Latin-1 and Latin Extended-A comes out as letters a keyboard has."""
    letters = [chr(n) for n in range(0xC0, 0x180) if unicodedata.category(chr(n))[0] == "L"]

    assert len(letters) > 180
    assert [one for one in letters if not folded(f"A{one}").isascii()] == []


def test_simplified_characters_stay_and_sound_alike() -> None:
    """A table that changed a sound, or changed its own answers, would hold two names for one."""
    assert len(_SIMPLIFIED) > 2_000
    for traditional, simple in ((chr(n), one) for n, one in _SIMPLIFIED.items()):
        assert simplified(simple) == simple != traditional
        assert same_sound(traditional, simple), (traditional, simple)


def test_an_absurd_name_is_compared_all_the_same() -> None:
    """A thousand words in another order, one of them mistyped: no trying of all orders."""
    words = [f"word{n}" for n in range(1_000)]

    assert name(" ".join(words), " ".join(["xord0", *words[:0:-1]])) is Level.NEAR
    assert name(" ".join(words), " ".join(f"x{word}" for word in words)) is Level.DIFFERENT


@pytest.mark.parametrize(("words", "level"), [(8, Level.SAME), (9, Level.DIFFERENT)])
def test_no_more_words_are_turned_than_a_person_has(words: int, level: Level) -> None:
    """Run together with the first one last: eight are tried, a list of words is not."""
    told = [f"{letter}{letter}x" for letter in "abcdefghi"[:words]]

    assert name(" ".join(told), "".join([*told[1:], told[0]])) is level
