import CMessages
import MartletCore

extension OTLP {
    /// The answer to an export request: `Export{Trace,Logs,Metrics}ServiceResponse`, which differ in names only.
    package struct ExportResponse: Sendable, Hashable {
        /// Which call it answers.
        package var signal: Signal
        /// What was not taken.
        package var partialSuccess: PartialSuccess

        /// Full success unless given.
        package init(_ signal: Signal, _ partialSuccess: PartialSuccess = .full) {
            self.signal = signal
            self.partialSuccess = partialSuccess
        }

        /// Protobuf; empty on full success.
        package func protobuf() -> [UInt8] {
            guard !partialSuccess.isFull else { return [] }
            var writer = ProtoWriter(capacity: 16 + partialSuccess.message.utf8.count)
            writer.message(1) { writer in
                if partialSuccess.rejected != 0 { writer.int64(1, partialSuccess.rejected) }
                if !partialSuccess.message.isEmpty { writer.string(2, partialSuccess.message) }
            }
            return writer.bytes
        }

        /// OTLP/JSON; `{"partialSuccess":{}}` on full success, as the collector answers.
        package func json() -> [UInt8] {
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("partialSuccess")
            writer.beginObject()
            if partialSuccess.rejected != 0 {
                writer.key(signal.rejectedKey)
                writer.string(String(partialSuccess.rejected))
            }
            if !partialSuccess.message.isEmpty {
                writer.key("errorMessage")
                writer.string(partialSuccess.message)
            }
            writer.endObject()
            writer.endObject()
            return writer.bytes
        }

        /// Decodes a protobuf answer; the three responses share one layout.
        package init(_ signal: Signal, protobuf body: UnsafeRawBufferPointer) throws(WireError) {
            partialSuccess = try CMessage.withUnpacked(
                body, martlet_schema_trace_response(), as: Martlet__Otlp__ExportTraceServiceResponse.self,
                memory: 8 << 20
            ) { (message) throws(WireError) in
                guard let partial = message.partial_success?.pointee else { return .full }
                return PartialSuccess(
                    rejected: partial.has_rejected_spans != 0 ? partial.rejected_spans : 0,
                    message: String(decoding: partial.error_message.buffer, as: UTF8.self))
            }
            self.signal = signal
        }
    }
}
