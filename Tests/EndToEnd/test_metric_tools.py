"""`martlet metrics`: import, and the tools that look into a data directory, beside Debian's promtool."""

import re
import time

from processes import run, wait_for

from test_blocks import HOUR, STEP, filled, quiet, query, value  # noqa: F401 (quiet is a fixture)

# Within the retention.
START = (int(time.time()) - 8 * 24 * HOUR) // (2 * HOUR) * (2 * HOUR)
OPEN_METRICS = """# HELP http_requests_total The total.
# TYPE http_requests counter
http_requests_total{code="200",service="user"} 123 1609954636
http_requests_total{code="200",service="user"} 124 1609954696
http_requests_total{code="500",service="a\\"b\\\\c\\nd"} 0.25 1609954636.5
http_requests_total{code="500",service="us"} NaN 1609983436
http_requests_total{code="501",service="us"} +Inf 1609983436
http_requests_total{code="501",service="us"} 1e21 1609983446
# EOF
"""


def text(series, hours):
    lines = [f'gauge{{id="{one}"}} {value(one, second)} {second}'
             for one in range(series) for second in range(START, START + hours * HOUR, STEP)]
    return "\n".join(["# TYPE gauge gauge", *lines, "# EOF\n"])


def promtool_dump(data, *arguments):
    (data / "wal").mkdir(exist_ok=True)
    code, out, errors = run(["promtool", "tsdb", "dump", *arguments, data])
    assert code == 0, errors
    return out


def test_import_writes_what_promtool_writes(executables, tmp_path):
    (tmp_path / "input.om").write_text(OPEN_METRICS)
    code, out, errors = run([executables / "martlet", "metrics", "import", tmp_path / "input.om", tmp_path / "ours"])
    assert code == 0, errors
    assert "imported 6 samples into 2 blocks" in errors
    code, theirs, errors = run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", tmp_path / "input.om", tmp_path / "theirs"])
    assert code == 0, errors

    def rows(listing):
        return sorted({tuple(line.split()[1:7]) for line in listing.splitlines()})

    assert rows(out) == rows(theirs)
    assert promtool_dump(tmp_path / "ours") == promtool_dump(tmp_path / "theirs")
    for arguments in ([], ['--match={code="500"}'], ["--min-time=1609954636500", "--max-time=1609983436000"]):
        code, dumped, errors = run([executables / "martlet", "metrics", "tsdb", "dump", *arguments, tmp_path / "theirs"])
        assert code == 0, errors
        assert dumped == promtool_dump(tmp_path / "theirs", *arguments)


def test_mistakes_end_an_import_with_file_and_line(executables, tmp_path):
    (tmp_path / "bad.om").write_text("a 1 1609954636\na{x=\"1\"} 1\n# EOF\n")
    code, _, errors = run([executables / "martlet", "metrics", "import", tmp_path / "bad.om", tmp_path / "data"])
    assert code == 1 and "bad.om:2: the sample has no timestamp" in errors
    code, _, errors = run([executables / "martlet", "metrics", "import", tmp_path / "absent.om", tmp_path / "data"])
    assert code == 1 and "absent.om" in errors


def test_imported_history_is_answered_beside_what_was_there(launch, executables, tmp_path, quiet):  # noqa: F811
    server, base, end, data = filled(launch, tmp_path, quiet)
    (tmp_path / "input.om").write_text(text(3, 10))
    command = [executables / "martlet", "metrics", "import", tmp_path / "input.om"]
    code, _, errors = run([*command, data])
    assert code == 1 and "in use by process" in errors and "takes the blocks up" in errors
    before = query(base, "count_over_time(gauge[13h])", end - STEP)
    # Beside the running server, as the message says.
    aside = tmp_path / "data-import"
    code, _, errors = run([*command, aside])
    assert code == 0, errors
    for block in aside.glob("0*"):
        block.rename(data / block.name)
    wait_for(lambda: query(base, "count_over_time(gauge[10h])", START + 10 * HOUR - STEP), "imported samples", 90)
    assert server.stop() == 0
    # And again, into the stopped directory: the same samples once more change nothing.
    code, _, errors = run([*command, data], stdin="")
    assert code == 0, errors
    _, base = launch.server("metrics", data, "--config.file", quiet)
    assert query(base, "count_over_time(gauge[13h])", end - STEP) == before
    counted = query(base, "count_over_time(gauge[10h])", START + 10 * HOUR - STEP)
    assert [row[1] for row in counted] == ["600"] * 3


def figures(analysis):
    """The lists of an analysis: lines of the same figure have no order of their own."""
    lists = {}
    title = ""
    for line in analysis.splitlines():
        if re.fullmatch(r".*:", line):
            title = line
        elif line:
            lists.setdefault(title, []).append(line)
    return {name: sorted(lines) for name, lines in lists.items()}


def test_analyze_and_list_give_promtools_figures(launch, executables, tmp_path, quiet):  # noqa: F811
    server, _, _, data = filled(launch, tmp_path, quiet)
    assert server.stop() == 0
    tools = [executables / "martlet", "metrics", "tsdb"]
    code, ours, errors = run([*tools, "list", data])
    assert code == 0, errors
    _, theirs, _ = run(["promtool", "tsdb", "list", data])
    assert ours == theirs
    code, ours, errors = run([*tools, "analyze", "--extended", data])
    assert code == 0, errors
    _, theirs, _ = run(["promtool", "tsdb", "analyze", "--extended", data])
    assert figures(ours) == figures(theirs)
    code, _, errors = run([*tools, "analyze", data, "01M8J3FXAG2XJX9F1PKETWGZ9D"])
    assert code == 1 and "no block" in errors


def test_verify_and_dump_look_into_a_running_servers_directory(launch, executables, tmp_path, quiet):  # noqa: F811
    server, base, end, data = filled(launch, tmp_path, quiet)
    tools = [executables / "martlet", "metrics", "tsdb"]
    code, out, errors = run([*tools, "verify", data])
    assert code == 0, out + errors
    assert re.search(r"checked \d+ blocks with \d+ series", out)
    code, dump, errors = run([*tools, "dump", data])
    assert code == 0, errors
    assert len(dump.splitlines()) == 12 * 13 * 60
    assert server.stop() == 0
    assert dump == promtool_dump(data)
    chunks = sorted(data.glob("0*/chunks/000001"))[0]
    content = bytearray(chunks.read_bytes())
    content[len(content) // 2] ^= 4
    chunks.write_bytes(content)
    code, out, errors = run([*tools, "verify", data])
    assert code == 1 and str(chunks) in out and "checksum" in out and "1 problem" in errors
