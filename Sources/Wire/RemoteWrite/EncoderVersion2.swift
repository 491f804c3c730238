package import MartletCore

extension RemoteWrite {
    /// Builds the protobuf body of a 2.0 request (io.prometheus.write.v2.Request), series by series.
    package struct EncoderVersion2 {
        private var symbols: SymbolWriter
        private var series: ProtoWriter
        private var references: [UInt64] = []

        /// An empty request of about `capacity` bytes.
        package init(capacity: Int = 4096) {
            symbols = SymbolWriter()
            series = ProtoWriter(capacity: capacity)
        }

        /// The body so far, before compression.
        package var bytes: [UInt8] { symbols.bytes + series.bytes }

        /// Bytes of the body so far.
        package var count: Int { symbols.bytes.count + series.bytes.count }

        /// Adds a series with its samples, which should ascend in time, or its native histograms: never both.
        /// - Parameter startTimestamps: of each sample, 0 where it is unknown; empty when no sample has one.
        package mutating func series(
            _ labels: Labels, _ samples: some Sequence<WriteRequest.Sample> = [WriteRequest.Sample](),
            startTimestamps: [Int64] = [], histograms: some Sequence<Histogram> = [Histogram](),
            exemplars: some Sequence<SeriesExemplar> = [SeriesExemplar](), metadata: SeriesMetadata? = nil
        ) {
            refer(to: labels)
            // Taken out while the message is written, which is a call with exclusive access to the writer.
            var writer = ProtoWriter(capacity: 0)
            swap(&writer, &series)
            defer { swap(&writer, &series) }
            writer.message(5) { message in
                message.packedUInt64(1, references)
                var index = 0
                for sample in samples {
                    message.message(2) { message in
                        if sample.value.bitPattern != 0 { message.double(1, sample.value) }
                        if sample.timestamp != 0 { message.int64(2, sample.timestamp) }
                        if index < startTimestamps.count, startTimestamps[index] != 0 {
                            message.int64(3, startTimestamps[index])
                        }
                    }
                    index += 1
                }
                for histogram in histograms { message.message(3) { histogram.encode(to: &$0) } }
                for exemplar in exemplars {
                    refer(to: exemplar.labels)
                    message.message(4) { message in
                        message.packedUInt64(1, references)
                        if exemplar.value.bitPattern != 0 { message.double(2, exemplar.value) }
                        if exemplar.timestamp != 0 { message.int64(3, exemplar.timestamp) }
                    }
                }
                if let metadata {
                    let (help, unit) = (symbols.reference(metadata.help), symbols.reference(metadata.unit))
                    message.message(5) { message in
                        if metadata.type != 0 { message.int64(1, Int64(metadata.type)) }
                        if help != 0 { message.uint64(3, help) }
                        if unit != 0 { message.uint64(4, unit) }
                    }
                }
            }
        }

        private mutating func refer(to labels: Labels) {
            references.removeAll(keepingCapacity: true)
            labels.forEach { name, value in
                references.append(symbols.reference(name))
                references.append(symbols.reference(value))
            }
        }
    }
}
