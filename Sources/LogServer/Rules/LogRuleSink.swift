import MetricStorage
import RemoteStorage
import Rules

/// Takes what the rules of one tenant make: alerts are remembered over a restart, and all of it is sent on by remote write.
struct LogRuleSink: RuleSink {
    let alerts: AlertStateFile
    /// nil where nobody gets series.
    let forwarding: ForwardingLog?

    func append(_ samples: [RuleSample]) throws -> [RuleRejection] {
        alerts.note(samples)
        try forwarding?.append(
            samples.map { sample in
                var series = ForwardedSeries(sample.labels)
                series.samples = [(timestampMs: sample.timeMs, value: sample.value)]
                return series
            })
        return []
    }
}
