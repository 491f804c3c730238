"""What martlet-metrics keeps beside samples (exemplars, metadata), for whom (tenants), and what it refuses."""

import json
import time

import prometheus_client

from processes import free_port, get, http, run, wait_for
from remote_write import series, snappy

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
WRITE = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}


def query(base, text, headers=None, **parameters):
    answer = get(base + "/api/v1/query", headers=headers, query=text, **parameters)
    assert answer.status == 200, answer.text
    return answer.json()["data"]["result"]


def write(base, items, headers=None):
    return http("POST", base + "/api/v1/write", snappy(b"".join(items)), {**WRITE, **(headers or {})})


def test_exemplars_and_metadata_outlast_a_kill_and_prometheus_opens_the_directory(launch, tmp_path):
    registry = prometheus_client.CollectorRegistry()
    orders = prometheus_client.Counter("orders", "orders placed", registry=registry)
    orders.inc(7, {"trace_id": TRACE})
    exporter, thread = prometheus_client.start_http_server(0, "127.0.0.1", registry=registry)
    config = tmp_path / "prometheus.yml"
    config.write_text(f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - {{job_name: shop, static_configs: [{{targets: ["127.0.0.1:{exporter.server_port}"]}}]}}
""")
    data = tmp_path / "data"

    def traces(base):
        found = get(base + "/api/v1/query_exemplars", query="orders_total", start=0, end=time.time() + 60).json()
        return [item["labels"]["trace_id"] for one in found["data"] for item in one["exemplars"]]

    try:
        server, martlet = launch.server("metrics", data, "--config.file", config)
        wait_for(lambda: query(martlet, "count_over_time(orders_total[1m]) > 2"), "three scrapes")
        wait_for(lambda: traces(martlet) == [TRACE], "the exemplar")
        known = get(martlet + "/api/v1/targets/metadata", match_target='{job="shop"}', metric="orders").json()["data"]
        assert [(item["type"], item["help"]) for item in known] == [("counter", "orders placed")]
        assert known[0]["target"]["job"] == "shop"
        assert get(martlet + "/api/v1/targets/metadata", metric="nothing").json()["data"] == []
        server.kill()
    finally:
        exporter.shutdown()
        thread.join(5)
    server, martlet = launch.server("metrics", data)
    assert traces(martlet) == [TRACE]
    assert get(martlet + "/api/v1/metadata", metric="orders").json()["data"] == {
        "orders": [{"type": "counter", "help": "orders placed", "unit": ""}]}
    at = time.time()
    before = query(martlet, "count_over_time(orders_total[5m])", time=at)
    assert server.stop() == 0
    _, reader = launch.prometheus("global: {}\n", data)
    assert query(reader, "count_over_time(orders_total[5m])", time=at) == before


def test_exemplars_of_blocks_are_answered_and_promtool_accepts_the_blocks(launch, tmp_path):
    lines, start = [], 1_700_000_000
    for step in range(0, 8 * 3600, 600):
        lines.append(f'orders_total{{shop="a"}} {step} {start + step} # {{trace_id="t{step}"}} 1 {start + step}')
    text = tmp_path / "orders.om"
    text.write_text("# TYPE orders counter\n" + "\n".join(lines) + "\n# EOF\n")
    data = tmp_path / "data"
    code, _, errors = run([launch.executables / "martlet", "metrics", "import", text, data])
    assert code == 0, errors
    blocks = [path for path in data.iterdir() if len(path.name) == 26]
    assert len(blocks) >= 4 and all((block / "exemplars").exists() for block in blocks)
    (data / "wal").mkdir()  # promtool dumps no directory without one
    for command in ("list", "analyze", "dump"):
        code, _, errors = run(["promtool", "tsdb", command, data])
        assert code == 0, errors
    code, out, errors = run([launch.executables / "martlet", "metrics", "tsdb", "verify", data])
    assert code == 0, out + errors
    _, martlet = launch.server("metrics", data, "--storage.tsdb.retention.time", "100y")

    def found():
        answer = get(martlet + "/api/v1/query_exemplars", query="orders_total", start=start, end=start + 9 * 3600).json()
        return [item["labels"]["trace_id"] for one in answer["data"] for item in one["exemplars"]], answer

    assert found()[0] == [f"t{step}" for step in range(0, 8 * 3600, 600)]


def test_a_damaged_file_of_exemplars_is_a_warning(launch, tmp_path):
    start = 1_700_000_000
    text = tmp_path / "orders.om"
    text.write_text(f'# TYPE orders counter\norders_total 1 {start} # {{trace_id="t"}} 1 {start}\n# EOF\n')
    data = tmp_path / "data"
    assert run([launch.executables / "martlet", "metrics", "import", text, data])[0] == 0
    file = next(data.glob("*/exemplars"))
    file.write_bytes(file.read_bytes()[:-1])
    _, martlet = launch.server("metrics", data, "--storage.tsdb.retention.time", "100y")
    answer = get(martlet + "/api/v1/query_exemplars", query="orders_total", start=start - 1, end=start + 1).json()
    assert answer["data"] == [] and str(file) in answer["warnings"][0], answer
    assert query(martlet, "orders_total", time=start)[0]["value"][1] == "1"


def test_limits_name_themselves_and_the_rest_is_kept(launch, tmp_path):
    quiet = tmp_path / "quiet.yml"
    quiet.write_text("global: {}\n")
    _, martlet = launch.server("metrics", tmp_path / "data", "--config.file", quiet, "--storage.max-series", 3)
    now = int(time.time() * 1000)
    answer = write(martlet, [series({"__name__": "a", "v": "x" * 20_000}, [(now, 1)]), series({"__name__": "b"}, [(now, 2)])])
    assert answer.status == 400
    assert "label value longer than 16384 bytes: raise --storage.max-label-value-length (1)" in answer.text
    assert len(answer.text) < 1000
    assert query(martlet, "b")[0]["value"][1] == "2"
    answer = write(martlet, [series({"__name__": f"c{index}"}, [(now, 3)]) for index in range(5)])
    assert answer.status == 400 and "limit of 3 series reached: raise --storage.max-series (3)" in answer.text
    assert len(query(martlet, '{__name__=~"c.*"}')) == 2


def test_tenants_and_logins_that_are_bound_to_one(launch, tmp_path):
    web = tmp_path / "web.yml"
    web.write_text(json.dumps({"tokens": [
        {"name": "root", "token": "root-root-root-root"},
        {"name": "writer", "token": "writer-of-team-a-", "tenant": "team-a", "access": "write"},
        {"name": "reader", "token": "reader-of-team-a-", "tenant": "team-a", "access": "read"},
    ]}))
    data, port = tmp_path / "data", free_port()
    root, writer, reader = "root-root-root-root", "writer-of-team-a-", "reader-of-team-a-"

    def start():
        server = launch.start(
            "martlet-metrics", "--storage.path", data, "--web.listen-address", f"127.0.0.1:{port}",
            "--web.config.file", web, "--auth.multitenancy-enabled")
        ready = f"http://127.0.0.1:{port}/-/ready"
        wait_for(lambda: get(ready, headers={"Authorization": f"Bearer {root}"}).status == 200, ready)
        return server, f"http://127.0.0.1:{port}"

    def bearer(token, tenant=None):
        return {"Authorization": f"Bearer {token}", **({"X-Scope-OrgID": tenant} if tenant else {})}

    server, martlet = start()
    now = int(time.time() * 1000)
    item = [series({"__name__": "m"}, [(now, 1)])]
    assert write(martlet, item, bearer(root)).status == 401
    assert write(martlet, item, bearer(root, "team-b")).status == 204
    assert write(martlet, [series({"__name__": "m"}, [(now, 2)])], bearer(writer)).status == 204
    assert write(martlet, item, bearer(writer, "team-b")).status == 403
    assert write(martlet, item, bearer(reader)).status == 403
    assert get(martlet + "/api/v1/query", headers=bearer(writer), query="m").status == 403
    server.kill()
    server, martlet = start()
    for headers, value in ((bearer(reader), "2"), (bearer(root, "team-a"), "2"), (bearer(root, "team-b"), "1")):
        assert query(martlet, "m", headers)[0]["value"][1] == value
    assert query(martlet, "m", bearer(root, "anonymous")) == []
    assert get(martlet + "/api/v1/rules", headers=bearer(reader)).status == 403
    assert get(martlet + "/api/v1/query", headers=bearer(root), query="m").status == 401
    assert server.stop() == 0
    # A tenant's directory is a Prometheus directory.
    _, reader = launch.prometheus("global: {}\n", data / "tenants" / "team-a")
    assert query(reader, "m", time=now / 1000)[0]["value"][1] == "2"


def test_own_metrics_pass_promtools_lint(launch, tmp_path):
    _, martlet = launch.server("metrics", tmp_path / "data")
    wait_for(lambda: query(martlet, "up"), "a scrape")
    code, out, errors = run(["promtool", "check", "metrics"], stdin=get(martlet + "/metrics").text)
    assert (code, out + errors) == (0, ""), errors
