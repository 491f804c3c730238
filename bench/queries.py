#!/usr/bin/env python3
"""Queries of many kinds on martlet-metrics and its peers, over samples in memory and in blocks. See README.md."""

import argparse
import http.client
import json
import pathlib
import re
import shutil
import statistics
import tempfile
import time
import urllib.parse
import urllib.request

import metrics
import remote_write
import servers

HOUR = 3600
# (name, expression, seconds back, step); 0 back is an instant query.
QUESTIONS = [
    ("rate of one metric by job", 'sum by (job) (rate(bench_metric_3[5m]))', 0, 0),
    ("count of all by name", 'count by (__name__) ({job="node"})', 0, 0),
    ("ten largest of all", 'topk(10, {job="node"})', 0, 0),
    ("values and their counts", 'count_values("value", bench_metric_2)', 0, 0),
    ("rate by instance, 15 s steps", 'sum by (instance) (rate(bench_metric_3{cpu="1"}[5m]))', HOUR, 15),
    ("sum of ten metrics", 'sum({__name__=~"bench_metric_[0-9]"})', 2 * HOUR, 60),
    ("sum of all", 'sum({job="node"})', 2 * HOUR, 60),
    ("top five of means", 'topk(5, avg_over_time(bench_metric_5[10m]))', 2 * HOUR, 60),
    ("quantile by mode", 'quantile by (mode) (0.95, bench_metric_5)', 2 * HOUR, 30),
    ("quotient, many to one", 'bench_metric_2 / on (instance, cpu) group_left bench_metric_7', 2 * HOUR, 120),
    ("maximum over half an hour", 'max by (mode) (max_over_time(bench_metric_4[30m]))', 2 * HOUR, 60),
    ("mean over an hour", 'avg by (mode) (avg_over_time(bench_metric_4[1h]))', HOUR, 60),
    ("median over ten minutes", 'sum(quantile_over_time(0.5, bench_metric_4[10m]))', 2 * HOUR, 60),
    ("changes over half an hour", 'sum(changes(bench_metric_4[30m]))', 2 * HOUR, 60),
    ("regex on the instance", 'sum by (instance) ({__name__=~"bench_metric_1.*", instance=~"host-0000[0-4].*"})', HOUR, 60),
    ("subquery", 'max_over_time(sum(rate(bench_metric_3[2m]))[30m:1m])', HOUR, 60),
    ("labels replaced", 'sum by (host) (label_replace(bench_metric_5, "host", "$1", "instance", "host-(.*):.*"))', 2 * HOUR, 60),
    ("without", 'sum without (instance, mode) (bench_metric_5)', 2 * HOUR, 60),
    ("filter and count", 'count(bench_metric_5 > 5e6)', 2 * HOUR, 60),
    ("and, unless", 'count(bench_metric_5 and bench_metric_5 > 5e6 unless bench_metric_5 > 6e7)', 2 * HOUR, 60),
    ("eleven thousand steps", 'sum(bench_metric_5)', 2 * HOUR, 0.66),
    ("thousand series whole", 'bench_metric_6', 2 * HOUR, 60),
]
# VictoriaMetrics' rate and changes look at the sample before the window, its subqueries do not align, and its names differ.
OWN_MEANING = {
    ("victoria-metrics", name) for name in (
        "rate of one metric by job", "rate by instance, 15 s steps", "changes over half an hour", "subquery",
        "ten largest of all", "quotient, many to one")}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=480, help="of each series, 15 s apart")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7, help="how often each question is asked")
    parser.add_argument("--servers", default="martlet,prometheus,victoria-metrics")
    parser.add_argument("--executables", default=".build/release")
    parser.add_argument("--only", choices=["head", "blocks"], help="one of the two places of samples")
    return parser.parse_args()


def cut(server, now):
    """Pushes the head forward by a sample of now, so that what is older goes into blocks, and waits for them."""
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
               "X-Prometheus-Remote-Write-Version": "0.1.0", "User-Agent": "bench"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("POST", server.write, remote_write.Series(10**9, 1).request(0, now * 1000), headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status // 100 != 2:
        raise SystemExit(f"{server.name} refused a sample: {text[:200]!r}")
    deadline = time.monotonic() + 300
    while server.name != "victoria-metrics" and time.monotonic() < deadline:
        with urllib.request.urlopen(server.base + "/metrics", timeout=10) as response:
            loaded = re.search(r"^prometheus_tsdb_blocks_loaded (\S+)", response.read().decode(), re.MULTILINE)
        if loaded and float(loaded[1]) >= 2:
            break
        time.sleep(1)
    server.settle()


def answers_of(server, options, end):
    """By question: its answer and the median of milliseconds; what a server cannot answer is left out."""
    found = {}
    for name, expression, back, step in QUESTIONS:
        times = []
        for _ in range(options.rounds):
            # Between two samples: servers differ in whether a range has the sample at its very beginning.
            start = end - min(back, (options.samples - 1) * metrics.INTERVAL) + 7 if back else None
            answer, took = metrics.ask(server, expression, start, step, end)
            times.append(took)
        found[name] = (answer, statistics.median(times))
    return found


def measure(server, options, end, in_blocks):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    try:
        server.start(scratch / server.name)
        metrics.fill(server, options, end)
        if in_blocks:
            cut(server, int(time.time()))
            server.restart()
        found = answers_of(server, options, end)
        server.stop()
        return found
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main():
    options = arguments()
    print(f"{options.series} series × {options.samples} samples, milliseconds; above 1 Martlet is ahead")
    for place in [options.only] if options.only else ["head", "blocks"]:
        end = int(time.time()) // metrics.INTERVAL * metrics.INTERVAL - (6 * HOUR if place == "blocks" else 0)
        results = {}
        for server in servers.available(options.servers.split(","), options.executables):
            results[server.name] = measure(server, options, end, place == "blocks")
        ours, *peers = results
        print(f"\n{place:28}{ours:>12}" + "".join(f"{name:>18}{'ratio':>8}" for name in peers))
        for name, *_ in QUESTIONS:
            answer, took = results[ours][name]
            line = f"{name:28}{took:>12.2f}"
            for peer in peers:
                theirs, their_time = results[peer][name]
                line += f"{their_time:>18.2f}{their_time / took:>8.2f}"
                if (peer, name) not in OWN_MEANING and not metrics.same(answer, theirs):
                    line += f"  differs from {peer}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
