"""Rules of martlet-logs: whom they alert, where their series go, and what survives reloads and restarts."""

import calendar
import time

import pytest

from processes import free_port, get, http, run, wait_for
from test_rules import start_alertmanager

GROUPS = """
groups:
  - name: recorded
    interval: 1s
    rules:
      - record: "shop:errors:count"
        expr: 'sum by (app) (count_over_time({app="shop"} |= "error" [1h]))'
        labels: {team: a}
  - name: alerts
    interval: 1s
    rules:
      - alert: Errors
        expr: 'sum by (app) (count_over_time({app="shop"} |= "error" [1h])) > 1'
        for: 1s
        labels: {severity: page}
        annotations: {summary: '{{ $labels.app }} has {{ $value }}, {{ query "sum(count_over_time({app=\\"shop\\"}[1h]))" | first | value }} in all'}
"""

PENDING = "groups: [{name: g, interval: 1s, rules: [{alert: Slow, expr: 'vector(1)', for: 1h}]}]"


def config(directory, *, tenants=False, alertmanager=None, metrics=None, extra=""):
    text = f"""
auth_enabled: {str(tenants).lower()}
ruler:
  storage: {{type: local, local: {{directory: "{directory}"}}}}
  external_url: http://grafana.test
  external_labels: {{site: here}}
{extra}"""
    if alertmanager:
        text += f"  alertmanager_url: http://127.0.0.1:{alertmanager}\n"
    if metrics:
        text += f"""  remote_write:
    enabled: true
    clients: {{metrics: {{url: "{metrics}/api/v1/write", queue_config: {{batch_send_deadline: 1s}}}}}}
"""
    return text


@pytest.fixture
def rules(tmp_path):
    """A directory for rule files of the only tenant."""
    directory = tmp_path / "rules" / "fake"
    directory.mkdir(parents=True)
    return directory


def start(launch, tmp_path, **options):
    file = tmp_path / "loki.yml"
    file.write_text(config(tmp_path / "rules", **options))
    return launch.server("logs", tmp_path / "data", "--config.file", file)


def push(base, *texts, tenant=None):
    now = time.time_ns()
    values = [[str(now - index), text] for index, text in enumerate(texts)]
    answer = http(
        "POST", base + "/loki/api/v1/push", {"streams": [{"stream": {"app": "shop"}, "values": values}]},
        {"X-Scope-OrgID": tenant} if tenant else None)
    assert answer.status == 204, answer.text


def alerts(base):
    return get(base + "/prometheus/api/v1/alerts").json()["data"]["alerts"]


def groups(base, **headers):
    return get(base + "/prometheus/api/v1/rules", headers=headers).json()["data"]["groups"]


def value(base, query, **headers):
    answer = get(base + "/api/v1/query", query=query, headers=headers).json()
    result = answer.get("data", {}).get("result")
    return result[0]["value"][1] if result else None


def seconds(moment):
    return calendar.timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))


@pytest.mark.parametrize("kind", ["debian", "martlet"])
def test_rules_on_lines_record_and_alert(launch, tmp_path, rules, kind):
    (rules / "shop.yaml").write_text(GROUPS)
    alertmanager = start_alertmanager(launch, tmp_path, kind)
    _, metrics = launch.server("metrics", tmp_path / "metrics")
    _, base = start(launch, tmp_path, alertmanager=alertmanager, metrics=metrics)
    push(base, "an error", "another error", "all is well")

    found = wait_for(
        lambda: get(f"http://127.0.0.1:{alertmanager}/api/v2/alerts").json(), "the alert at the Alertmanager")
    assert found[0]["labels"] == {"alertname": "Errors", "app": "shop", "severity": "page", "site": "here"}
    assert found[0]["annotations"] == {"summary": "shop has 2, 3 in all"}
    assert found[0]["generatorURL"].startswith("http://grafana.test/explore?left=%7B%22queries%22")
    assert [alert["state"] for alert in alerts(base)] == ["firing"]

    assert wait_for(
        lambda: value(metrics, 'shop:errors:count{app="shop",team="a"}'), "the recorded series in martlet-metrics") == "2"
    assert wait_for(lambda: value(metrics, 'ALERTS{alertname="Errors",alertstate="firing"}'), "the alert's series") == "1"

    shown = groups(base)
    assert [(group["name"], group["file"]) for group in shown] == [("alerts", "shop.yaml"), ("recorded", "shop.yaml")]
    assert all(rule["health"] == "ok" for group in shown for rule in group["rules"])
    assert 'loki_prometheus_rule_group_rules{rule_group="' in get(base + "/metrics").text
    # Counted when the Alertmanager has answered.
    wait_for(lambda: 'loki_prometheus_notifications_sent_total{user="fake",alertmanager="' in get(base + "/metrics").text, "the count")


def test_a_reload_keeps_alerts_and_a_broken_file_changes_nothing(launch, tmp_path, rules):
    (rules / "a.yaml").write_text(PENDING)
    _, base = start(launch, tmp_path)
    alert = wait_for(lambda: alerts(base), "the alert")[0]
    (rules / "a.yaml").write_text(PENDING.replace("for: 1h", "for: 2h"))
    (rules / "b.yaml").write_text(PENDING.replace("name: g", "name: more"))
    assert http("POST", base + "/-/reload").status == 200
    assert [group["name"] for group in groups(base)] == ["g", "more"]
    assert groups(base)[0]["rules"][0]["duration"] == 7200
    assert alert["activeAt"] in [alert["activeAt"] for alert in alerts(base)]

    (rules / "a.yaml").write_text(PENDING.replace("vector(1)", "sum("))
    answer = http("POST", base + "/-/reload")
    assert answer.status >= 400
    assert "could not parse expression" in answer.text
    assert [group["name"] for group in groups(base)] == ["g", "more"]


def test_changes_are_seen_without_a_reload(launch, tmp_path, rules):
    _, base = start(launch, tmp_path, extra="  poll_interval: 1s\n")
    (rules / "a.yaml").write_text(PENDING)
    wait_for(lambda: groups(base), "the group of a new file")
    (rules / "a.yaml").unlink()
    wait_for(lambda: not groups(base), "the end of the group")


def test_a_restart_keeps_the_time_as_pending(launch, tmp_path, rules):
    (rules / "a.yaml").write_text(PENDING)
    process, base = start(launch, tmp_path)
    before = seconds(wait_for(lambda: alerts(base), "the alert")[0]["activeAt"])
    wait_for((tmp_path / "data" / "ruler" / "fake.json").exists, "the state of the alert")
    # Long beside the time that a start takes: that tells a restored alert from a new one.
    time.sleep(10)
    killed = time.time()
    process.kill()
    time.sleep(3)
    again = int(time.time())
    _, base = start(launch, tmp_path)
    # The pause does not count: the alert is active since the old time plus what the server was away.
    after = wait_for(
        lambda: [s for s in (seconds(alert["activeAt"]) for alert in alerts(base)) if s < again], "the restored alert")
    assert 1 <= after[0] - before <= time.time() - killed + 10


def test_groups_are_written_over_http_and_survive_a_restart(launch, tmp_path, rules):
    process, base = start(launch, tmp_path)
    path = base + "/loki/api/v1/rules"
    group = b"name: g\ninterval: 1s\nrules: [{alert: A, expr: 'vector(1)'}]"
    answer = http("POST", path + "/team%20a", group, {"Content-Type": "application/yaml"})
    assert (answer.status, answer.json()["status"]) == (202, "success")
    wait_for(lambda: alerts(base), "the alert of the written rule")
    process.stop()
    _, base = start(launch, tmp_path)
    path = base + "/loki/api/v1/rules"
    assert groups(base)[0]["file"] == "team a"
    listed = get(path)
    assert listed.headers["Content-Type"] == "application/yaml"
    assert listed.text.startswith('"team a":\n  - name: g\n')
    assert http("DELETE", path + "/team%20a/g").status == 202
    assert groups(base) == []
    assert get(path).status == 404


def test_tenants_have_their_own_rules_and_series(launch, tmp_path):
    for tenant in ("one", "two"):
        (tmp_path / "rules" / tenant).mkdir(parents=True)
        (tmp_path / "rules" / tenant / "shop.yaml").write_text(GROUPS)
    _, metrics = launch.server("metrics", tmp_path / "metrics", "--auth.multitenancy-enabled")
    _, base = start(launch, tmp_path, tenants=True, metrics=metrics)
    push(base, "an error", tenant="one")
    query = 'shop:errors:count{app="shop"}'
    assert wait_for(lambda: value(metrics, query, **{"X-Scope-OrgID": "one"}), "the series of its tenant") == "1"
    assert value(metrics, query, **{"X-Scope-OrgID": "two"}) is None
    assert len(groups(base, **{"X-Scope-OrgID": "two"})) == 2
    assert groups(base, **{"X-Scope-OrgID": "three"}) == []


def test_flags_are_enough(launch, tmp_path, rules):
    (rules / "shop.yaml").write_text(GROUPS)
    alertmanager = start_alertmanager(launch, tmp_path, "martlet")
    _, metrics = launch.server("metrics", tmp_path / "metrics")
    _, base = launch.server(
        "logs", tmp_path / "data", "--rules.path", tmp_path / "rules", "--alertmanager.url",
        f"http://127.0.0.1:{alertmanager}", "--rules.remote-write-url", f"{metrics}/api/v1/write")
    push(base, "an error", "another error")
    wait_for(lambda: get(f"http://127.0.0.1:{alertmanager}/api/v2/alerts").json(), "the alert")
    wait_for(lambda: value(metrics, "shop:errors:count"), "the recorded series", 40)


def test_what_is_wrong_ends_the_start(executables, tmp_path, rules):
    arguments = [executables / "martlet-logs", "--storage.path", tmp_path / "data", "--web.listen-address",
                 f"127.0.0.1:{free_port()}", "--rules.path", tmp_path / "rules"]
    (rules / "a.yaml").write_text("groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]")
    code, out, errors = run(arguments)
    assert code == 2 and "could not parse expression" in out + errors
    (rules / "a.yaml").write_text("groups: [{name: g, rules: [{record: r, expr: 'vector(1)'}]}]")
    code, out, errors = run(arguments)
    assert code == 2 and "recording rules need a receiver" in out + errors


def test_rule_files_are_checked(executables, tmp_path):
    good, wrong = tmp_path / "good.yml", tmp_path / "wrong.yml"
    good.write_text(GROUPS)
    wrong.write_text("groups: [{name: g, rules: [{alert: A, expr: 'sum(rate(up[5m]))'}]}]")
    code, out, _ = run([executables / "martlet", "check", "rules", "--lang", "logql", good])
    assert code == 0 and "SUCCESS: 2 rules found" in out
    code, _, errors = run([executables / "martlet", "check", "rules", "--lang", "logql", wrong])
    assert code == 1 and "could not parse expression: parse error" in errors
    assert run([executables / "martlet", "check", "rules", good])[0] == 1
