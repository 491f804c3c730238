"""What the systems do: the shape of their traces, the names of their metrics, and what incidents change."""

import collections
import json

import pytest

from conftest import NOON, Run

# What boards and rules ask for, by the service that pushes it.
PUSHED = {
    "main-service": ["http.server.duration", "http.client.duration", "webstore.cart.additions", "webstore.checkouts",
                     "webstore.checkout.amount", "webstore.payment.duration", "webstore.active_carts",
                     "db.client.connections.usage", "db.client.connections.max", "db.client.operation.duration"],
    "payments-service": ["http.server.duration", "payments_processed_total", "payment_amount_usd",
                         "external_payment_provider_duration_seconds"],
    "promotions-service": ["http.server.request.duration"],
    "payment-gateway": ["http.server.request.duration", "db.client.operation.duration"],
    "quantum-forge": [
        "quantum_forge_pnl_total", "quantum_forge_trades", "quantum_forge_trades_per_minute", "quantum_forge_phase_current",
        "quantum_forge_position_count", "quantum_forge_ai_layer_duration", "mathematical_intuition_accuracy",
        "traditional_calculation_accuracy", "sentiment_source_availability", "order_book_analysis_duration",
        "cross_site_enhancement_boost", "postgresql_connection_pool_usage", "postgresql_query_duration", "data_sync_lag_seconds",
        "log_file_size_bytes", "cpu_usage_percent", "memory_usage_bytes", "gpu_cuda_utilization", "gpu_temperature_celsius"],
    "solar-backend": ["http.server.request.duration", "measurements_processed", "auth_failures", "jwt_refresh_failures",
                      "sessions_expired", "db.client.connections.usage"],
    "solarman-collector": [
        "collector_connections_accepted", "collector_connections_dropped", "collector_connections_active",
        "collector_messages_received", "collector_logger_messages", "collector_logger_connected", "collector_parse_errors",
        "collector_token_refresh_failures",
        "collector_influxdb_write_duration_seconds", "collector_last_message_timestamp_seconds"],
}
SCRAPED = {
    "flask-app": ["flask_app_request_count_total", "flask_app_request_duration_seconds_bucket", "flask_app_active_requests",
                  "flask_app_error_count_total", "flask_app_info"],
    "deyehard-db": ["pg_up", "pg_stat_database_numbackends", "pg_settings_max_connections", "pg_stat_database_blks_hit",
                    "timescaledb_chunks", "timescaledb_oldest_uncompressed_chunk_seconds", "pg_replication_lag_seconds"],
    "webstore-redis": ["redis_memory_used_bytes", "redis_memory_max_bytes"],
    "cadvisor": ["container_cpu_usage_seconds_total", "container_memory_usage_bytes", "container_network_receive_bytes_total",
                 "container_network_transmit_bytes_total", "container_fs_reads_bytes_total", "container_fs_writes_bytes_total"],
    "otel-collector": ["otelcol_receiver_accepted_spans", "otelcol_process_memory_rss"],
}


def traces(run):
    found = collections.defaultdict(list)
    for span in run.spans:
        found[span.trace_id].append(span)
    return found.values()


def rooted(run, service, name):
    return [spans for spans in traces(run) if any(not s.parent and s.service.name == service and s.name == name for s in spans)]


def failed(run, country):
    """The share of a country's payments that failed."""
    processed = [(at["status"], count) for at, count in run.instrument("payments-service", "payments_processed_total")
                 if at["country"] == country]
    return sum(count for status, count in processed if status == "failed") / sum(count for _, count in processed)


@pytest.mark.parametrize("service", PUSHED)
def test_a_service_pushes_its_metrics(calm, service):
    for name in PUSHED[service]:
        assert calm.instrument(service, name), name


@pytest.mark.parametrize("exporter", SCRAPED)
def test_an_exporter_shows_its_metrics(calm, exporter):
    text = calm.estate.exposition(exporter)
    for name in SCRAPED[exporter]:
        assert f"\n{name}" in text, name


def test_every_span_has_its_parent_around_it(calm):
    for spans in traces(calm):
        by_id = {span.span_id: span for span in spans}
        assert sum(not span.parent for span in spans) == 1
        for span in spans:
            if span.parent:
                parent = by_id[span.parent]
                assert parent.start <= span.start <= span.end <= parent.end


def test_a_checkout_crosses_the_four_services(calm):
    for spans in rooted(calm, "frontend", "POST /api/checkout"):
        if not any(span.error for span in spans):
            assert {s.service.name for s in spans} == {"frontend", "main-service", "promotions-service", "payments-service"}


def test_a_payment_of_the_gateway_is_a_tree_of_stripe_and_sql(calm):
    spans = next(spans for spans in rooted(calm, "payment-gateway", "POST /api/payments") if not any(s.error for s in spans))
    names = {span.span_id: span.name for span in spans}
    assert [(span.name, names.get(span.parent)) for span in spans] == [
        ("POST /api/payments", None),
        ("PaymentService.ProcessPayment", "POST /api/payments"),
        ("StripeService.CreatePaymentIntent", "PaymentService.ProcessPayment"),
        ("POST /v1/payment_intents", "StripeService.CreatePaymentIntent"),
        ("INSERT Transactions", "PaymentService.ProcessPayment"),
        ("StripeService.ConfirmPayment", "PaymentService.ProcessPayment"),
        ("POST /v1/payment_intents/confirm", "StripeService.ConfirmPayment"),
    ]


def test_every_line_belongs_to_a_span_of_its_trace(calm):
    spans = {(span.trace_id, span.span_id) for span in calm.spans}
    assert all((record.trace_id, record.span_id) in spans for record in calm.records)


def test_services_of_others_have_lines_and_nothing_else(calm):
    others = {"payment-provider", "crm-system", "inventory-system"}
    assert others <= {record.service.name for record in calm.records}
    assert not others & {span.service.name for span in calm.spans}


def test_equal_seeds_do_equal_things():
    first, second, other = (Run(seed).seconds(60) for seed in (5, 5, 6))
    assert [record.line for record in first.records] == [record.line for record in second.records]
    assert json.dumps(first.estate.metrics(first.now)) == json.dumps(second.estate.metrics(second.now))
    assert [span.trace_id for span in first.spans] != [span.trace_id for span in other.spans]


def test_how_busy_the_machine_is_changes_nothing():
    often, rarely = Run(), Run()
    often.seconds(8)
    rarely.estate.run(NOON + 8)
    rarely.seconds(0)
    assert [record.line for record in often.records] == [record.line for record in rarely.records]


def test_a_calm_estate_is_below_the_thresholds_of_alerts(calm):
    for country in ("US", "UK", "DE", "FR", "JP", "BR", "IN"):
        assert failed(calm, country) <= 0.15
    assert calm.share("payments-service", "payments_processed_total", status="failed") < 0.1
    for service in ("main-service", "payments-service"):
        broken = sum(calm.share(service, "http.server.duration", **{"http.status_code": code}) for code in (500, 502, 503))
        assert broken < 0.001, service


def test_a_countrys_failure_rate_is_its_own():
    run = Run(failure_rate={"country": {"DE": 0.5}}).seconds(200)
    assert failed(run, "DE") > 0.4 and failed(run, "FR") <= 0.08


def test_a_failed_payment_is_not_a_failure_of_the_shop():
    run = Run(failure_rate={"country": {"DE": 1.0}}).seconds(200)
    statuses = {at["http.status_code"] for at, _ in run.instrument("main-service", "http.server.duration")
                if at["http.route"] == "/checkout"}
    assert 402 in statuses and not any(status >= 500 for status in statuses)


def test_the_payments_incident_makes_payments_fail_slowly():
    run = Run(incidents=["payments"]).seconds(200)
    assert run.share("payments-service", "payments_processed_total", status="failed") > 0.5
    assert run.share("payments-service", "http.server.duration", **{"http.status_code": 500}) > 0.05
    slow = [span for span in run.spans if span.name == "POST /charge" and span.milliseconds > 3000]
    assert len(slow) > 0.05 * sum(span.name == "POST /charge" for span in run.spans)


def test_the_checkout_incident_breaks_the_shop():
    run = Run(incidents=["checkout"]).seconds(200)
    assert run.share("main-service", "http.server.duration", **{"http.status_code": 500}) > 0.3
    waits = sorted(span.milliseconds for span in run.spans if span.name == "connect")
    assert waits[len(waits) * 95 // 100] > 2000 and waits[len(waits) * 99 // 100] > 5000
    (_, carts), = run.instrument("main-service", "webstore.active_carts")
    assert carts > 100
    used = {at["state"]: count for at, count in run.instrument("main-service", "db.client.connections.usage")
            if at["pool.name"] == "webstore-db"}
    assert used["used"] > 0.8 * sum(used.values())
    bought = sum(count for at, count in run.instrument("main-service", "webstore.checkouts") if at["status"] == "success")
    assert bought < 0.1 * sum(count for _, count in run.instrument("main-service", "webstore.cart.additions"))


def test_a_service_that_is_down_says_nothing_and_is_missed():
    run = Run(incidents=["promotions"]).seconds(120)
    assert "promotions-service" not in {span.service.name for span in run.spans}
    resources = json.dumps([each["resource"] for each in run.estate.metrics(run.now)["resourceMetrics"]])
    assert "payments-service" in resources and "promotions-service" not in resources
    assert any(span.error == "connection refused" for span in run.spans)
    assert run.share("main-service", "webstore.checkouts", status="success") > 0.8


def test_the_grid_incident_silences_all_inverters():
    run = Run(incidents=["grid"]).seconds(200)
    (_, connections), = run.instrument("solarman-collector", "collector_connections_active")
    (_, failures), = run.instrument("solarman-collector", "collector_token_refresh_failures")
    assert connections == 0 and failures > 25
    assert sum(count for _, count in run.instrument("solarman-collector", "collector_messages_received")) == 0
    assert run.share("solar-backend", "http.server.request.duration", **{"http.response.status_code": 500}) > 0.1


def test_the_trading_incident_costs_money():
    run = Run(incidents=["trading"]).seconds(120)
    assert sum(value for _, value in run.instrument("quantum-forge", "quantum_forge_pnl_total")) < -1000
    assert sum(value for _, value in run.instrument("quantum-forge", "quantum_forge_trades_per_minute")) == 0
    assert sum(value for _, value in run.instrument("quantum-forge", "sentiment_source_availability")) < 5
    assert run.instrument("quantum-forge", "quantum_forge_phase_current") == [({}, 3)]


def test_an_incident_that_ends_is_over():
    run = Run(incidents=["grid", "trading"]).seconds(60)
    run.knobs.turn({"incidents": []})
    run.seconds(120)
    assert sum(count for _, count in run.instrument("solarman-collector", "collector_messages_received")) > 100
    assert sum(value for _, value in run.instrument("quantum-forge", "quantum_forge_pnl_total")) > 0
