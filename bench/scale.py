#!/usr/bin/env python3
"""martlet-metrics beside its peers at scale: many series, long times, series that come and go, little memory. See README.md."""

import argparse
import json
import math
import pathlib
import shutil
import tempfile
import time
import urllib.request

import load
import servers

HOUR = 3600


def head_series(server):
    """Series in memory, where the server tells."""
    try:
        with urllib.request.urlopen(server.base + "/api/v1/status/tsdb?limit=1", timeout=60) as response:
            return json.load(response)["data"]["headStats"]["numSeries"]
    except (OSError, KeyError):
        return None


def megabytes(server, name="VmRSS"):
    return server.memory(name) / 1e6


def quarter(seconds):
    """The newest time at a multiple of two hours of sample time, so that every run meets the same cuts."""
    return int(time.time()) // (2 * HOUR) * (2 * HOUR) - seconds


def linear(server, options):
    """The same work for 1k, 10k, … series: a figure of each must not grow."""
    figures = {}
    for count in (1_000, 10_000, 100_000, 1_000_000):
        if count > options.series:
            break
        with server.running(options) as running:
            steps = max(3, min(480, options.total // count))
            end = int(time.time()) // 15 * 15
            times = [end - 15 * (steps - 1 - step) for step in range(steps)]
            idle, before = megabytes(running), running.cpu()
            load.send(running, load.prepare(0, count), times, options.connections)
            running.settle()
            figures[f"{count} series × {steps}: samples per CPU s"] = count * steps / (running.cpu() - before)
            figures[f"{count} series × {steps}: RSS, bytes per series"] = (megabytes(running) - idle) * 1e6 / count
    return figures


def million(server, options):
    """Memory of each of many series, and the start from their log after a kill."""
    with server.running(options) as running:
        end = int(time.time()) // 15 * 15
        before = running.cpu()
        load.send(running, load.prepare(0, options.series), [end - 15 * step for step in range(9, -1, -1)], options.connections)
        running.settle()
        figures = {
            "samples per CPU s": options.series * 10 / (running.cpu() - before),
            "peak RSS, MB": megabytes(running, "VmHWM"),
            "RSS, bytes per series": megabytes(running) * 1e6 / options.series}
        running.kill()
        began = time.monotonic()
        running.launch()
        figures["start after a kill, s"] = time.monotonic() - began
        figures["start after a kill, CPU s"] = running.cpu()
        running.settle()
        figures["peak RSS of that, MB"] = megabytes(running, "VmHWM")
        found = head_series(running)
        if found is not None:
            figures["series after it"] = found
        return figures


def sustained(server, options):
    """A day of samples: cuts and compactions go on meanwhile."""
    with server.running(options) as running:
        times = range(quarter(24 * HOUR), quarter(0), options.interval)
        before = running.cpu()
        clock, _ = load.send(running, load.prepare(0, options.series), times, options.connections)
        running.settle(75)
        samples = len(times) * options.series
        return {
            "samples": samples, "samples per CPU s": samples / (running.cpu() - before), "samples per s": samples / clock,
            "peak RSS, MB": megabytes(running, "VmHWM"), "RSS at the end, MB": megabytes(running),
            "series in the head": head_series(running) or math.nan, "disk, bytes per sample": running.size() / samples,
            "blocks, bytes per sample": running.block_size() / samples if running.block_size() else math.nan}


def compaction(server, options):
    """What cutting and merging blocks takes beyond the memory that was there before. The samples come slowly enough that
    one cut follows the other; the last of them sets off the merge."""
    with server.running(options) as running:
        start = quarter(10 * HOUR)
        times = range(start, start + 9 * HOUR, options.interval)
        portions = load.prepare(0, options.series)
        load.send(running, portions, times[:len(times) // 3], options.connections)
        running.settle()
        resident, anonymous = megabytes(running), megabytes(running, "RssAnon")
        running.forget_peak()
        with running.watching("RssAnon") as peak:
            load.send(running, portions, times[len(times) // 3:], options.connections)
            running.settle(75)
        return {
            "samples of a block of 6 h": options.series * 6 * HOUR // options.interval,
            "RSS before, MB": resident, "peak RSS beyond it, MB": megabytes(running, "VmHWM") - resident,
            "peak beyond it without files, MB": peak() / 1e6 - anonymous,
            "blocks, bytes per sample": running.block_size() / (options.series * len(times)) or math.nan}


def churn(server, options):
    """Generations of series, each of which lives half an hour."""
    with server.running(options) as running:
        start, before = quarter(10 * HOUR), running.cpu()
        figures = {}
        sizes = []
        for generation in range(20):
            begin = start + generation * HOUR // 2
            times = range(begin, begin + HOUR // 2, options.interval)
            load.send(running, load.prepare(generation * options.series, options.series), times, options.connections)
            running.settle(options.quiet)
            sizes.append(megabytes(running))
            print(f"  generation {generation + 1}: {sizes[-1]:.0f} MB, {head_series(running)} series", flush=True)
        running.settle(75)
        figures["RSS after the third, MB"] = sizes[2]
        figures["RSS at the end, MB"] = megabytes(running)
        figures["largest RSS after any, MB"] = max(sizes)
        figures["end / third"] = megabytes(running) / sizes[2]
        figures["series in the head"] = head_series(running) or math.nan
        figures["samples per CPU s"] = 20 * options.series * (HOUR // 2 // options.interval) / (running.cpu() - before)
        return figures


def squeezed(server, options):
    """Ten times the load that 512 MB are for: slower or refusing, never killed."""
    with server.running(options, limit=options.memory) as running:
        end = int(time.time()) // 15 * 15
        clock, answers = load.send(
            running, load.prepare(0, options.series), [end - 15 * step for step in range(9, -1, -1)], options.connections,
            tolerate=(0, 400, 413, 429, 500, 503))
        figures = {f"requests answered with {status or 'nothing'}": count for status, count in sorted(answers.items())}
        if running.process.poll() is not None:
            return figures | {"killed": 1}
        running.settle()
        return figures | {"s": clock, "peak RSS, MB": megabytes(running, "VmHWM"),
                          "series in the head": head_series(running) or math.nan, "killed": 0}


MODES = {"linear": (linear, 1_000_000), "million": (million, 1_000_000), "sustained": (sustained, 20_000),
         "churn": (churn, 100_000),
         "compaction": (compaction, 7_000), "squeezed": (squeezed, 1_000_000)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--series", type=int)
    parser.add_argument("--interval", type=int, default=15, help="seconds between two samples, but for linear, million and squeezed")
    parser.add_argument("--total", type=int, default=10_000_000, help="samples of each size, linear")
    parser.add_argument("--memory", default="512M", help="of the control group, squeezed")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--quiet", type=float, default=3, help="seconds of idleness between generations, churn")
    parser.add_argument("--servers", default="martlet,prometheus,victoria-metrics")
    parser.add_argument("--executables", default=".build/release")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()
    measure, series = MODES[options.mode]
    options.series = options.series or series
    results = {}
    for server in servers.available(options.servers.split(","), options.executables):
        print(f"{server.name}: {server.version}", flush=True)
        options.scratch = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
        try:
            results[server.name] = measure(server, options)
        except load.Refused as refused:
            print(f"  {refused}")
        finally:
            shutil.rmtree(options.scratch, ignore_errors=True)
    names = list(results)
    print(f"\n{'':44}" + "".join(f"{name:>18}" for name in names))
    for figure in dict.fromkeys(figure for figures in results.values() for figure in figures):
        print(f"{figure:44}" + "".join(
            f"{results[name][figure]:>18,.2f}" if figure in results[name] else f"{'–':>18}" for name in names))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
