"""What people meet before a server runs: help, mistakes in flags, and the page at `/`."""

import re

import pytest

from processes import get, run

ROLES = {"metrics": 9090, "logs": 3100, "traces": 3200, "alerts": 9093, "agent": 9080, "dashboards": 3000}


@pytest.mark.parametrize("role", ROLES)
def test_help_shows_defaults_as_they_are_typed(executables, role):
    code, out, _ = run([executables / f"martlet-{role}", "--help"])
    text = " ".join(out.split())
    assert code == 0
    assert f"(default: 127.0.0.1:{ROLES[role]})" in text and "(default: 60%)" in text and "(default: 1s)" in text
    assert not re.search(r"share\(|milliseconds:|Optional\(", text)
    # A value's name says what to give: it never repeats the flag's name.
    assert not re.search(r"--([\w.-]+) <\1>", text)
    assert ("--config.file" in text) == (role != "dashboards")


@pytest.mark.parametrize("program, arguments, advice", [
    ("martlet", ["upp"], 'unknown subcommand "upp": did you mean up?'),
    ("martlet", ["up", "--dta", "x"], "Did you mean '--data'?"),
    ("martlet-metrics", ["--storage.tsdb.retention.time=15x"], "use a duration such as 15d, 12h, 30m"),
    ("martlet-traces", ["--storage.retention.size=big"], "use a size such as 512MB"),
    ("martlet-logs", ["--web.listen-address=3100"], "use HOST:PORT"),
    ("martlet-alerts", ["--data.retention=5"], "use a duration such as 15d, 12h, 30m"),
    ("martlet-agent", ["--storage.pth=x"], "Did you mean '--storage.path'?"),
    ("martlet-dashboards", ["--config.file=x"], "this server is configured by flags and --provisioning.path"),
])
def test_a_mistake_is_explained_in_one_line(executables, program, arguments, advice):
    code, _, errors = run([executables / program, *arguments])
    assert code == 2 and advice in errors and errors.count("\n") == 1, errors


def test_each_server_introduces_itself_at_its_root(stack):
    for role in ("metrics", "logs", "traces", "alerts", "agent"):
        page = get(stack.url(role, "/"))
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        links = re.findall(r'href="([^"]+)"', page.text)
        assert "metrics" in links and f"martlet-{role}" in page.text
        for link in links:
            assert get(stack.url(role, "/" + link.replace("&amp;", "&"))).status == 200, (role, link)
