import Service

/// What the agent's own metrics mean.
enum AgentMetrics {
    static func describe(_ registry: MetricRegistry) {
        for (name, help) in [
            ("martlet_agent_tail_read_bytes_total", "Bytes read from log files."),
            ("martlet_agent_tail_read_lines_total", "Lines read from log files."),
            ("martlet_agent_tail_lines_cut_total", "Lines of log files that were cut at the limit of a line."),
            ("martlet_agent_tail_truncations_total", "Log files found truncated and read from their start again."),
            ("martlet_agent_tail_files_active", "Log files that are followed."),
            ("martlet_agent_tail_lag_bytes", "Bytes of followed files that have not been read."),
            ("martlet_agent_journal_entries_total", "Entries read from the journal."),
            (
                "martlet_agent_lines_too_large_total",
                "Lines larger than what a queue takes at once, which were dropped."
            ),
            ("logentry_dropped_lines_total", "Lines that a pipeline stage has dropped."),
        ] {
            registry.describe(name, help)
        }
    }
}
