import MartletCore
import Wire

/// The answer of the second version of Tempo's call for a trace by its id, in protobuf.
package struct TraceAnswer: Sendable {
    /// The trace, in protobuf: resource spans as field 1, which is an export request as well.
    package let trace: [UInt8]
    /// What the server says of what it has left out; nil when the trace is whole.
    package let partial: String?

    /// Reads the trace (field 1), whether it is a part of one (status, 3), and why (message, 4); nil for what is no such answer.
    package init?(_ body: [UInt8]) {
        do throws(WireError) {
            (trace, partial) = try Bytes.of(body) { (buffer) throws(WireError) in
                var cursor = ProtoCursor(buffer)
                var trace: [UInt8] = []
                var isPartial = false
                var message = ""
                while try cursor.next() {
                    switch (cursor.field, cursor.wireType) {
                    case (1, .delimited): trace += buffer[try cursor.delimited()]
                    case (3, .varint): isPartial = try cursor.uint64() == 1
                    case (4, .delimited): message = String(decoding: buffer[try cursor.delimited()], as: UTF8.self)
                    default: try cursor.skip()
                    }
                }
                return (trace, isPartial ? message : nil)
            }
        } catch {
            return nil
        }
    }
}
