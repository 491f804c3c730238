#!/usr/bin/env python3
"""martlet-dashboards with a large board over a day of a machine's metrics, in a real browser. See README.md."""

import argparse
import contextlib
import json
import pathlib
import shutil
import statistics
import tempfile
import time
import urllib.request

import board_page
import board_users
import node_day
import servers

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Seconds of samples beyond now.
AHEAD = 7200
PARTS = ["open", "all", "scroll", "leave", "memory", "users", "server"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--board", required=True, type=pathlib.Path, help="Grafana's JSON of a board about a node_exporter")
    parser.add_argument("--only", default=",".join(PARTS), help="of " + ", ".join(PARTS))
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5, help="how often the board is opened")
    parser.add_argument("--pixels", type=int, default=40, help="of scrolling in a frame")
    parser.add_argument("--refreshes", type=int, default=500)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60, help="of the users' visit")
    parser.add_argument("--every", type=float, default=10, help="seconds between two refreshes of a user")
    parser.add_argument("--boards", type=int, default=3000, help="beside the one, for the server's memory")
    parser.add_argument("--executables", default=".build/release")
    parser.add_argument("--web", default=ROOT / "web", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="a directory for the metrics, used again by runs within two hours")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()
    options.parts = options.only.split(",")
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    if not options.board.exists():
        parser.error(f"{options.board} is not there; Node Exporter Full is board 1860 of grafana.com")
    options.executables = pathlib.Path(options.executables).resolve()
    return options


def metrics(options):
    """martlet-metrics on a day of samples and two hours more, so that there is a present while it is measured."""
    server = servers.martlet(options.executables)
    directory = options.keep or options.scratch / "metrics"
    if not (directory / "data").exists():
        directory.mkdir(parents=True, exist_ok=True)
        last = int(time.time()) // 15 * 15 + AHEAD
        began = time.monotonic()
        series, samples = node_day.load(options.executables, directory / "data", last - AHEAD - options.hours * 3600, last, 15)
        print(f"{series} series, {samples:,} samples of {options.hours} h made and imported in {time.monotonic() - began:.0f} s")
    server.directory, server.group, server.data = directory, None, directory / "data"
    server.launch()
    return server


def dashboards(options, boards, source):
    """martlet-dashboards on a fresh directory with files of boards."""
    path = options.executables / "martlet-dashboards"
    return servers.Server(
        "dashboards", servers.version([path, "--version"]),
        lambda data, port: [path, "--storage.path", data, "--web.listen-address", f"127.0.0.1:{port}", "--web.root", options.web,
                            "--dashboards.path", boards, "--datasource.metrics", source],
        None, "/-/ready")


def password_of(server):
    return (server.data / "initial-admin-password").read_text().strip()


def write_boards(directory, count):
    """Files of boards made of those that come with Martlet, under other names; gives their bytes in all."""
    bundled = [json.loads(path.read_text()) for path in sorted((ROOT / "dashboards").rglob("*.json"))]
    directory.mkdir(parents=True)
    size = 0
    for number in range(count):
        board = {**bundled[number % len(bundled)], "uid": f"many-{number}", "title": f"Board {number}", "id": None}
        text = json.dumps(board)
        size += len(text)
        (directory / f"{number}.json").write_text(text)
    return size


class Client:
    """Somebody signed in, without a browser."""

    def __init__(self, server):
        self.base = server.base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.post("/api/login", {"user": "admin", "password": password_of(server)})

    def get(self, path):
        with self.opener.open(self.base + path, timeout=60) as answer:
            return answer.read()

    def post(self, path, value):
        headers = {"Content-Type": "application/json", "X-Requested-With": "bench"}
        request = urllib.request.Request(self.base + path, json.dumps(value).encode(), headers)
        with self.opener.open(request, timeout=60) as answer:
            return answer.read()


def resident(server):
    server.settle()
    return server.memory("VmRSS")


def memory_of_server(options, source):
    """Bytes that are resident: nothing but the boards of Martlet, with one board that was opened, with thousands of files of
    boards, with thousands of saved ones; of these twenty were opened, and all searched."""
    board = json.loads(options.board.read_text())
    rows = []
    for name, files, saved in [("idle", 0, 0), ("one board", 1, 0), ("many files", options.boards, 0), ("many saved", 0, options.boards)]:
        directory = options.scratch / f"boards-{name.replace(' ', '-')}"
        size = write_boards(directory, 0 if files < 2 else files)
        if files == 1:
            (directory / "one.json").write_text(json.dumps({**board, "uid": "one"}))
        with dashboards(options, directory, source).running(options) as server:
            first = resident(server)
            client = Client(server)
            if saved:
                for path in sorted(boards_to_save(options, saved)):
                    client.post("/api/dashboards/db", {"dashboard": json.loads(path.read_text())})
                server.restart()
                first = resident(server)
                client = Client(server)
            if name != "idle":
                for number in range(20 if max(files, saved) > 1 else 1):
                    client.get("/api/dashboards/uid/" + ("one" if files == 1 else f"many-{number * 7}"))
                for query in ["", "?query=board&limit=5000", "?query=12&type=dash-db"]:
                    client.get("/api/search" + query)
            rows.append({"name": name, "bytes_of_boards": size, "started": first, "used": resident(server), "peak": server.memory("VmHWM")})
        shutil.rmtree(directory)
    return rows


def boards_to_save(options, count):
    """Files of boards, written once."""
    directory = options.scratch / "to-save"
    if not directory.exists():
        write_boards(directory, count)
    return list(directory.glob("*.json"))


def main():
    options = arguments()
    options.scratch = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    figures = {}
    try:
        with contextlib.ExitStack() as stack:
            source = metrics(options)
            stack.callback(source.stop)
            measure(options, source, figures)
    finally:
        shutil.rmtree(options.scratch, ignore_errors=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=1))


def measure(options, source, figures):
    # It is refreshed when the measurement says so.
    board = {**json.loads(options.board.read_text()), "refresh": ""}
    folder = options.scratch / "boards"
    folder.mkdir()
    (folder / "board.json").write_text(json.dumps({**board, "uid": "bench"}))
    (folder / "open.json").write_text(json.dumps(board_page.with_open_rows(board, "bench-open")))
    wanted = set(options.parts)
    if wanted - {"server"}:
        with dashboards(options, folder, source.base).running(options) as server:
            password = password_of(server)
            with board_page.Browser(server.base, password) as browser:
                bodies = in_browser(options, browser, figures)
            if "users" in wanted:
                began = source.cpu(), server.cpu()
                opened, refreshed = board_users.run(
                    server.port, password, "bench", bodies, options.users, options.seconds, options.every)
                figures["users"] = {"opened": opened, "refreshed": refreshed}
                print(f"\n{options.users} users, a refresh every {options.every:.0f} s for {options.seconds} s:")
                for name, times in (("open", opened), ("refresh", refreshed)):
                    print(f"  {name:8} {len(times):5} times   median {statistics.median(times) * 1000:6.0f} ms   "
                          f"p95 {board_page.quantile(times, 0.95) * 1000:6.0f} ms   worst {max(times) * 1000:6.0f} ms")
                print(f"  CPU: {source.cpu() - began[0]:.1f} s of martlet-metrics, {server.cpu() - began[1]:.1f} s of martlet-dashboards")
                print(f"  martlet-dashboards: {server.memory('VmRSS') / 1e6:.1f} MB, at most {server.memory('VmHWM') / 1e6:.1f} MB")
    if "server" in wanted:
        figures["server"] = rows = memory_of_server(options, source.base)
        print("\nmartlet-dashboards, resident          started       used       peak")
        for row in rows:
            text = f"{row['name']}" + (f" ({row['bytes_of_boards'] / 1e6:.0f} MB)" if row["bytes_of_boards"] else "")
            print(f"  {text:30} {row['started'] / 1e6:10.1f} {row['used'] / 1e6:10.1f} {row['peak'] / 1e6:10.1f} MB")


def in_browser(options, browser, figures):
    """Measures what is wanted; gives the requests by which the page asks for the data of the board."""
    wanted = set(options.parts)
    found = board_page.opening(browser, "bench", options.rounds if "open" in wanted else 1)
    bodies = found.pop("bodies")
    if "open" in wanted:
        figures["open"] = found
        show("in sight", found)
    if "all" in wanted:
        figures["all"] = found = board_page.leafing(browser, "bench-open", options.rounds)
        print(f"\n{found['panels']} panels with all rows open ({found['empty']} without data), screen by screen:")
        print(f"  the first drawn after {found['first_ms']:.0f} ms, the {found['screens']} of them {found['ms']:.0f} ms later; "
              f"CPU of the page {found['cpu_ms']:.0f} ms")
        asked(found)
    if "scroll" in wanted:
        figures["scroll"] = board_page.scrolling(browser, "bench-open", options.pixels)
        print(f"\nscrolling through all, {options.pixels} pixels a frame:")
        for name, row in zip(("first pass, being drawn", "second pass"), figures["scroll"]):
            print(f"  {name:24} {row['frames']} frames   mean {row['mean_ms']:5.1f} ms   p95 {row['p95_ms']:5.1f} ms   "
                  f"worst {row['worst_ms']:5.0f} ms   later than 25 ms: {row['late']}   CPU of the page {row['cpu_ms']:.1f} ms a frame")
    if "leave" in wanted:
        figures["leave"] = board_page.giving_up(browser, "bench")
        print(f"\nleft while it asks: {figures['leave']['cancelled']} requests cancelled")
    if "memory" in wanted:
        print("\nrefreshes      heap    private of the tab     nodes  listeners")
        figures["memory"], requests = board_page.refreshing(browser, "bench", options.refreshes, lambda row: print(
            f"  {row['refreshes']:7} {row['heap'] / 1e6:6.1f} MB {row['private'] / 1e6:14.1f} MB {row['nodes']:14.0f} "
            f"{row['listeners']:10.0f}", flush=True))
        print("  asked meanwhile:", ", ".join(f"{count} × {kind}" for kind, count in requests.items()))
    return bodies


def show(name, found):
    print(f"\n{found['panels']} panels, {name} ({found['empty']} without data):")
    print(f"  drawn after {found['cold_ms']:.0f} ms with an empty cache, {found['warm_ms']:.0f} ms with a full one; "
          f"longest task {found['longest_task_ms']:.0f} ms, blocked {found['blocked_ms']:.0f} ms in all, CPU of the page {found['cpu_ms']:.0f} ms")
    asked(found)


def asked(found):
    print(f"  {found['queries']} queries, {found['different']} different, in "
          + ", ".join(f"{count} × {kind}" for kind, count in found["requests"].items()))


if __name__ == "__main__":
    main()
