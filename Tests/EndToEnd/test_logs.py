"""martlet-logs through its push API, and martlet-agent tailing files into it."""

import gzip
import json
import os
import subprocess
import time

import pytest

from processes import free_port, get, http, wait_for


def push(base, streams, **headers):
    return http("POST", base + "/loki/api/v1/push", {"streams": streams}, headers)


def lines(base, selector, **parameters):
    answer = get(base + "/loki/api/v1/query_range", query=selector, limit=1000, **parameters)
    assert answer.status == 200, answer.text
    return [entry[1] for stream in answer.json()["data"]["result"] for entry in stream["values"]]


def entries(count, start=None, text="line {}"):
    start = start or time.time_ns() - count * 1_000_000
    return [[str(start + i * 1_000_000), text.format(i)] for i in range(count)]


def test_a_pushed_line_is_found_by_label_and_by_text(launch, tmp_path):
    _, base = launch.server("logs", tmp_path)
    stream = {"app": "shop", "env": "prod"}
    values = entries(100) + [[str(time.time_ns()), "payment failed: card declined", {"trace_id": "abc123"}]]
    assert push(base, [{"stream": stream, "values": values}]).status == 204
    assert len(lines(base, '{app="shop"}')) == 101
    assert lines(base, '{app="shop"} |= "declined"') == ["payment failed: card declined"]
    assert lines(base, '{app=~"sh.*"} |~ "card (declined|stolen)" != "refund"') == ["payment failed: card declined"]
    assert lines(base, '{app="nobody"}') == []
    assert "app" in get(base + "/loki/api/v1/labels").json()["data"]
    assert get(base + "/loki/api/v1/label/app/values").json()["data"] == ["shop"]
    series = get(base + "/loki/api/v1/series", **{"match[]": '{app="shop"}'}).json()["data"]
    assert [(s["app"], s["env"]) for s in series] == [("shop", "prod")]
    counted = get(base + "/loki/api/v1/query", query='sum by (app) (count_over_time({app="shop"}[5m]))').json()
    assert counted["data"]["result"][0]["value"][1] == "101"
    assert get(base + "/loki/api/v1/query", query="vector(1)+vector(1)").json()["data"]["result"][0]["value"][1] == "2"


def test_lines_survive_a_kill(launch, tmp_path):
    server, base = launch.server("logs", tmp_path)
    for batch in range(20):
        assert push(base, [{"stream": {"batch": str(batch)}, "values": entries(50)}]).status == 204
    server.kill()
    _, base = launch.server("logs", tmp_path)
    assert len(lines(base, '{batch=~".+"}', direction="forward")) == 1000


def test_gzip_bodies_are_taken_and_broken_ones_refused(launch, tmp_path):
    _, base = launch.server("logs", tmp_path)
    body = json.dumps({"streams": [{"stream": {"a": "b"}, "values": entries(3)}]}).encode()
    json_headers = {"Content-Type": "application/json"}
    packed = http("POST", base + "/loki/api/v1/push", gzip.compress(body), {**json_headers, "Content-Encoding": "gzip"})
    assert packed.status == 204, packed.text
    assert len(lines(base, '{a="b"}')) == 3
    for broken in (body[:-5], b"[1,2", b'{"streams":[{"stream":{"a":"b"},"values":[[12,"x"]]}]}', b"\x00\x01"):
        answer = http("POST", base + "/loki/api/v1/push", broken, json_headers)
        assert answer.status == 400 and answer.text.strip(), (broken, answer.status)
    answer = get(base + "/loki/api/v1/query_range", query='{a="b"')
    assert answer.status == 400 and "parse error" in answer.text


def test_all_lines_come_as_a_stream_and_page_by_page(launch, tmp_path):
    _, base = launch.server("logs", tmp_path)
    # Ten lines share each millisecond.
    start = time.time_ns() - 60_000_000_000
    values = [[str(start + i // 10 * 1_000_000), f"line {i}"] for i in range(12_000)]
    assert push(base, [{"stream": {"app": "shop"}, "values": values}]).status == 204
    url = base + "/loki/api/v1/query_range?query=%7Bapp%3D%22shop%22%7D&direction=forward"
    answer = http("GET", url, None, {"Accept": "application/x-ndjson"})
    assert answer.status == 200, answer.text
    streamed = [json.loads(line) for line in answer.text.splitlines()]
    assert len({line["line"] for line in streamed}) == len(streamed) == 12_000
    assert [line["timestamp"] for line in streamed] == sorted(value[0] for value in values)
    paged, cursor = [], ""
    while cursor is not None:
        data = http("GET", f"{url}&limit=995&cursor={cursor}").json()["data"]
        paged += [entry[1] for stream in data["result"] for entry in stream["values"]]
        cursor = data.get("cursor")
    assert len(set(paged)) == len(paged) == 12_000


def test_deleted_lines_leave_the_disk(launch, tmp_path):
    config = tmp_path / "loki.yaml"
    config.write_text("auth_enabled: false\ncompactor: {delete_request_cancel_period: 5s}\n")
    server, base = launch.server("logs", tmp_path / "data", "--config.file", config)
    values = entries(50) + entries(5, text="secret {}")
    assert push(base, [{"stream": {"app": "shop"}, "values": values}]).status == 204
    query = "query=%7Bapp%3D%22shop%22%7D%7C%3D%22secret%22"
    begin = int(time.time()) - 3600

    def status():
        return get(base + "/loki/api/v1/delete").json()[0]["status"]

    assert http("POST", base + f"/loki/api/v1/delete?{query}&start={begin}", b"").status == 204
    assert status() == "received"
    assert len(lines(base, '{app="shop"}')) == 50
    wait_for(lambda: status() == "processed", "the lines gone from the disk")
    assert len(lines(base, '{app="shop"}')) == 50
    server.kill()
    # Without the request nothing hides what would still be there.
    (tmp_path / "data" / "deletes" / "fake.json").unlink()
    _, base = launch.server("logs", tmp_path / "data", "--config.file", config)
    assert len(lines(base, '{app="shop"}')) == 50


def test_a_query_is_about_several_tenants_where_it_may_be(launch, tmp_path):
    config = tmp_path / "loki.yaml"
    config.write_text("auth_enabled: true\nquerier: {multi_tenant_queries_enabled: true}\n")
    _, base = launch.server("logs", tmp_path / "data", "--config.file", config)
    for tenant, count in (("a", 2), ("b", 3)):
        streams = [{"stream": {"app": "shop"}, "values": entries(count)}]
        assert push(base, streams, **{"X-Scope-OrgID": tenant}).status == 204

    def counted(tenants, query):
        url = base + "/loki/api/v1/query?query=" + query
        answer = http("GET", url, None, {"X-Scope-OrgID": tenants})
        assert answer.status == 200, answer.text
        return {s["metric"]["__tenant_id__"]: s["value"][1] for s in answer.json()["data"]["result"]}

    query = "sum%20by%20(__tenant_id__)%20(count_over_time(%7Bapp%3D%22shop%22%7D%5B5m%5D))"
    assert counted("a|b", query) == {"a": "2", "b": "3"}
    assert push(base, [{"stream": {"app": "x"}, "values": entries(1)}], **{"X-Scope-OrgID": "a|b"}).status == 400


def agent_config(base, positions, pattern, port):
    return f"""
server: {{http_listen_port: {port}}}
positions: {{filename: {positions}}}
clients:
  - url: {base}/loki/api/v1/push
    batchwait: 200ms
scrape_configs:
  - job_name: app
    static_configs:
      - targets: [localhost]
        labels: {{job: app, __path__: "{pattern}"}}
"""


@pytest.fixture
def tailing(launch, tmp_path):
    """An agent that tails tmp_path/logs/*.log into a log server; yields (directory, start agent, base URL)."""
    directory = tmp_path / "logs"
    directory.mkdir()
    _, base = launch.server("logs", tmp_path / "data")
    config = tmp_path / "promtail.yml"

    def start():
        config.write_text(agent_config(base, tmp_path / "positions.yaml", directory / "*.log", 0))
        return launch.server(
            "agent", tmp_path / "agent", "--config.file", config,
            "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
            "--otlp.http-listen-address", f"127.0.0.1:{free_port()}",
            "--exporter.listen-address", f"127.0.0.1:{free_port()}")[0]

    return directory, start, base


def test_the_agent_follows_a_file_through_rotation_and_its_own_death(tailing):
    directory, start, base = tailing
    log = directory / "app.log"
    log.write_text("first\n")
    agent = start()

    def seen():
        return sorted(lines(base, '{job="app"}'))

    wait_for(lambda: seen() == ["first"], "the first line")
    with open(log, "a") as file:
        file.write("second\nthi")
    wait_for(lambda: seen() == ["first", "second"], "only the finished line")
    with open(log, "a") as file:
        file.write("rd\n")
    wait_for(lambda: len(seen()) == 3, "the line that was completed")
    os.rename(log, directory / "app.log.1")
    log.write_text("after rotation\n")
    wait_for(lambda: "after rotation" in seen(), "a line of the new file")
    agent.kill()
    with open(log, "a") as file:
        file.write("while it was away\n")
    agent = start()
    wait_for(lambda: "while it was away" in seen(), "a line written while the agent was away")
    # A kill may repeat what was read in its last moments, and never loses a line.
    assert set(seen()) == {"first", "second", "third", "after rotation", "while it was away"}
    os.truncate(log, 0)
    with open(log, "a") as file:
        file.write("after truncation\n")
    wait_for(lambda: "after truncation" in seen(), "a line after copytruncate")


def test_lines_wait_on_disk_while_the_log_server_is_away(launch, tmp_path):
    directory = tmp_path / "logs"
    directory.mkdir()
    port = free_port()
    config = tmp_path / "promtail.yml"
    config.write_text(agent_config(f"http://127.0.0.1:{port}", tmp_path / "positions.yaml", directory / "*.log", 0))
    arguments = (
        "--config.file", config, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
        "--otlp.http-listen-address", f"127.0.0.1:{free_port()}", "--exporter.listen-address", f"127.0.0.1:{free_port()}")
    agent, _ = launch.server("agent", tmp_path / "agent", *arguments)
    (directory / "app.log").write_text("".join(f"line {i}\n" for i in range(500)))
    wait_for(lambda: (tmp_path / "positions.yaml").exists(), "positions saved")
    time.sleep(1)
    agent.kill()
    agent, _ = launch.server("agent", tmp_path / "agent", *arguments)
    _, base = launch.server("logs", tmp_path / "data", port=port)

    def arrived():
        # What a kill may have repeated counts once, where it first stands.
        return list(dict.fromkeys(lines(base, '{job="app"}', direction="forward")))

    wait_for(lambda: len(arrived()) == 500, "all lines after the server came back")
    assert arrived() == [f"line {i}" for i in range(500)]


def test_the_agent_reads_a_journal(launch, tmp_path):
    journal = tmp_path / "journal"
    journal.mkdir()
    now = time.time_ns() // 1000
    export = "".join(
        f"__REALTIME_TIMESTAMP={now + i}\n__MONOTONIC_TIMESTAMP={1000 + i}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n"
        f"MESSAGE=entry {i}\nPRIORITY={3 if i % 2 else 6}\n_SYSTEMD_UNIT=shop.service\n_HOSTNAME=kiosk\n\n" for i in range(20))
    (tmp_path / "export").write_text(export)
    subprocess.run(
        ["/lib/systemd/systemd-journal-remote", "-o", journal / "host.journal", tmp_path / "export"],
        check=True, capture_output=True)
    _, base = launch.server("logs", tmp_path / "data")
    config = tmp_path / "promtail.yml"
    config.write_text(f"""
positions: {{filename: {tmp_path / 'positions.yaml'}}}
clients: [{{url: "{base}/loki/api/v1/push"}}]
scrape_configs:
  - job_name: journal
    journal: {{path: {journal}, max_age: 24h, labels: {{job: systemd-journal}}}}
    relabel_configs:
      - source_labels: [__journal__systemd_unit]
        target_label: unit
      - source_labels: [__journal_priority_keyword]
        target_label: level
""")
    launch.server(
        "agent", tmp_path / "agent", "--config.file", config,
        "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}", "--otlp.http-listen-address", f"127.0.0.1:{free_port()}",
        "--exporter.listen-address", f"127.0.0.1:{free_port()}")
    wait_for(lambda: len(lines(base, '{job="systemd-journal", unit="shop.service"}')) == 20, "the journal's entries")
    assert len(lines(base, '{job="systemd-journal", level="error"}')) == 10
