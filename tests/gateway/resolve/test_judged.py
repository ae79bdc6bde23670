"""gateway.resolve.judged: a person's word joins accounts, or parts them, and no others."""

from dataclasses import replace
from typing import Any

from gateway.profile.concluded import Evidence, Held
from gateway.resolve.judged import Judgements, Whose, account_name
from gateway.resolve.loan import same_loans
from tests.gateway.reports import CONFIG, JUZI, card, cny, day, loan
from tests.gateway.resolve.groups import grouped, judged, names

TWINS = [loan(source, name) for source in ("pboc", "baihang") for name in ("A1", "A2")]


def test_a_persons_word_joins_what_the_facts_cannot() -> None:
    """One of two twin pairs is named; with that settled the other pair is clear by itself."""
    got = grouped(*TWINS, said=judged((TWINS[0], TWINS[3])))

    assert names(got) == [["baihang:A1", "pboc:A2"], ["baihang:A2", "pboc:A1"]]
    rules = {one.rule for some in got.matches.values() for one in some}
    assert rules == {"judged/1", "same_loan/1"}


def test_a_persons_word_joins_lenders_the_directory_takes_for_two() -> None:
    """Banks merge before directories do. The facts' own score, here none, is still shown."""
    here, there = loan("pboc"), loan("baihang", lender=JUZI["baihang"])
    got = grouped(here, there, said=judged((here, there)))

    assert names(got) == [["baihang:A1", "pboc:A1"]]
    (match,) = got.matches[Evidence("baihang", "R-baihang", "A1")]
    assert (match.rule, match.score) == ("judged/1", None)


def test_a_persons_word_parts_what_the_facts_join() -> None:
    """Also where a third record would bring them together again."""
    here, there, third = loan("pboc"), loan("baihang"), loan("north")
    got = names(grouped(here, there, third, said=judged((here, there), different=True)))

    assert not any({"pboc:A1", "baihang:A1"} <= set(group) for group in got)


def test_a_persons_word_parts_two_pulls_of_one_source() -> None:
    """Whichever of the two stands first, and whichever is called by the lesser name."""
    days = ("2025-03-05", "2025-03-06")
    pulls = [loan(record_id=on, opened=day(on), account_ref=None) for on in days]
    said = judged((pulls[0], pulls[1]), different=True)

    for told in (pulls, pulls[::-1]):
        held = [Held(Evidence("pboc", f"R{n}", one.record_id), one) for n, one in enumerate(told)]
        asked = CONFIG.rules.loan, CONFIG.institutions
        assert len(same_loans(held, *asked).groups) == 1
        assert len(same_loans(held, *asked, said).groups) == 2


def test_a_judgement_holds_in_the_next_report() -> None:
    """Record ids and figures move from report to report, what the source calls the account not."""
    said = judged((TWINS[0], TWINS[3]))
    again = [
        replace(one, record_id=f"X{n}", balance=cny(1_000 + n % 2)) for n, one in enumerate(TWINS)
    ]

    assert ["baihang:X3", "pboc:X0"] in names(grouped(*again, said=said))


def test_a_judgement_that_fits_two_accounts_is_not_applied() -> None:
    """Without a number of its own an account is named by day and sum, as its twin is."""
    owed = [cny(1_000 * n) for n in range(4)]
    plain = [replace(one, account_ref=None, balance=b) for one, b in zip(TWINS, owed, strict=True)]
    got = grouped(*plain, said=judged((plain[0], plain[2])))

    assert len(got.groups) == len(got.unclear) == 4


def test_a_masked_number_names_no_account_alone() -> None:
    """Many accounts end in the same four digits: a ruling about one must not meet another."""
    masked: dict[str, Any] = {"account_ref": "****1234"}
    one, other = (
        account_name(loan(opened=day(on), **masked)) for on in ("2025-03-05", "2025-04-05")
    )
    less = account_name(loan(original_amount=cny(9), opened=day("2025-03-05"), **masked))

    hidden = account_name(loan(opened=day("2025-03-05"), account_ref="****5678"))

    assert None not in {one, other, less, hidden}
    assert len({one, other, less, hidden}) == 4
    yuan, dollars = (account_name(loan(currency=c, account_ref="1234")) for c in ("CNY", "USD"))
    assert yuan != dollars  # a card in two currencies is two accounts under one number
    assert account_name(loan(opened=None, **masked)) is None
    assert account_name(loan(opened=None, account_ref="1234")) is not None


def test_judgements_that_contradict_each_other_join_nothing() -> None:
    """A is B, B is C, A is not C: the last of them cannot be, and is said to be unclear."""
    a, b, c = loan("pboc"), loan("baihang"), loan("north")
    said = replace(judged((a, b), (b, c)), different=judged((a, c)).same)
    got = grouped(a, b, c, said=said)

    assert not any({"pboc:A1", "north:A1"} <= set(group) for group in names(got))
    assert got.unclear
    assert grouped(a, b, c, said=replace(said, same=said.same[::-1])) == got


def test_what_follows_from_two_judgements_is_not_noted_as_a_third() -> None:
    """A is B, B is C, and so A is C: whoever says that too has joined nothing."""
    a, b, c = (
        loan(source, original_amount=cny(yuan))
        for source, yuan in (("pboc", 1), ("baihang", 2), ("north", 3))
    )
    (two,) = grouped(a, b, c, said=judged((a, b), (b, c))).matches.values()
    (three,) = grouped(a, b, c, said=judged((a, b), (b, c), (a, c))).matches.values()

    assert len(two) == len(three) == 2


def test_a_loan_is_never_judged_to_be_a_card() -> None:
    """Two families are two accounts; the judgement is shown as unclear and changes nothing."""
    here, there = loan("pboc"), card("baihang", "C1")
    got = grouped(here, there, said=judged((here, there)))

    assert len(got.groups) == 2
    assert len(got.unclear) == 2


def test_a_judged_pair_is_the_one_that_was_named() -> None:
    """A is B, then B is C: the second pair is B and C, though A stands first in their group."""
    told = [
        loan(source, lender=word, original_amount=cny(yuan))
        for source, word, yuan in (
            ("baihang", "示例甲公司", 1), ("pboc", "AN", 2), ("telecom", "示例乙公司", 3),
        )
    ]  # fmt: skip
    got = grouped(*told, said=judged((told[0], told[1]), (told[1], told[2])))

    (matches,) = got.matches.values()
    assert [(one.one.source, one.other.source) for one in matches] == [
        ("baihang", "pboc"), ("pboc", "telecom"),
    ]  # fmt: skip


def test_an_account_of_two_lenders_is_compared_with_both() -> None:
    """A person joined B, of a lender nobody listed, to A; C fits A, whatever the lenders' order."""
    a, c = loan("pboc"), loan("north")
    for word in ("ab公司", "示例甲公司"):
        b = loan("0source", lender=word, original_amount=None, grid=())
        assert names(grouped(a, b, c, said=judged((a, b)))) == [
            ["0source:A1", "north:A1", "pboc:A1"]
        ]


def test_an_unclear_account_is_named_once() -> None:
    """However many judgements speak of it."""
    a, b, c = loan("pboc"), loan("baihang"), loan("north")
    said = replace(judged((a, b), (a, c)), different=judged((a, b), (a, c)).same)

    assert [one.source for one in grouped(a, b, c, said=said).unclear] == [
        "baihang",
        "north",
        "pboc",
    ]


def test_whose_a_report_is_is_said_of_one_source() -> None:
    """Another source may number a report alike."""
    said = Judgements(reports=(Whose("pboc", "R1", subject=False),))

    asked = (("pboc", "R1"), ("baihang", "R1"), ("pboc", "R2"))
    assert [said.about_subject(*one) for one in asked] == [False, None, None]
