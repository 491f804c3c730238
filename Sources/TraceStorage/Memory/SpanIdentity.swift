/// What tells the spans of a trace apart: client and server of a call may share an id, but not their kind.
struct SpanIdentity: Hashable, Sendable {
    let id: UInt64
    let kind: UInt8
}
