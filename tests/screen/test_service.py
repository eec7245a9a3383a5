"""The API: answers, refusals, limits."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bongsu.screen.index import Index
from bongsu.screen.service.app import create
from bongsu.screen.service.guard import Buckets, Limits

KEY = "k" * 24


def _call(app: Any, method: str, path: str, **more: Any) -> httpx.Response:
    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as client:
            return await client.request(method, path, **more)

    return asyncio.run(go())


@pytest.fixture(scope="module")
def app(index: Index) -> Any:
    return create(index, limits=Limits(rate=0))


def test_one_party(app: Any) -> None:
    answer = _call(app, "POST", "/screen", json={"names": ["박진혁"], "birth": ["1984-08-15"]})
    assert answer.status_code == 200
    assert answer.json()["band"] == "strong"
    assert answer.json()["hits"][0]["entry"] == "OFAC-24918"


def test_many_parties_in_their_order(app: Any) -> None:
    answer = _call(
        app, "POST", "/screen/bulk", json={"queries": [{"names": ["Jane Roe"]}, {"names": ["Lazarus Group"]}]}
    )
    assert [item["band"] for item in answer.json()] == ["clear", "strong"]


def test_wallets_good_bad_and_clear(app: Any) -> None:
    texts = ["0x098b716b8aaf21512996dc57eb0615e2383e2f96", "0x12", "0x" + "0" * 40]
    answer = _call(app, "POST", "/addresses", json={"addresses": texts})
    assert [item["band"] for item in answer.json()] == ["strong", "error", "clear"]


def test_yentes_clients_are_understood(app: Any) -> None:
    asked = {
        "q": {
            "schema": "Person",
            "properties": {"name": ["Pak Jin Hek"], "birthDate": ["1984-08-15"], "gender": ["male"]},
        }
    }
    answer = _call(app, "POST", "/match/default?algorithm=best", json={"queries": asked}).json()["responses"]["q"]
    assert answer["status"] == 200
    assert answer["results"][0]["match"] is True
    assert answer["results"][0]["schema"] == "Person"
    assert answer["total"] == {"value": 1, "relation": "eq"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/screen", b"{", 400),
        ("/screen", b"{}", 422),
        ("/screen", b'{"names":["a"],"nmae":["b"]}', 422),
        ("/screen", b'{"names":["%s"]}' % (b"x" * 2000), 422),
        ("/screen/bulk", b'{"queries":[]}', 422),
        ("/screen/bulk", b'{"queries":[%s]}' % b",".join([b'{"names":["a"]}'] * 501), 422),
        ("/match/nowhere", b'{"queries":{"q":{"schema":"Person"}}}', 404),
        ("/nowhere", b"{}", 404),
    ],
)
def test_a_request_at_fault_gets_a_clear_4xx(app: Any, path: str, body: bytes, status: int) -> None:
    answer = _call(app, "POST", path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


def test_nothing_that_could_be_compared_is_an_error_and_not_clear(app: Any) -> None:
    assert _call(app, "POST", "/screen", json={"imo": ["7937318"]}).json()["band"] == "error"
    assert _call(app, "POST", "/screen", json={"wallets": ["0x12"]}).json()["band"] == "error"


def test_a_body_of_fifty_megabytes_is_refused_whether_its_length_is_told_or_not(app: Any) -> None:
    async def pieces() -> Any:
        for _ in range(800):
            yield b" " * 65_536

    assert _call(app, "POST", "/screen", content=b" " * 52_428_800).status_code == 413
    assert _call(app, "POST", "/screen", content=pieces()).status_code == 413


def test_keys(index: Index) -> None:
    app = create(index, frozenset({KEY}), Limits(rate=0))
    assert _call(app, "GET", "/lists").status_code == 401
    assert _call(app, "GET", "/lists", headers={"authorization": "Bearer wrong"}).status_code == 401
    for headers in ({"authorization": f"Bearer {KEY}"}, {"authorization": f"ApiKey {KEY}"}, {"x-api-key": KEY}):
        assert _call(app, "GET", "/lists", headers=headers).status_code == 200
    assert _call(app, "GET", "/healthz").status_code == 200


def test_the_callers_request_id_comes_back_unless_it_is_unsafe(app: Any) -> None:
    assert _call(app, "GET", "/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert _call(app, "GET", "/healthz", headers={"x-request-id": "a b<"}).headers["x-request-id"] != "a b<"


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"names":' * 20_000, b'{"names":["\\ud800"]}', b'{"names":["\xff"]}']
)
def test_deep_or_broken_json_is_a_clear_4xx(app: Any, body: bytes) -> None:
    answer = _call(app, "POST", "/screen", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]


def test_a_body_that_comes_too_slowly_is_given_up(index: Index) -> None:
    app = create(index, limits=Limits(rate=0, reading=0.05))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(5)
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
    scope = {
        "type": "http", "method": "POST", "path": "/screen", "raw_path": b"/screen", "query_string": b"", "headers": headers,
        "client": ("t", 1), "server": ("t", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 408


def test_more_requests_at_once_than_slots_wait_for_their_turn(index: Index) -> None:
    app = create(index, limits=Limits(rate=0, parallel=2))

    async def go() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as client:
            asked = [client.post("/screen", json={"names": ["Kim"]}) for _ in range(40)]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert asyncio.run(go()) == [200] * 40


def test_names_beyond_the_bound_of_a_request_are_refused(app: Any) -> None:
    queries = [{"names": [f"n{i}" for i in range(50)]}] * 41
    assert _call(app, "POST", "/screen/bulk", json={"queries": queries}).status_code == 422


def test_answers_say_how_old_their_lists_are(app: Any) -> None:
    (source,) = _call(app, "POST", "/screen", json={"names": ["Jane Roe"]}).json()["lists"]
    assert (source["id"], source["version"], source["whole"]) == ("bongsu-dprk", "2026-11-23", True)
    assert _call(app, "GET", "/healthz").json()["lists"] == [source]


def test_yentes_filters_and_loose_values(app: Any) -> None:
    asked = {"q": {"schema": "Person", "properties": {"name": "Pak Jin Hek", "idNumber": [4711, None]}}}

    def ids(options: str) -> list[str]:
        answer = _call(app, "POST", f"/match/default?{options}", json={"weights": {}, "queries": asked})
        return [result["id"] for result in answer.json()["responses"]["q"]["results"]]

    assert ids("limit=500&algorithm=logic-v2") == ["bongsu-dprk:OFAC-24918"]
    assert ids("include_dataset=bongsu-dprk") == ["bongsu-dprk:OFAC-24918"]
    assert ids("exclude_dataset=bongsu-dprk") == ids("exclude_schema=Person") == []
    assert ids("exclude_entity_ids=bongsu-dprk:OFAC-24918") == []


def test_the_rate_limit_says_when_to_come_back(index: Index) -> None:
    app = create(index, limits=Limits(rate=1, burst=2))
    answers = [_call(app, "GET", "/lists") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    buckets = Buckets(Limits(rate=2, burst=1), clock=lambda: now[0])
    assert buckets.wait("a") == 0
    assert buckets.wait("a") == pytest.approx(0.5)
    now[0] = 0.5
    assert buckets.wait("a") == 0
    assert buckets.wait("b") == 0


def test_parallel_requests_get_the_same_answers(app: Any) -> None:
    names = ["박진혁", "Lazarus Group", "nobody", "Chong Chon Gang"] * 25

    def one(name: str) -> str:
        return str(_call(app, "POST", "/screen", json={"names": [name]}).json()["band"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, names)) == [one(name) for name in names[:4]] * 25


@pytest.mark.slow
def test_schemathesis_finds_nothing(app: Any) -> None:
    import schemathesis

    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    seen = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        from hypothesis import HealthCheck, given, settings

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            case.call_and_validate()

        check()
        seen += 1
    assert seen == 7
