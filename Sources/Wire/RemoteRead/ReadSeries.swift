package import MartletCore

extension RemoteRead {
    /// A series of an answer: its labels, and its samples or the chunks that they are in.
    package struct Series: Sendable {
        /// Samples as they are stored together; `encoding` is the number that Prometheus' blocks have for it.
        package struct Chunk: Sendable, Hashable {
            package var minTimeMs: Int64
            package var maxTimeMs: Int64
            package var encoding: UInt8
            package var data: [UInt8]

            /// A chunk of samples within the times.
            package init(minTimeMs: Int64, maxTimeMs: Int64, encoding: UInt8, data: [UInt8]) {
                self.minTimeMs = minTimeMs
                self.maxTimeMs = maxTimeMs
                self.encoding = encoding
                self.data = data
            }
        }

        package var labels = Labels()
        package var samples: [RemoteWrite.WriteRequest.Sample] = []
        package var histograms: [RemoteWrite.Histogram] = []
        package var chunks: [Chunk] = []

        /// A series without samples.
        package init(_ labels: Labels = Labels()) {
            self.labels = labels
        }

        /// Decodes a TimeSeries, with samples, or a ChunkedSeries.
        init(_ cursor: inout ProtoCursor, isChunked: Bool) throws(WireError) {
            var message = try cursor.message()
            var assembly = LabelAssembly()
            while try message.next() {
                switch message.field {
                case 1: try Self.label(&message, into: &assembly)
                case 2 where isChunked: chunks.append(try Self.chunk(&message))
                case 2: samples.append(try Self.sample(&message))
                case 4 where !isChunked:
                    let range = try message.byteRange()
                    histograms.append(try RemoteWrite.Histogram(range, in: message.bytes))
                default: try message.skip()
                }
            }
            labels = assembly.finish()
        }

        private static func label(
            _ cursor: inout ProtoCursor, into assembly: inout LabelAssembly
        ) throws(WireError) {
            var message = try cursor.message()
            var (name, value) = (ByteRange(), ByteRange())
            while try message.next() {
                switch message.field {
                case 1: name = try message.stringRange()
                case 2: value = try message.stringRange()
                default: try message.skip()
                }
            }
            assembly.add(name.bytes(in: cursor.bytes), value.bytes(in: cursor.bytes))
        }

        private static func sample(
            _ cursor: inout ProtoCursor
        ) throws(WireError) -> RemoteWrite.WriteRequest.Sample {
            var message = try cursor.message()
            var sample = RemoteWrite.WriteRequest.Sample(timestamp: 0, value: 0)
            while try message.next() {
                switch message.field {
                case 1: sample.value = try message.double()
                case 2: sample.timestamp = try message.int64()
                default: try message.skip()
                }
            }
            return sample
        }

        private static func chunk(_ cursor: inout ProtoCursor) throws(WireError) -> Chunk {
            var message = try cursor.message()
            var chunk = Chunk(minTimeMs: 0, maxTimeMs: 0, encoding: 0, data: [])
            while try message.next() {
                switch message.field {
                case 1: chunk.minTimeMs = try message.int64()
                case 2: chunk.maxTimeMs = try message.int64()
                case 3: chunk.encoding = UInt8(clamping: try message.int32())
                case 4: chunk.data = Array(try message.byteRange().bytes(in: message.bytes))
                default: try message.skip()
                }
            }
            return chunk
        }

        /// Writes the fields of a TimeSeries, or of a ChunkedSeries with some of the chunks.
        func encode(chunks part: ArraySlice<Chunk>? = nil, to writer: inout ProtoWriter) {
            labels.forEach { name, value in
                writer.message(1) { label in
                    label.bytes(1, name)
                    label.bytes(2, value)
                }
            }
            for chunk in part ?? [] {
                writer.message(2) { message in
                    message.int64(1, chunk.minTimeMs)
                    message.int64(2, chunk.maxTimeMs)
                    message.uint64(3, UInt64(chunk.encoding))
                    message.bytes(4, chunk.data)
                }
            }
            guard part == nil else { return }
            for sample in samples {
                writer.message(2) { message in
                    if sample.value.bitPattern != 0 { message.double(1, sample.value) }
                    if sample.timestamp != 0 { message.int64(2, sample.timestamp) }
                }
            }
            for histogram in histograms { writer.message(4) { histogram.encode(to: &$0) } }
        }
    }
}
