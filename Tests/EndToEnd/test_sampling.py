"""Head and tail sampling in martlet-traces: what policies keep is there, also after a kill before the decision; what they do
not keep goes, and is counted."""

import pytest

from processes import free_port, get, http, run, wait_for

TAIL = """
sampling:
  tail:
    decision_wait: 5s
    policies:
      - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
      - {name: vip, type: string_attribute, string_attribute: {key: user, values: ["^vip-"], enabled_regex_matching: true}}
      - {name: probes, type: drop, drop: {drop_sub_policy: [
          {name: path, type: string_attribute, string_attribute: {key: url.path, values: [/health]}}]}}
"""


def trace_id(number):
    return f"{number:032x}"


def body(*traces):
    """Traces as (number, list of (span number, is an error, attributes))."""
    def span(number, index, is_error, attributes):
        return {
            "traceId": trace_id(number), "spanId": f"{index:016x}", "name": f"operation {index}", "kind": 2,
            "startTimeUnixNano": str(10**18 + index), "endTimeUnixNano": str(10**18 + index + 1000),
            "status": {"code": 2} if is_error else {},
            "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]}

    spans = [span(number, *arguments) for number, all_spans in traces for arguments in all_spans]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


class Server:
    def __init__(self, launch, directory, config):
        self.launch, self.data, self.otlp = launch, directory / "data", free_port()
        self.config = directory / "tempo.yaml"
        self.config.write_text(config)
        self.start()

    def start(self):
        self.process, self.base = self.launch.server(
            "traces", self.data, "--config.file", self.config, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
            "--otlp.http-listen-address", f"127.0.0.1:{self.otlp}")

    def send(self, *traces):
        answer = http("POST", f"http://127.0.0.1:{self.otlp}/v1/traces", body(*traces))
        assert answer.status == 200, answer.text
        assert "rejected" not in answer.text.lower()

    def spans(self, number):
        answer = get(self.base + f"/api/traces/{trace_id(number)}", headers={"Accept": "application/json"})
        if answer.status == 404:
            return []
        assert answer.status == 200, answer.text
        return [span for resource in answer.json()["batches"] for scope in resource["scopeSpans"]
                for span in scope["spans"]]

    def counter(self, name, **labels):
        """The sum of the series with these labels; 0 when there is none."""
        total = 0
        for line in get(self.base + "/metrics").text.splitlines():
            if line.startswith(name + "{") and all(f'{key}="{value}"' in line for key, value in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def discarded(self, reason):
        return self.counter("tempo_discarded_spans_total", reason=reason)


def test_what_policies_keep_survives_a_kill_before_the_decision_and_the_rest_goes(launch, tmp_path):
    server = Server(launch, tmp_path, TAIL)
    errors, plain = range(1, 21), range(101, 121)
    server.send(*[(number, [(1, False, {}), (2, True, {})]) for number in errors])
    server.send(*[(number, [(1, False, {}), (2, False, {})]) for number in plain])
    server.send((201, [(1, False, {"user": "vip-7"})]), (202, [(1, True, {"url.path": "/health"})]))
    assert len(server.spans(101)) == 2, "undecided spans are in the answers"
    server.process.kill()
    server.start()
    wait_for(lambda: server.discarded("tail_sampling") == 2 * len(plain) + 1, "all decisions", 60)
    for number in errors:
        assert len(server.spans(number)) == 2
    for number in plain:
        assert server.spans(number) == []
    assert len(server.spans(201)) == 1
    assert server.spans(202) == []
    prefix = "otelcol_processor_tail_sampling_"
    assert server.counter(prefix + "count_traces_sampled", policy="errors", sampled="true") == len(errors)
    assert server.counter(prefix + "count_traces_sampled", policy="probes", decision="dropped") == 1
    assert server.counter(prefix + "global_count_traces_sampled", sampled="true") == len(errors) + 1
    assert server.counter(prefix + "global_count_traces_sampled", sampled="false") == len(plain) + 1
    # What was decided is on disk: another kill changes nothing.
    server.process.kill()
    server.start()
    assert [len(server.spans(number)) for number in (*errors, *plain)] == [2] * len(errors) + [0] * len(plain)


def test_late_spans_follow_their_trace(launch, tmp_path):
    server = Server(launch, tmp_path, TAIL)
    server.send((1, [(1, True, {})]), (2, [(1, False, {})]))
    wait_for(lambda: server.discarded("tail_sampling") == 1, "the first decision", 60)
    server.send((1, [(2, False, {})]), (2, [(2, True, {})]))
    wait_for(lambda: server.discarded("tail_sampling") == 2, "the late span's", 60)
    assert len(server.spans(1)) == 2
    assert server.spans(2) == []


def test_conditions_in_ottl_decide_by_what_spans_have(launch, tmp_path):
    server = Server(launch, tmp_path, """
sampling:
  tail:
    decision_wait: 2s
    policies:
      - name: conditions
        type: ottl_condition
        ottl_condition:
          span:
            - attributes["user"] == "vip" and kind == SPAN_KIND_SERVER
            - end_time - start_time >= Duration("1us") and Len(attributes["user"]) > 4
            - status.code == STATUS_CODE_ERROR and IsMatch(name, "^operation [2-9]$")
""")
    server.send(
        (1, [(1, False, {"user": "vip"})]), (2, [(1, False, {"user": "no"})]), (3, [(1, True, {})]), (4, [(2, True, {})]))
    wait_for(lambda: server.discarded("tail_sampling") == 2, "all decisions", 60)
    assert [len(server.spans(number)) for number in (1, 2, 3, 4)] == [1, 0, 0, 1]
    # `Len` of what is not there.
    wait_for(lambda: server.counter("martlet_traces_condition_failures_total", policy="conditions") >= 1, "the failures")


def test_head_sampling_leaves_out_spans_and_answers_success(launch, tmp_path):
    server = Server(launch, tmp_path, "sampling: {head: {sampling_percentage: 50, mode: proportional}}\n")
    lucky, unlucky = 0xFF << 48, 0x01 << 48
    server.send((lucky, [(1, False, {}), (2, False, {})]), (unlucky, [(1, False, {}), (2, False, {}), (3, False, {})]))
    found = server.spans(lucky)
    assert [span["traceState"] for span in found] == ["ot=th:8", "ot=th:8"]
    assert server.spans(unlucky) == []
    assert server.discarded("head_sampling") == 3
    assert server.counter("tempo_distributor_spans_received_total") == 5


@pytest.mark.parametrize("text, complaint", [
    ("sampling: {tail: {}}", 'needs the key "policies"'),
    ("sampling:\n  tail:\n    policies: [{name: a, type: ottl_condition, ottl_condition: {span: [nam == 1]}}]",
     "span[0]: at character 1: the path \"nam\" is not known here"),
    ("sampling: {head: {percentage: 1}}", "sampling_percentage"),
])
def test_a_mistake_in_the_section_ends_the_start(executables, tmp_path, text, complaint):
    config = tmp_path / "tempo.yaml"
    config.write_text(text)
    code, out, err = run([executables / "martlet-traces", "--config.file", config, "--storage.path", tmp_path / "data"])
    assert code == 2
    assert complaint in out + err
