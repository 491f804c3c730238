"""The boards, rules, runbooks and routes that come with Martlet: every query is understood, every rule does what its tests say."""

import json
import pathlib
import re

import pytest

from processes import get, http as request, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOARDS = sorted((ROOT / "dashboards").rglob("*.json"))
RULES = sorted((ROOT / "rules").glob("*.yml"))
RULE_TESTS = sorted((ROOT / "Tests" / "Rules").glob("*.yml"))
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
ALERTS = {name for path in RULES for name in re.findall(r"^ +- alert: (\w+)$", path.read_text(), re.M)}


def panels(board):
    return [panel for outer in board["panels"] for panel in (outer, *outer.get("panels", []))]


def targets(board):
    """(kind of source, query) of every target, variables replaced by something that suits their place."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            query = target.get("expr") or target.get("query")
            query = re.sub(r"\$__(rate_interval|interval|range)\b", "5m", query)
            yield target["datasource"]["type"], re.sub(r"\$\{?\w+\}?", "x", query)


def runbook_queries(path):
    for query in re.findall(r"^  ```\n  (.+)\n  ```$", path.read_text(), re.M):
        language = "tempo" if re.match(r"\{(resource|span|kind)\b", query) else "loki" if query.startswith("{service_name") else "prometheus"
        yield language, query


def check(stack, language, query):
    if language == "prometheus":
        answer = get(stack.url("metrics", "/api/v1/parse_query"), query=query)
    elif language == "loki":
        answer = get(stack.url("logs", "/loki/api/v1/format_query"), query=query)
    else:
        answer = get(stack.url("traces", "/api/search"), q=query)
    assert answer.status == 200, f"{query}\n{answer.text}"


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_every_query_of_a_board_is_understood(stack, path):
    asked = list(targets(json.loads(path.read_text())))
    assert asked
    for language, query in asked:
        check(stack, language, query)


def test_every_bundled_board_is_served_under_a_uid_of_its_own(stack):
    login = json.dumps({"user": "admin", "password": stack.admin_password}).encode()
    session = request("POST", stack.dashboards_url + "/api/login", login, {"Content-Type": "application/json", "X-Requested-With": "test"})
    assert session.status == 200, session.text
    cookie = {"Cookie": session.headers["Set-Cookie"].split(";")[0]}
    assert get(stack.dashboards_url + "/api/provisioning/errors", headers=cookie).json() == []
    served = [board["uid"] for board in get(stack.dashboards_url + "/api/search", headers=cookie).json()]
    wanted = {json.loads(path.read_text())["uid"] for path in BOARDS}
    assert len(wanted) == len(BOARDS)
    assert wanted <= set(served)


def test_the_boards_are_supported_whole_and_a_look_at_nothing_is_an_error(executables, tmp_path):
    program = [executables / "martlet", "dashboards", "check", "--strict"]
    code, out, errors = run([*program, ROOT / "dashboards"])
    assert code == 0 and out.endswith("all of it is supported\n"), out + errors
    code, out, errors = run([*program, tmp_path])
    assert code == 1 and out == "" and "there are no dashboards" in errors, out + errors


@pytest.mark.parametrize("program", [["martlet"], ["promtool"]], ids=["martlet", "promtool"])
def test_the_rules_are_valid_and_do_what_their_unit_tests_say(executables, program):
    program = [executables / "martlet"] if program == ["martlet"] else program
    code, out, errors = run([*program, "check", "rules", *RULES])
    assert code == 0, out + errors
    code, out, errors = run([*program, "test", "rules", *RULE_TESTS], timeout=300)
    assert code == 0, out + errors


def test_every_alert_is_tested():
    tested = {name for path in RULE_TESTS for name in re.findall(r"^ +- alertname: (\w+)$", path.read_text(), re.M)}
    assert tested == ALERTS


def test_every_alert_has_a_runbook_and_links_to_it():
    assert {path.stem for path in RUNBOOKS} == ALERTS
    linked = {name for path in RULES for name in re.findall(r"^ +runbook_url: docs/runbooks/(\w+)\.md$", path.read_text(), re.M)}
    assert linked == ALERTS


def test_every_query_of_a_runbook_is_understood(stack):
    for path in RUNBOOKS:
        asked = list(runbook_queries(path))
        assert asked, path.name
        for language, query in asked:
            check(stack, language, query)


def test_links_in_runbooks_lead_to_runbooks_and_boards():
    uids = {json.loads(path.read_text())["uid"] for path in BOARDS}
    for path in RUNBOOKS:
        text = path.read_text()
        assert {name for name in re.findall(r"\]\((\w+)\.md\)", text)} <= ALERTS, path.name
        assert set(re.findall(r"`/d/([\w-]+)`", text)) <= uids, path.name


@pytest.mark.parametrize("labels, receivers", [
    ("severity=critical team=payments service=payments-service", "pager,payments"),
    ("severity=warning team=platform slo=latency service=main-service", "objectives,platform"),
    ("severity=critical channels=email,sms,slack service=quantum-forge", "sms,slack,email,nobody"),
    ("severity=high channels=email,slack service=quantum-forge", "slack,email,nobody"),
    ("severity=critical service=solarman-collector", "pager"),
    ("severity=warning service=solar-backend", "email"),
    ("severity=info service=db", "daily"),
    ("alertname=Watchdog severity=none channels=heartbeat", "heartbeat")])
def test_the_example_routes_alerts_by_channel_team_objective_and_severity(labels, receivers):
    code, out, errors = run(["amtool", "config", "routes", "test", "--config.file", ROOT / "examples" / "alertmanager.yml", *labels.split()])
    assert (code, out.strip()) == (0, receivers), errors


def test_the_example_of_routes_is_accepted(launch, tmp_path):
    launch.server("alerts", tmp_path, "--config.file", ROOT / "examples" / "alertmanager.yml")
