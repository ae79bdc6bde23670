"""gateway.profile.rule_names: a rule has its name in one place, and words beside it."""

import re
from pathlib import Path

from gateway.merge.grids import GRID_RULES
from gateway.merge.rules import RULES
from gateway.profile import rule_names
from gateway.profile.rule_names import WORDS

GATEWAY = Path(rule_names.__file__).resolve().parents[1]
RULE = re.compile(r'"([a-z]+(?:_[a-z]+)*/[0-9]+)"')


def test_every_name_has_words() -> None:
    """A rule that is named here and not put into words is half a rule."""
    named = {
        one
        for name, one in vars(rule_names).items()
        if name.isupper() and name[0] != "_" and isinstance(one, str)
    }

    assert named == WORDS.keys()
    assert all(len(words.split()) > 5 for words in WORDS.values())


def test_what_merging_chooses_by_is_named_here() -> None:
    """The fields' rules of the configuration are looked up by these names."""
    assert {*RULES, *GRID_RULES} <= WORDS.keys()


def test_no_rule_is_named_anywhere_else() -> None:
    """A name written where it is used would be a rule that no list of words knows."""
    found = {
        (path.relative_to(GATEWAY).as_posix(), name)
        for path in GATEWAY.rglob("*.py")
        for name in RULE.findall(path.read_text())
    }

    assert {name for _, name in found} == WORDS.keys()
    assert {path for path, _ in found} == {"profile/rule_names.py"}
