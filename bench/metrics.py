#!/usr/bin/env python3
"""martlet-metrics beside its peers: remote write, memory, disk, queries. See README.md."""

import argparse
import json
import math
import pathlib
import shutil
import statistics
import tempfile
import time
import urllib.parse
import urllib.request

import load
import servers

INTERVAL = 15
# VictoriaMetrics' rate does not extrapolate: other numbers for the same work.
OWN_MEANING = {("victoria-metrics", "rate by instance, 15 s steps")}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=480, help="of each series, 15 s apart")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7, help="how often each question is asked")
    parser.add_argument("--servers", default="martlet,prometheus,victoria-metrics")
    parser.add_argument("--executables", default=".build/release")
    parser.add_argument("--json", help="a file for the figures")
    return parser.parse_args()


def fill(server, options, end):
    """Sends all samples; gives seconds of the clock, and of the server's CPU until it is idle."""
    times = [end - (options.samples - 1 - step) * INTERVAL for step in range(options.samples)]
    before = server.cpu()
    try:
        clock, _ = load.send(server, load.prepare(0, options.series), times, options.connections)
    except load.Refused as refused:
        raise SystemExit(f"a request was refused: {refused}")
    server.settle()
    return clock, server.cpu() - before


def questions(options, end):
    """Name, expression, and for ranges start and step."""
    # Between two samples: servers differ in whether a range has the sample at its very beginning.
    start = end - (options.samples - 1) * INTERVAL + 7
    hour = max(start, end - 3600 + 7)
    return [
        ("sum of ten metrics, 60 s steps", 'sum({__name__=~"bench_metric_[0-9]"})', start, 60),
        ("rate by instance, 15 s steps", 'sum by (instance) (rate(bench_metric_3{cpu="1"}[5m]))', hour, 15),
        ("count by name", "count by (__name__) ({__name__=~'bench_metric_.*'})", None, None),
        ("one series, 15 s steps", 'bench_metric_0{cpu="0",instance="host-00000:9100"}', hour, 15),
        ("maximum over time", "max_over_time(bench_metric_7[1h])", None, None),
        ("top ten", "topk(10, bench_metric_5)", None, None),
    ]


def ask(server, expression, start, step, end):
    """The answer, in an order and form that all servers share, and the milliseconds it took."""
    parameters = {"query": expression}
    if start is None:
        path, parameters["time"] = "/api/v1/query", end + 7
    else:
        path = "/api/v1/query_range"
        parameters.update(start=start, end=end + 7, step=step)
    url = server.base + path + "?" + urllib.parse.urlencode(parameters)
    began = time.perf_counter()
    with urllib.request.urlopen(url, timeout=300) as response:
        body = response.read()
    took = (time.perf_counter() - began) * 1000
    result = json.loads(body)["data"]["result"]
    rows = {}
    for row in result:
        points = row["values"] if "values" in row else [row["value"]]
        rows[tuple(sorted(row["metric"].items()))] = [(round(float(at)), float(number)) for at, number in points]
    return rows, took


def same(one, other):
    """Whether two answers agree but for rounding; the order among equals of a ranking is nobody's promise."""
    if len(one) != len(other):
        return False
    if one.keys() != other.keys():
        return sorted(map(repr, one.values())) == sorted(map(repr, other.values()))
    return all(
        len(points) == len(other[key]) and all(
            at == time and math.isclose(number, value, rel_tol=1e-9, abs_tol=1e-9)
            for (at, number), (time, value) in zip(points, other[key]))
        for key, points in one.items())


def measure(server, options, end):
    """All figures of one server, and its answers."""
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    try:
        server.start(scratch / server.name)
        clock, cpu = fill(server, options, end)
        samples = options.series * options.samples
        figures = {
            "samples per CPU second": (samples / cpu, True), "samples per second": (samples / clock, True),
            "peak memory, MB": (server.memory("VmHWM") / 1e6, False),
            "disk, bytes per sample": (server.size() / samples, False)}
        answers = {}
        for name, expression, start, step in questions(options, end):
            times = []
            for _ in range(options.rounds):
                answers[name], took = ask(server, expression, start, step, end)
                times.append(took)
            figures[f"{name}, ms"] = (statistics.median(times), False)
        server.stop()
        return figures, answers
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main():
    options = arguments()
    end = int(time.time()) // INTERVAL * INTERVAL
    chosen = servers.available(options.servers.split(","), options.executables)
    print(f"{options.series} series × {options.samples} samples over {options.connections} connections")
    results = {}
    for server in chosen:
        print(f"{server.name}: {server.version}", flush=True)
        results[server.name] = measure(server, options, end)
    ours, peers = chosen[0].name, [server.name for server in chosen[1:]]
    print(f"\n{'':36}{ours:>14}" + "".join(f"{name:>18}{'ratio':>8}" for name in peers))
    wrong = []
    for figure, (value, more) in results[ours][0].items():
        line = f"{figure:36}{value:>14,.2f}"
        for name in peers:
            theirs = results[name][0][figure][0]
            line += f"{theirs:>18,.2f}{value / theirs if more else theirs / value:>8.2f}"
        question = figure.removesuffix(", ms")
        differing = [name for name in peers if question in results[ours][1]
                     and not (name, question) in OWN_MEANING
                     and not same(results[ours][1][question], results[name][1][question])]
        if differing:
            line += f"  differs from {', '.join(differing)}"
            wrong.append(question)
        print(line)
    if options.json:
        plain = {name: {figure: value for figure, (value, _) in figures.items()} for name, (figures, _) in results.items()}
        pathlib.Path(options.json).write_text(json.dumps(plain, indent=1))
    if wrong:
        print(f"\nanswers differ, their times do not count: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
