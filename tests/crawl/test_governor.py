from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gpai_scan.crawl.governor import Governor


class Window:
    """A hub's fixed window on a clock of our own, counted as the hub counts."""

    def __init__(self, quota: int, seconds: int, others: float = 0.0) -> None:
        self.now, self.quota, self.seconds, self.others = 0.0, quota, seconds, others
        self.began, self.used, self.most, self.refused = 0.0, 0, 0, 0

    def request(self) -> dict[str, str]:
        if self.now >= self.began + self.seconds:
            self.began, self.used = self.now, 0
        self.used += 1
        self.refused += self.used > self.quota
        self.most = max(self.most, self.used)
        left = max(0, self.quota - self.used)
        reset = int(self.began + self.seconds - self.now)
        return {
            "RateLimit": f'"api";r={left};t={reset}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.quota};w={self.seconds}',
        }

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 1e-3)


def spend(window: Window, governor: Governor, count: int, latency: float = 0.01) -> None:
    for _ in range(count):
        governor.acquire("api")
        window.now += latency
        governor.release("api", window.request())


@given(
    quota=st.integers(20, 600),
    seconds=st.sampled_from([3, 60, 300]),
    share=st.floats(0.1, 1.0),
    latency=st.floats(0.001, 1.5),
)
def test_no_window_is_spent_beyond_the_share(
    quota: int, seconds: int, share: float, latency: float
) -> None:
    window = Window(quota, seconds)
    governor = Governor(share, spare=2, clock=lambda: window.now, sleep=window.sleep)
    spend(window, governor, min(3 * quota, 300), latency)
    assert window.refused == 0
    assert window.most <= max(1, quota * share + 1)


def test_half_the_allowance_goes_at_once_and_the_rest_is_spread() -> None:
    window = Window(500, 300)
    governor = Governor(0.5, clock=lambda: window.now, sleep=window.sleep)
    spend(window, governor, 120)
    assert window.now < 5  # a small scan does not wait
    spend(window, governor, 125)
    assert 200 < window.now < 301  # slowed down before the limit, not stopped at it


def test_throughput_is_that_of_the_share() -> None:
    window = Window(500, 300)
    governor = Governor(0.5, clock=lambda: window.now, sleep=window.sleep)
    spend(window, governor, 3_250, latency=0.4)
    assert 55 < window.now / 60 < 70  # minutes for a full sweep without a token


def test_one_request_finds_out_before_others_follow() -> None:
    window = Window(10, 60)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        governor.release("api", window.request())

    governor = Governor(0.5, clock=lambda: window.now, sleep=sleep)
    governor.acquire("api")
    governor.acquire("api")
    assert len(waits) == 1


def test_a_refusal_pauses_everyone() -> None:
    window = Window(100, 60)
    governor = Governor(1.0, clock=lambda: window.now, sleep=window.sleep)
    spend(window, governor, 1)
    governor.pause("api", 30)
    before = window.now
    spend(window, governor, 1)
    assert window.now - before >= 30
    assert governor.refused == 1


def test_buckets_are_counted_apart_and_by_the_hubs_own_names() -> None:
    window = Window(10, 60)
    governor = Governor(0.5, clock=lambda: window.now, sleep=window.sleep)
    spend(window, governor, 3)
    governor.acquire("resolvers")
    governor.release("resolvers", {"RateLimit": '"pages";r=7;t=9'})
    assert governor.state("api") == (7, 10)
    assert governor.state("resolvers")[0] == 7
    assert governor.state("pages")[0] == 7


def test_without_headers_nothing_is_held_back() -> None:
    governor = Governor(0.5, sleep=lambda _: None)
    for _ in range(1000):
        governor.acquire("api")
        governor.release("api", {})
    assert governor.requests == 1000
    assert governor.rate("api") is None
