"""An estate of invented systems that sends what the real ones would: spans, log lines and metrics."""
