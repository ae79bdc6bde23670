"""What operators count: per source and per stage, never per person.

Labels come from closed lists (sources of the configuration, outcomes, routes as templates), so
no identifier can become one and the number of series is bounded.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from consent.clock import monotonic_s

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry for one gateway, so that two in one process do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "creditgate_request_seconds",
            "Time from the first byte of a request to its reply.",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "creditgate_stage_seconds",
            "Time of one stage of a pull.",
            ("stage",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._fetches = Histogram(
            "creditgate_source_seconds",
            "Time a source took, from the socket to the records.",
            ("source", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._issues = Counter(
            "creditgate_source_issues",
            "Data-quality issues counted on reports.",
            ("source", "kind"),
            registry=self.registry,
        )
        self._refusals = Counter(
            "creditgate_refusals",
            "Asks that consent did not cover.",
            ("reason",),
            registry=self.registry,
        )
        self._auth_failures = Counter(
            "creditgate_auth_failures", "Calls nobody was let in for.", registry=self.registry
        )
        self._in_flight = Gauge(
            "creditgate_requests_in_flight", "Requests being worked on.", registry=self.registry
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request answered."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def stage(self, stage: str, seconds: float) -> None:
        """One stage of a pull done."""
        self._stages.labels(stage).observe(seconds)

    def fetch(self, source: str, outcome: str, seconds: float) -> None:
        """One source asked."""
        self._fetches.labels(source, outcome).observe(seconds)

    def of_source(self, source: str) -> tuple[dict[str, int], int | None]:
        """Calls of one source by outcome, and their mean time in ms; for the operators' page."""
        calls: dict[str, int] = {}
        seconds = 0.0
        for sample in next(iter(self._fetches.collect())).samples:
            if sample.labels.get("source") != source:
                continue
            if sample.name.endswith("_count"):
                calls[sample.labels["outcome"]] = round(sample.value)
            elif sample.name.endswith("_sum"):
                seconds += sample.value
        total = sum(calls.values())
        return calls, round(seconds * 1000 / total) if total else None

    def issue(self, source: str, kind: str, count: int) -> None:
        """Data-quality issues of one report."""
        self._issues.labels(source, kind).inc(count)

    def refusal(self, reason: str) -> None:
        """One ask refused."""
        self._refusals.labels(reason).inc()

    def auth_failure(self) -> None:
        """One call turned away at the door."""
        self._auth_failures.inc()

    def in_flight(self, change: int) -> None:
        """A request began (+1) or ended (-1)."""
        self._in_flight.inc(change)

    def exposition(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)


class Lap:
    """Times the stages of one pull, one after the other."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.began = self._last = monotonic_s()

    def __call__(self, stage: str) -> None:
        """The stage that ends here."""
        now = monotonic_s()
        self._metrics.stage(stage, now - self._last)
        self._last = now
