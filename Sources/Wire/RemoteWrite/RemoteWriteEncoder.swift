package import MartletCore

extension RemoteWrite {
    /// Builds the protobuf body of a request, series by series.
    package struct Encoder {
        private var writer: ProtoWriter

        /// An empty request of about `capacity` bytes.
        package init(capacity: Int = 4096) {
            writer = ProtoWriter(capacity: capacity)
        }

        /// The body so far, before compression.
        package var bytes: [UInt8] { writer.bytes }

        /// Adds a series with its samples, which should ascend in time.
        package mutating func series(
            _ labels: Labels, _ samples: some Sequence<WriteRequest.Sample>,
            histograms: some Sequence<Histogram> = [Histogram](),
            exemplars: some Sequence<SeriesExemplar> = [SeriesExemplar]()
        ) {
            writer.message(1) { writer in
                Self.write(labels, to: &writer)
                for sample in samples {
                    writer.message(2) { message in
                        // A value whose bits are all zero is the default and left out.
                        if sample.value.bitPattern != 0 { message.double(1, sample.value) }
                        if sample.timestamp != 0 { message.int64(2, sample.timestamp) }
                    }
                }
                for exemplar in exemplars {
                    writer.message(3) { message in
                        Self.write(exemplar.labels, to: &message)
                        if exemplar.value.bitPattern != 0 { message.double(2, exemplar.value) }
                        if exemplar.timestamp != 0 { message.int64(3, exemplar.timestamp) }
                    }
                }
                for histogram in histograms { writer.message(4) { histogram.encode(to: &$0) } }
            }
        }

        private static func write(_ labels: Labels, to writer: inout ProtoWriter) {
            labels.forEach { name, value in
                writer.message(1) { label in
                    label.bytes(1, name)
                    label.bytes(2, value)
                }
            }
        }

        /// Adds the metadata of a metric family; `type` as in `WriteRequest.Metadata`.
        package mutating func metadata(family: String, type: Int32, help: String, unit: String) {
            writer.message(3) { message in
                if type != 0 { message.int64(1, Int64(type)) }
                if !family.isEmpty { message.string(2, family) }
                if !help.isEmpty { message.string(4, help) }
                if !unit.isEmpty { message.string(5, unit) }
            }
        }
    }
}
