"""`martlet query`: metrics, log lines, traces and alerts at a terminal, beside promtool and amtool."""

import json
import signal
import ssl
import subprocess
import time
import urllib.request

import pytest

from processes import free_port, get, http, run, wait_for
from remote_write import series, snappy
from test_alerts import amtool, post_alert
from test_logs import entries, push
from test_traces import exporter, one_trace, traces  # noqa: F401 (traces is a fixture)


@pytest.fixture
def query(executables):
    """Runs `martlet query …` to its end and gives what it printed."""
    def ask(*arguments, code=0):
        ended, out, errors = run([executables / "martlet", "query", *arguments])
        assert ended == code, errors or out
        return out if code == 0 else errors

    ask.executable = executables / "martlet"
    return ask


def test_metrics_are_printed_as_promtool_prints_them(launch, query, tmp_path):
    _, base = launch.server("metrics", tmp_path / "data")
    now = int(time.time()) * 1000
    body = b"".join(
        series({"__name__": "jobs", "job": job, "text": 'a "b"'}, [(now - 60_000 + step * 15_000, step + 0.5) for step in range(4)])
        for job in ("one", "two"))
    answer = http("POST", base + "/api/v1/write", snappy(body), {
        "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0"})
    assert answer.status == 204, answer.text

    def promtool(*arguments):
        code, out, errors = run(["promtool", "query", *arguments])
        assert code == 0, errors
        return sorted(line for line in out.splitlines() if line)

    end, start = now // 1000, now // 1000 - 60
    for expression in ("jobs", "sum(jobs)", "scalar(sum(jobs))", "jobs[2m]"):
        ours = query("metrics", expression, "--server", base, "--time", end)
        assert sorted(ours.splitlines()) == promtool("instant", f"--time={end}", base, expression), expression
    ours = query("metrics", "jobs", "--server", base, "--since", start, "--until", end, "--step", "15s")
    assert sorted(ours.splitlines()) == promtool("range", f"--start={start}", f"--end={end}", "--step=15s", base, "jobs")
    assert "} =>\n0.5 @[" in ours
    found = json.loads(query("metrics", "jobs", "--server", base, "--since", "now-1m", "--output", "json"))
    assert {one["metric"]["job"] for one in found} == {"one", "two"}
    assert query("labels", "job", "--of", "metrics", "--match", "jobs", "--server", base) == "one\ntwo\n"
    assert query("labels", "job", "--of", "metrics", "--match", "none", "--match", 'jobs{job="two"}', "--server", base) == "two\n"
    assert query("labels", "--of", "metrics", "--match", "jobs", "--server", base) == "__name__\njob\ntext\n"
    assert query("series", 'jobs{job="two"}', "--of", "metrics", "--server", base) == 'jobs{job="two", text="a \\"b\\""}\n'
    # Mistakes in the words of the server, and those in flags.
    assert "parse error" in query("metrics", "jobs{", "--server", base, code=1)
    assert "use a time such as" in query("metrics", "jobs", "--time", "soon", code=2)
    assert "connection refused" in query("metrics", "jobs", "--server", f"http://127.0.0.1:{free_port()}", code=1)


def test_lines_are_paged_through_both_ways(launch, query, executables, tmp_path):
    _, base = launch.server("logs", tmp_path / "data")
    begin = time.time_ns() - 60_000_000_000
    lines = entries(700, begin, "line {}")
    # Many of one nanosecond, across the ends of pages.
    lines += [[str(begin + 800_000_000), f"same {i}"] for i in range(150)]
    assert push(base, [{"stream": {"app": "a"}, "values": lines[::2]}, {"stream": {"app": "b"}, "values": lines[1::2]}]).status == 204
    selector = ("logs", '{app=~"a|b"}', "--server", base)
    texts = [text for _, text in lines]
    forward = query(*selector, "--limit", 0, "--batch", 40, "--forward", "--output", "raw").splitlines()
    assert forward[:700] == texts[:700]
    assert sorted(forward) == sorted(texts)
    backward = query(*selector, "--limit", 0, "--batch", 40, "--output", "raw").splitlines()
    assert backward[150:] == texts[:700][::-1]
    assert sorted(backward) == sorted(texts)
    newest = [json.loads(line) for line in query(*selector, "--limit", 151, "--output", "jsonl").splitlines()]
    assert len(newest) == 151 and newest[-1]["line"] == "line 699" and newest[-1]["labels"]["app"] == "b"
    assert query(*selector, "--limit", 1, "--forward").rstrip().endswith(
        'Z {app="a", detected_level="unknown", service_name="a"} line 0')
    assert query(*selector, "--limit", 1, "--forward", "--no-labels").rstrip().endswith("Z line 0")
    # As numbers; labels; a reader that has seen enough; the server's words.
    counted = query("logs", 'sum by (app) (count_over_time({app=~".+"}[5m]))', "--server", base, "--time", "now")
    assert [line.split(" @")[0] for line in sorted(counted.splitlines())] == ['{app="a"} => 425', '{app="b"} => 425']
    assert query("labels", "app", "--of", "logs", "--server", base) == "a\nb\n"
    assert 'app="a"' in query("series", '{app="a"}', "--of", "logs", "--server", base)
    command = subprocess.Popen(
        [executables / "martlet", "query", *map(str, selector), "--limit", "0", "--batch", "10"], stdout=subprocess.PIPE)
    command.stdout.readline()
    command.stdout.close()
    assert command.wait(60) != 0
    assert "parse error" in query("logs", "{app=", "--server", base, code=1)


class Tail:
    """`martlet query logs … --tail`, what it prints and what it says."""

    def __init__(self, executables, directory, *arguments):
        self.out, self.said = directory / "tail.out", directory / "tail.err"
        with open(self.out, "wb") as out, open(self.said, "wb") as said:
            self.process = subprocess.Popen(
                [executables / "martlet", "query", "logs", *map(str, arguments), "--tail", "--output", "raw"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=said, start_new_session=True)

    def lines(self):
        return self.out.read_text().splitlines()

    def wait(self, *lines):
        self.wait_until(lambda: self.lines() == list(lines), f"{[line[:40] for line in lines]}")

    def wait_said(self, words, times=1):
        self.wait_until(lambda: self.said.read_text().count(words) == times, f"“{words}” {times} times")

    def wait_until(self, condition, what):
        try:
            wait_for(condition, what, 60)
        except AssertionError as error:
            raise AssertionError(f"{error}; printed {[line[:40] for line in self.lines()]}, said {self.said.read_text()!r}") from None

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


@pytest.fixture
def tail(executables, tmp_path):
    """Starts tails, and ends them with the test."""
    started = []

    def start(*arguments):
        started.append(Tail(executables, tmp_path, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait(10)


def log(base, *texts, **headers):
    """Pushes lines of now."""
    answer = push(base, [{"stream": {"app": "shop"}, "values": [[str(time.time_ns()), text] for text in texts]}], **headers)
    assert answer.status == 204, answer.text


def test_lines_are_followed_through_stops_and_kills_of_the_server(launch, query, tail, tmp_path):
    server, base = launch.server("logs", tmp_path / "data")
    port = int(base.rsplit(":", 1)[1])
    log(base, "old 1")
    log(base, "old 2")
    log(base, "old 3")
    follower = tail('{app="shop"} |= " "', "--server", base, "--limit", 2)
    follower.wait("old 2", "old 3")
    log(base, "new 1", "filtered")
    expected = ["old 2", "old 3", "new 1"]
    follower.wait(*expected)
    for number, end in enumerate(("stop", "kill")):
        getattr(server, end)()
        follower.wait_said("has gone away", number + 1)
        server, _ = launch.server("logs", tmp_path / "data", port=port)
        missed = [f"missed {number} {line}" for line in range(3)]
        log(base, *missed)
        follower.wait_said("is back", number + 1)
        log(base, f"later {number}")
        expected += [*missed, f"later {number}"]
        follower.wait(*expected)
    # Who reads so slowly that the server drops lines gets them all the same.
    follower.process.send_signal(signal.SIGSTOP)
    slow = [f"slow {number} {'x' * 200_000}" for number in range(200)]
    for line in slow:
        log(base, line)
    follower.process.send_signal(signal.SIGCONT)
    expected += slow
    follower.wait_said("has dropped lines")
    follower.wait(*expected)
    assert follower.interrupt() == 0
    assert len(follower.said.read_text().splitlines()) == 5
    everything = tail('{app="shop"} |= " "', "--server", base, "--limit", 0, "--batch", 2)
    everything.wait("old 1", *expected)
    # What is wrong ends it at once.
    assert "parse error" in query("logs", "{app=", "--tail", "--server", base, code=1)
    assert "query for numbers" in query("logs", 'rate({app="shop"}[1m])', "--tail", "--server", base, code=2)
    assert "--tail excludes" in query("logs", '{app="shop"}', "--tail", "--until", "now", code=2)
    assert "connection refused" in query("logs", '{app="shop"}', "--tail", "--server", f"http://127.0.0.1:{free_port()}", code=1)


def test_tails_speak_tls_with_tokens_and_tenants_and_show_refusals(launch, executables, query, tail, tmp_path):
    site = tmp_path / "site"
    for arguments in (("init", site), ("issue", site, "--name", "logs", "--host", "127.0.0.1")):
        code, _, errors = run([executables / "martlet", "certs", *arguments])
        assert code == 0, errors
    web = tmp_path / "web.yml"
    web.write_text(
        f"tls_server_config: {{cert_file: {site}/logs.crt, key_file: {site}/logs.key}}\n"
        "tokens:\n  - {name: all, token: secret-of-everybody}\n")
    config = tmp_path / "loki.yaml"
    config.write_text("auth_enabled: true\nlimits_config: {max_concurrent_tail_requests: 1}\n")
    port = free_port()

    def start():
        return launch.start(
            "martlet-logs", "--storage.path", tmp_path / "data", "--web.listen-address", f"127.0.0.1:{port}", "--web.config.file", web,
            "--config.file", config)

    server = start()
    base = f"https://127.0.0.1:{port}"
    trusted = ssl.create_default_context(cafile=site / "ca.crt")

    def pushed(tenant, text):
        body = json.dumps({"streams": [{"stream": {"app": "shop"}, "values": [[str(time.time_ns()), text]]}]}).encode()
        request = urllib.request.Request(base + "/loki/api/v1/push", body, {
            "Content-Type": "application/json", "Authorization": "Bearer secret-of-everybody", "X-Scope-OrgID": tenant})
        with urllib.request.urlopen(request, context=trusted) as answer:
            return answer.status == 204

    wait_for(lambda: pushed("one", "first"), "the server")
    pushed("two", "of others")
    access = ("--server", base, "--ca-file", site / "ca.crt", "--token", "secret-of-everybody")
    follower = tail('{app="shop"}', *access, "--tenant", "one", "--delay-for", 1)
    follower.wait("first")
    time.sleep(0.5)
    pushed("two", "of others")
    pushed("one", "second")
    follower.wait("first", "second")
    server.kill()
    follower.wait_said("has gone away")
    start()
    wait_for(lambda: pushed("one", "third"), "the server")
    follower.wait_said("is back")
    follower.wait("first", "second", "third")
    assert "max_concurrent_tail_requests" in query("logs", '{app="shop"}', *access, "--tenant", "one", "--tail", code=1)
    assert "certificate" in query("logs", '{app="shop"}', *access[:2], "--tenant", "one", "--tail", code=1)
    assert "--token" in query("logs", '{app="shop"}', *access[:4], "--tenant", "one", "--tail", code=1)
    assert follower.interrupt() == 0


def test_logs_are_summed_up(launch, query, tmp_path):
    _, base = launch.server("logs", tmp_path / "data")
    begin = time.time_ns() - 60_000_000_000
    assert push(base, [
        {"stream": {"app": "a", "pod": "1"}, "values": entries(30, begin, "took {}ms")},
        {"stream": {"app": "b", "pod": "2"}, "values": entries(3, begin, '{{"code": 20{}}}')}]).status == 204

    def table(*arguments):
        return [line.split() for line in query(*arguments, "--server", base).splitlines()]

    head, row = table("stats", '{app=~".+"}')
    assert head == ["STREAMS", "CHUNKS", "LINES", "SIZE"] and (row[0], row[2]) == ("2", "33")
    assert [row[1:] for row in table("volume", '{app=~".+"}')] == [["LABELS"], ['{app="a"}'], ['{app="b"}']]
    assert [row[1:] for row in table("volume", '{app=~".+"}', "--by", "pod", "--limit", 1)] == [["LABELS"], ['{pod="1"}']]
    assert {row[1] for row in table("volume", '{app=~".+"}', "--names")} == {"LABELS", "app", "pod", "service_name"}
    head, row = table("patterns", '{app="a"}')
    assert head == ["LINES", "LEVEL", "PATTERN"] and row[0] == "30" and row[2] == "took"
    assert ["code", "int", "3", "json"] in table("fields", '{app="b"}')
    assert query("fields", '{app="b"}', "code", "--server", base) == "200\n201\n202\n"
    assert query("logs", '{app="b"}', "--limit", 1, "--include-label", "app", "--server", base).endswith(' {app="b"} {"code": 202}\n')
    assert query(
        "logs", '{app="b"}', "--limit", 1, "--exclude-label", "detected_level", "--exclude-label", "service_name", "--server", base
    ).endswith(' {app="b", pod="2"} {"code": 202}\n')
    code, _, said = run([query.executable, "query", "logs", '{app="a"}', "--limit", "0", "--batch", "10", "--stats", "--server", base])
    assert code == 0 and said.startswith("read ") and " lines, " in said


def test_traces_are_found_and_drawn(traces, query):  # noqa: F811
    base, grpc_endpoint, http_endpoint, _ = traces
    trace = one_trace(exporter("http", grpc_endpoint, http_endpoint))
    table = wait_for(lambda: query("traces", '{ resource.service.name = "checkout" }', "--server", base), "the trace")
    head, row = table.splitlines()
    assert head.split() == ["TRACE", "ID", "START", "DURATION", "SERVICE", "NAME"]
    assert row.startswith(trace.lstrip("0")) or row.startswith(trace)
    assert row.endswith("POST /checkout") and " checkout " in row
    assert query("traces", '{ resource.service.name = "other" }', "--server", base) == ""
    first, head, root, child = query("trace", trace, "--server", base).splitlines()
    assert first.startswith(f"{trace}: 2 spans, 1 service, ")
    assert head.split() == ["START", "DURATION", "SPAN"]
    assert root.endswith("  checkout: POST /checkout") and root.split()[0] == "+0s"
    assert child.endswith("  └─ checkout: charge card  [error: card declined]")
    assert json.loads(query("trace", trace, "--server", base, "--output", "json"))["trace"]["resourceSpans"]
    assert "has no trace" in query("trace", "1" * 32, "--server", base, code=1)
    assert "no id of a trace" in query("trace", "hello", "--server", base, code=2)
    assert "parse error" in query("traces", "{ nothing", "--server", base, code=1)


def test_numbers_of_traces_are_printed_as_those_of_metrics(traces, query):  # noqa: F811
    base, grpc_endpoint, http_endpoint, _ = traces
    one_trace(exporter("http", grpc_endpoint, http_endpoint))
    by_service = ("traces", "{ } | count_over_time() by (resource.service.name)", "--server", base)
    found = wait_for(lambda: query(*by_service, "--instant"), "the trace")
    assert found.startswith('{"resource.service.name"="checkout"} => 2 @[')
    lines = query(*by_service, "--since", "2m", "--step", "1m").splitlines()
    assert lines[0] == '{"resource.service.name"="checkout"} =>'
    assert sum(float(line.split(" @[")[0]) for line in lines[1:]) == 2
    assert json.loads(query(*by_service, "--output", "json"))["series"]
    assert "--limit is for traces" in query(*by_service, "--limit", 3, code=2)
    assert "queries for numbers" in query("traces", "{ }", "--step", "1m", code=2)
    # Attributes are the labels of traces.
    names = query("labels", "--of", "traces", "--server", base).splitlines()
    assert {"resource.service.name", "span.http.request.method", "duration"} <= set(names)
    assert query("labels", "resource.service.name", "--of", "traces", "--server", base) == "checkout\n"
    of_name = ("labels", "span.amount", "--of", "traces", "--server", base, "--match")
    assert query(*of_name, '{ name = "charge card" }') == "12.5\n"
    assert query(*of_name, '{ name = "POST /checkout" }') == ""
    assert "no series" in query("series", "{ }", "--of", "traces", code=2)


def test_alerts_that_fire_are_listed_and_silenced(launch, query, executables, tmp_path):
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    _, base = launch.server("alerts", tmp_path / "data", "--config.file", config)
    for labels in ({"alertname": "Down", "team": "db"}, {"alertname": "Slow", "team": "web"}):
        assert post_alert(base, labels).status == 200
    lines = query("alerts", "--server", base).splitlines()
    assert lines[0].split() == ["ALERT", "SINCE", "STATE", "LABELS", "SUMMARY"]
    assert {line.split()[0] for line in lines[1:]} == {"Down", "Slow"}
    row = query("alerts", "--server", base, "Down").splitlines()[1]
    assert row.split()[2:] == ["active", '{team="db"}', "it", "happened"]
    assert query("alerts", "--server", base, "team=~web|none").splitlines()[1].startswith("Slow ")
    assert query("alerts", "--server", base, "team=none") == ""
    assert len(json.loads(query("alerts", "--server", base, "--output", "json"))) == 2
    assert "no matcher" in query("alerts", "=x", code=2)

    def silence(*arguments, code=0):
        ended, out, errors = run([executables / "martlet", "silence", *arguments, "--server", base], env={"USER": "me"})
        assert ended == code, errors or out
        return out if code == 0 else errors

    assert silence("list") == ""
    first = silence("add", "Down", "team=~d.*", "--comment", "works on the disk", "--duration", "2h").strip()
    second = silence("add", 'team="web"', "--comment", "quiet", "--author", "you", "--until", "now+30m").strip()
    rows = [line.split() for line in silence("list").splitlines()]
    assert rows[0] == ["ID", "STATE", "ENDS", "MATCHERS", "BY", "COMMENT"]
    assert rows[1][0] == second and rows[1][1] == "active" and rows[1][3:] == ['team="web"', "you", "quiet"]
    assert rows[2][0] == first and rows[2][3:6] == ['alertname="Down"', 'team=~"d.*"', "me"]
    assert {one["id"] for one in json.loads(amtool(base, "silence", "query", "-o", "json"))} == {first, second}
    assert query("alerts", "--server", base) == ""
    assert [line.split()[2] for line in query("alerts", "--silenced", "--server", base).splitlines()[1:]] == ["silenced"] * 2
    assert silence("expire", first) == ""
    assert [line.split()[0] for line in silence("list").splitlines()[1:]] == [second]
    assert first in silence("list", "--expired")
    assert query("alerts", "--server", base).splitlines()[1].startswith("Down ")
    assert "in the past" in silence("add", "Down", "--comment", "x", "--until", "1", code=2)
    assert "silence not found" in silence("expire", "00000000-0000-4000-8000-000000000000", code=1)


def test_a_login_is_sent_and_asked_for(launch, query, tmp_path):
    web = tmp_path / "web.yml"
    web.write_text("tokens:\n  - {name: readers, token: secret-of-readers, access: read}\n")
    port = free_port()
    launch.start(
        "martlet-metrics", "--storage.path", tmp_path / "data", "--web.listen-address", f"127.0.0.1:{port}", "--web.config.file", web)
    base = f"http://127.0.0.1:{port}"
    login = {"Authorization": "Bearer secret-of-readers"}
    wait_for(lambda: get(base + "/-/ready", headers=login).status == 200, "the server")
    (tmp_path / "token").write_text("secret-of-readers\n")
    assert query("metrics", "vector(1)", "--server", base, "--token", f"@{tmp_path}/token").startswith("{} => 1 @[")
    assert "--token" in query("metrics", "vector(1)", "--server", base, code=1)
