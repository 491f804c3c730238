"""A day of a machine's metrics: what its node_exporter says now, moved on by its own average rates, as OpenMetrics text."""

import math
import re
import subprocess
import time
import urllib.error
import urllib.request

import servers

LABELS = 'instance="host:9100",job="node"'
COLLECTORS = ["processes", "interrupts", "tcpstat", "buddyinfo", "ksmd", "cgroups"]
SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")
# What stands still on a machine that nobody rebuilds.
CONSTANT = re.compile(r"_info$|boot_time|Total|_max|_limit|_size|_mtu_|_up$|carrier$|maximum|speed|success|readonly|_total_bytes")
# Untyped ones that go up and down.
LEVELS = re.compile(r"CurrEstab|MaxConn|Forwarding|DefaultTTL|RtoM|RtoAlgorithm")
# For panels about what a virtual machine or a container has not; with types, as an exporter writes them.
ELSEWHERE = """
# TYPE node_cooling_device_cur_state gauge
node_cooling_device_cur_state{name="0",type="Processor"} 2
# TYPE node_cooling_device_max_state gauge
node_cooling_device_max_state{name="0",type="Processor"} 10
# TYPE node_cpu_scaling_frequency_hertz gauge
node_cpu_scaling_frequency_hertz{cpu="0"} 2.4e9
node_cpu_scaling_frequency_hertz{cpu="1"} 2.6e9
# TYPE node_cpu_scaling_frequency_max_hertz gauge
node_cpu_scaling_frequency_max_hertz{cpu="0"} 3.4e9
node_cpu_scaling_frequency_max_hertz{cpu="1"} 3.4e9
# TYPE node_hwmon_chip_names gauge
node_hwmon_chip_names{chip="platform_coretemp_0",chip_name="coretemp"} 1
# TYPE node_hwmon_fan_rpm gauge
node_hwmon_fan_rpm{chip="platform_coretemp_0",sensor="fan1"} 1180
# TYPE node_hwmon_temp_celsius gauge
node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"} 48
node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp2"} 51
# TYPE node_power_supply_online gauge
node_power_supply_online{power_supply="AC"} 1
# TYPE node_schedstat_running_seconds_total counter
node_schedstat_running_seconds_total{cpu="0"} 9000
node_schedstat_running_seconds_total{cpu="1"} 8000
# TYPE node_schedstat_timeslices_total counter
node_schedstat_timeslices_total{cpu="0"} 5e6
node_schedstat_timeslices_total{cpu="1"} 4e6
# TYPE node_schedstat_waiting_seconds_total counter
node_schedstat_waiting_seconds_total{cpu="0"} 700
node_schedstat_waiting_seconds_total{cpu="1"} 600
# TYPE node_softnet_received_rps_total counter
node_softnet_received_rps_total{cpu="0"} 12000
node_softnet_received_rps_total{cpu="1"} 15000
# TYPE node_systemd_socket_accepted_connections_total counter
node_systemd_socket_accepted_connections_total{name="docker.socket"} 400
# TYPE node_systemd_socket_current_connections gauge
node_systemd_socket_current_connections{name="docker.socket"} 3
# TYPE node_systemd_socket_refused_connections_total counter
node_systemd_socket_refused_connections_total{name="docker.socket"} 2
# TYPE node_systemd_units gauge
node_systemd_units{state="active"} 240
node_systemd_units{state="failed"} 1
node_systemd_units{state="inactive"} 80
"""


def scrape():
    """What this machine's node_exporter answers, started for this one question."""
    port = servers.free_port()
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"]
    exporter = subprocess.Popen(
        command + [f"--collector.{name}" for name in COLLECTORS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                    return answer.read().decode()
            except urllib.error.URLError:
                time.sleep(0.1)
        raise SystemExit("prometheus-node-exporter does not answer")
    finally:
        exporter.terminate()
        exporter.wait()


def series(text):
    """Name, labels, value, and whether it counts, in the order of names."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    found = []
    for line in text.splitlines():
        if not line or line[0] == "#":
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        kind = kinds.get(name) or kinds.get(re.sub(r"_(sum|count|bucket)$", "", name), "untyped")
        counts = kind == "counter" or (kind == "untyped" and not LEVELS.search(name)) or kind in ("summary", "histogram")
        found.append((name, labels or "", float(value), counts))
    return sorted(found, key=lambda one: one[:2])


def write(out, first, last, interval):
    """Writes samples of all series into a binary file, by series; gives their number of series and of samples."""
    present = scrape()
    names = set(re.findall(r"^# TYPE (\S+)", present, re.MULTILINE))
    missing, taken = [], True
    for line in ELSEWHERE.strip().splitlines():
        if line.startswith("# TYPE"):
            taken = line.split()[2] not in names
        if taken:
            missing.append(line)
    found = series(present + "\n".join(missing) + "\n")
    uptime = time.time() - next(value for name, _, value, _ in found if name == "node_boot_time_seconds")
    steps = range((last - first) // interval + 1)
    times = [f" {first + step * interval}\n" for step in steps]
    # Waves of some hours with a little roughness; each series goes with one of them.
    waves = [[math.sin(2 * math.pi * step * interval / (3600 * (2 + pace % 5)) + pace) + 0.2 * math.sin(step * (1.3 + pace / 7))
              for step in steps] for pace in range(13)]
    for number, (name, labels, value, counts) in enumerate(found):
        head = f"{name}{{{labels + ',' if labels else ''}{LABELS}}} "
        wave = waves[number % len(waves)]
        if name == "node_time_seconds":
            values = [first + step * interval for step in steps]
        elif counts:
            rate, total, values = value / uptime * interval, value, []
            for level in wave:
                total += rate * (1 + 0.7 * level)
                values.append(total)
        elif CONSTANT.search(name) or not math.isfinite(value):
            values = [value] * len(times)
        else:
            whole = value == int(value) and abs(value) < 1e15
            values = [round(value * (1 + 0.1 * level)) if whole else value * (1 + 0.1 * level) for level in wave]
        out.write("".join(f"{head}{one:.10g}{at}" for one, at in zip(values, times)).encode())
    out.write(b"# EOF\n")
    return len(found), len(found) * len(times)


def load(executables, directory, first, last, interval):
    """Fills a directory for martlet-metrics; gives the numbers of series and samples."""
    command = [f"{executables}/martlet", "metrics", "import", "--quiet", "-", str(directory)]
    importing = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        counts = write(importing.stdin, first, last, interval)
    except BrokenPipeError:
        counts = None
    importing.stdin.close()
    if importing.wait() != 0 or counts is None:
        raise SystemExit("martlet metrics import has failed")
    return counts
