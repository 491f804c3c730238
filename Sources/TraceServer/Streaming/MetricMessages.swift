import TraceQL
import Wire

/// Metrics answers as Tempo writes them in protobuf. One that is incomplete says why.
enum MetricMessages {
    private static let partial: UInt64 = 1

    /// `QueryRangeResponse` and `QueryInstantResponse`.
    static func series(
        _ answer: QueryRoutes.Measured, isInstant: Bool, _ jobs: StreamedProgress.Jobs
    ) -> [[UInt8]] {
        var packer = MessagePacker(jobs) { jobs, writer in
            SearchMessages.metrics(2, jobs, to: &writer)
            if let incomplete = answer.incomplete {
                writer.uint64(3, partial)
                writer.string(4, incomplete)
            }
        }
        for one in isInstant ? answer.present : answer.series {
            packer.add {
                $0.message(1) {
                    SearchMessages.pairs(1, one.labels, to: &$0)
                    if isInstant {
                        value(2, one.values.first ?? 0, to: &$0)
                    } else {
                        samples(one, answer, to: &$0)
                    }
                }
            }
        }
        return packer.finished()
    }

    private static func samples(_ one: MetricSeries, _ answer: QueryRoutes.Measured, to writer: inout ProtoWriter) {
        for index in one.values.indices where !one.values[index].isNaN {
            writer.message(2) {
                value(1, one.values[index], to: &$0)
                $0.int64(2, Int64(answer.steps.time(index) / 1_000_000))
            }
        }
        for (exemplar, number) in answer.exemplars(of: one) {
            writer.message(4) {
                SearchMessages.pairs(1, SearchJSON.labels(exemplar), to: &$0)
                value(2, number, to: &$0)
                $0.int64(3, Int64(exemplar.time / 1_000_000))
            }
        }
    }

    /// Zero is what stands for nothing.
    private static func value(_ field: UInt32, _ value: Double, to writer: inout ProtoWriter) {
        if value != 0 { writer.double(field, value) }
    }
}
