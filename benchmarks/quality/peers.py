"""The peers of the FEBRL comparison, each set up as its own documentation does it.

Splink finds its weights on the set itself, by expectation maximisation, as in its FEBRL examples.
recordlinkage is given the answers of the other sets, as creditgate is, and fits a logistic
regression. Both decide at their own threshold: one half.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import recordlinkage
from splink import Linker, SettingsCreator, block_on
from splink import comparison_library as cl
from splink.backends.duckdb import DuckDBAPI

from benchmarks.quality.febrl_model import FIELDS, ID

Pair = tuple[str, str]
_BEGINNINGS = (
    ("given_name", "surname"), ("surname", "postcode"), ("given_name", "postcode"),
    ("surname", "suburb"), ("given_name", "suburb"),
)  # fmt: skip
_TEXTS = ("given_name", "surname", "address_1", "address_2", "suburb")
_NUMBERS = ("street_number", "postcode", "date_of_birth", ID)


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs a peer calls one person, how many it scored, and the CPU seconds of scoring."""

    pairs: frozenset[Pair]
    scored: int
    cpu_s: float


def fields(*, with_id: bool) -> list[str]:
    """The columns compared."""
    return [field for field in FIELDS if with_id or field != ID]


class Splink:
    """Trained on one pair of lists; judges those and others."""

    name = "splink"

    def __init__(self, left: pd.DataFrame, right: pd.DataFrame, *, with_id: bool) -> None:
        self._with_id = with_id
        self._link = "dedupe_only" if left is right else "link_only"
        linker = self._linker(self._settings(), left, right)
        training = linker.training
        sure = [block_on(ID)] if with_id else [block_on("date_of_birth", "surname")]
        training.estimate_probability_two_random_records_match(sure, recall=0.9 if with_id else 0.6)
        training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
        training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
        self._trained: Mapping[str, Any] = linker.misc.save_model_to_json()
        self._trained_on = linker

    def judge(self) -> Found:
        """All pairs of the lists it was trained on."""
        return self._predict(self._trained_on)

    def alone_s(self, left: pd.DataFrame, right: pd.DataFrame) -> float:
        """CPU seconds of one pair judged by itself: the first of each."""
        both = enumerate((left.iloc[0], right.iloc[0]))
        one, other = ({"unique_id": str(n), **row} for n, row in both)
        started = time.process_time()
        self._trained_on.inference.score_pair(one, other).as_pandas_dataframe()
        return time.process_time() - started

    def judge_pairs(self, left: pd.DataFrame, right: pd.DataFrame) -> Found:
        """Row by row: the first of `left` with the first of `right`, and so on."""
        names = [str(n) for n in range(len(left))]
        numbered = [frame.assign(case=names) for frame in (left, right)]
        by_case = [block_on("case").create_blocking_rule_dict("duckdb")]
        settings = {
            **self._trained,
            "link_type": "link_only",
            "blocking_rules_to_generate_predictions": by_case,
        }
        return self._predict(self._linker(settings, *numbered))

    def _settings(self) -> SettingsCreator:
        keys = [block_on("date_of_birth"), block_on("street_number", "substr(address_1, 1, 4)")]
        keys += [block_on(*(f"substr({f}, 1, 4)" for f in two)) for two in _BEGINNINGS]
        if self._with_id:
            keys.append(block_on(ID))
        compared = [
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("street_number", 1),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("address_2", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.ExactMatch("state"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        ]
        if self._with_id:
            compared.append(cl.DamerauLevenshteinAtThresholds(ID, [1, 2]))
        return SettingsCreator(
            link_type=self._link,
            comparisons=compared,
            blocking_rules_to_generate_predictions=keys,
            retain_matching_columns=False,
        )

    @staticmethod
    def _linker(settings: Any, left: pd.DataFrame, right: pd.DataFrame) -> Linker:  # noqa: ANN401
        database = DuckDBAPI()
        tables = [left] if left is right else [left, right]
        named = [
            database.register(table.rename_axis("unique_id").reset_index(), table_name=f"list_{n}")
            for n, table in enumerate(tables)
        ]
        return Linker(named, settings, log_level=logging.ERROR)

    @staticmethod
    def _predict(linker: Linker) -> Found:
        started = time.process_time()
        scored = linker.inference.predict(threshold_match_probability=0).as_pandas_dataframe()
        cpu_s = time.process_time() - started
        sure = scored[scored.match_probability >= 0.5]  # noqa: PLR2004 - more likely than not
        pairs = frozenset(zip(sure.unique_id_l, sure.unique_id_r, strict=True))
        return Found(pairs, len(scored), cpu_s)


class RecordLinkage:
    """Fitted on lists whose pairs are known."""

    name = "recordlinkage"

    def __init__(self, known: Sequence[pd.DataFrame], *, with_id: bool) -> None:
        self._with_id = with_id
        compared = [self._compare(self._candidates(one, one), one, one) for one in known]
        together = pd.concat(compared)
        true = [person(one) == person(other) for one, other in together.index]
        self._classifier = recordlinkage.LogisticRegressionClassifier()
        self._classifier.fit(together, together.index[true])

    def judge(self, left: pd.DataFrame, right: pd.DataFrame) -> Found:
        """All candidate pairs of two lists, or of one."""
        return self._decide(self._candidates(left, right), left, right)

    def judge_pairs(self, left: pd.DataFrame, right: pd.DataFrame) -> Found:
        """Row by row."""
        pairs = pd.MultiIndex.from_arrays([left.index, right.index])
        return self._decide(pairs, left, right)

    def alone_s(self, left: pd.DataFrame, right: pd.DataFrame) -> float:
        """CPU seconds of one pair judged by itself: the first of each."""
        return self.judge_pairs(left.iloc[:1], right.iloc[:1]).cpu_s

    def _decide(self, pairs: pd.MultiIndex, left: pd.DataFrame, right: pd.DataFrame) -> Found:
        started = time.process_time()
        found = self._classifier.predict(self._compare(pairs, left, right))
        return Found(frozenset(found), len(pairs), time.process_time() - started)

    def _candidates(self, left: pd.DataFrame, right: pd.DataFrame) -> pd.MultiIndex:
        indexer = recordlinkage.Index()
        keys = ["given_name", "surname", "date_of_birth", "postcode"]
        for key in [*keys, ID] if self._with_id else keys:
            indexer.block(key)
        return indexer.index(left) if left is right else indexer.index(left, right)

    def _compare(
        self, pairs: pd.MultiIndex, left: pd.DataFrame, right: pd.DataFrame
    ) -> pd.DataFrame:
        compare = recordlinkage.Compare()
        for field in fields(with_id=self._with_id):
            if field in _TEXTS:
                compare.string(field, field, method="jarowinkler", label=field)
            elif field in _NUMBERS:
                compare.string(field, field, method="damerau_levenshtein", label=field)
            else:
                compare.exact(field, field, label=field)
        return (
            compare.compute(pairs, left) if left is right else compare.compute(pairs, left, right)
        )


def person(record: str) -> str:
    """Who a FEBRL record is: `rec-17-org` and `rec-17-dup-0` are one."""
    return record.split("-")[1]
