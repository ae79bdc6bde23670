"""Invented people: names, id numbers, telephones and addresses nobody can have.

Names begin with one of the ten heavenly stems, which no family is called by. Id numbers carry
region 999999, or 999998 where the region matters: GB/T 2260 assigns neither. The mobile prefix 100
belongs to no subscriber; mail goes to `.invalid` (RFC 2606). Birth date and sequence encode the
borrower's index, so that a world can find a person by id number without a list of people.
"""

import zlib
from datetime import date, timedelta

from stdnum.cn import ric

from connectors.sandbox.dice import Random, happens
from connectors.sandbox.facts import Home, Person
from consent.identity import TEST_REGION, TEST_REGIONS

_STEMS = (
    ("甲", "jia"), ("乙", "yi"), ("丙", "bing"), ("丁", "ding"), ("戊", "wu"),
    ("己", "ji"), ("庚", "geng"), ("辛", "xin"), ("壬", "ren"), ("癸", "gui"),
)  # fmt: skip
_SYLLABLES = (
    ("云", "yun"), ("帆", "fan"), ("星", "xing"), ("禾", "he"), ("溪", "xi"), ("岚", "lan"),
    ("石", "shi"), ("枫", "feng"), ("雨", "yu"), ("舟", "zhou"), ("苇", "wei"), ("麦", "mai"),
    ("桥", "qiao"), ("灯", "deng"), ("砚", "yan"), ("铃", "ling"), ("雾", "wu"), ("汀", "ting"),
    ("橙", "cheng"), ("鹿", "lu"), ("笛", "di"), ("雁", "yan"), ("渡", "du"), ("晨", "chen"),
)  # fmt: skip
_SOUNDS = dict(_STEMS + _SYLLABLES)
_PLACES = {han: place for place, (han, _) in enumerate(_SYLLABLES)}
_TOWNS = ("云山", "星河", "碧海", "青禾", "远帆", "银杏")
_STREETS = ("虚构", "样例", "测试", "演示", "假想")

_FIRST_BIRTH = date(1958, 1, 1)
_BIRTH_DAYS = (date(2001, 1, 1) - _FIRST_BIRTH).days
_STRIDE = 7919  # prime, so it visits every birth day before it repeats one
_SPREAD = 61_803_399  # no factor of ten: every index its own number, none like a counter's
_SEQUENCES = 499  # GB 11643: three digits a day, odd for men, even for women
CAPACITY = 2 * _BIRTH_DAYS * _SEQUENCES
"""Borrowers a world can hold: one for each id number we can write."""


def id_number(seed: int, index: int, region: str = TEST_REGION) -> str:
    """The resident id of borrower `index`; ValueError beyond `CAPACITY`."""
    if not 0 <= index < CAPACITY:
        raise ValueError(f"a world holds {CAPACITY} borrowers")
    half, woman = divmod(index, 2)
    generation, place = divmod(half, _BIRTH_DAYS)
    day = (place * _STRIDE + _shift(seed)) % _BIRTH_DAYS
    born = _FIRST_BIRTH + timedelta(days=day)
    stem = f"{region}{born:%Y%m%d}{2 * generation + 1 + woman:03d}"
    return stem + str(ric.calc_check_digit(stem + "0"))


def index_of(seed: int, number: str) -> int | None:
    """Whose id number this can be, by all of it but the region; None when it is nobody's."""
    region = number[: len(TEST_REGION)]
    try:
        born = ric.get_birth_date(number)
        sequence = int(number[14:17])
    except ValueError:  # stdnum's errors are ValueErrors too
        return None
    generation, woman = divmod(sequence - 1, 2)
    day = (born - _FIRST_BIRTH).days
    place = (day - _shift(seed)) * pow(_STRIDE, -1, _BIRTH_DAYS) % _BIRTH_DAYS
    index = 2 * (generation * _BIRTH_DAYS + place) + woman
    if sequence < 1 or index >= CAPACITY or region not in TEST_REGIONS:
        return None
    if id_number(seed, index, region) != number:
        return None
    return index


def _shift(seed: int) -> int:
    return zlib.crc32(str(seed).encode()) % _BIRTH_DAYS


def person(rng: Random, seed: int, index: int, today: date, region: str = TEST_REGION) -> Person:
    """Borrower `index`, with a history of telephones and homes up to `today`."""
    number = id_number(seed, index, region)
    born = ric.get_birth_date(number)
    name, pinyin = _name(rng)
    moved = happens(rng, 0.3)
    changed_phone = happens(rng, 0.25)
    phone_age = rng.randrange(30, 240) if changed_phone else rng.randrange(400, 3000)
    return Person(
        name=name,
        pinyin=pinyin,
        id_number=number,
        born=born,
        male=int(number[16]) % 2 == 1,
        mobile=f"100{index * _SPREAD % 10**8:08d}",
        former_mobile=f"1009{rng.randrange(10**7):07d}" if changed_phone else None,
        mobile_since=today - timedelta(days=phone_age),
        email=f"{pinyin.replace(' ', '.')}.{index}@example.invalid",
        passport=f"XX{index:07d}" if happens(rng, 0.1) else None,
        spouse=_name(rng)[0] if happens(rng, 0.5) else None,
        homes=tuple(
            Home(
                text=address(rng),
                since=today - timedelta(days=rng.randrange(60, 900) + 1000 * back),
                owned=happens(rng, 0.5),
            )
            for back in range(2 if moved else 1)
        ),
    )


def _name(rng: Random) -> tuple[str, str]:
    parts = (rng.choice(_STEMS), rng.choice(_SYLLABLES), rng.choice(_SYLLABLES))
    name = "".join(han for han, _ in parts)
    return name, romanised(name)


def romanised(name: str) -> str:
    """A name of ours in pinyin: `jia yunfan`."""
    family, *given = (_SOUNDS[han] for han in name)
    return f"{family} {''.join(given)}"


def sibling(elder: str, younger: str) -> str:
    """The name of a younger sibling: family name and generation name of the elder."""
    last = younger[-1]
    if last == elder[-1]:
        last = _SYLLABLES[(_PLACES[last] + 1) % len(_SYLLABLES)][0]
    return elder[:-1] + last


def address(rng: Random) -> str:
    """A street in a town that is not on the map."""
    town, street = rng.choice(_TOWNS), rng.choice(_STREETS)
    number, block, room = rng.randrange(1, 400), rng.randrange(1, 30), rng.randrange(101, 2900)
    return f"示例市{town}区{street}路{number}号{block}栋{room}室"


def employer(rng: Random) -> str:
    """A firm that was never registered."""
    trade = rng.choice(("纺织", "软件", "物流", "餐饮", "建材", "传媒", "仪表", "园艺"))
    return f"示例{rng.choice(_TOWNS)}{trade}有限公司"
