/// A request between two services, of which one side's span is known, or both.
struct Edge: Sendable {
    enum Side: Sendable { case client, server }

    /// What tells an edge: the trace, and the client's span, which is the server's parent.
    struct Key: Hashable, Sendable {
        let traceHigh: UInt64
        let traceLow: UInt64
        /// 0 for a server's span without a parent.
        let span: UInt64
    }

    enum Connection: Sendable {
        case unknown, messaging, database, virtualNode

        /// The value of the label `connection_type`.
        var text: StaticString {
            switch self {
            case .unknown: ""
            case .messaging: "messaging_system"
            case .database: "database"
            case .virtualNode: "virtual_node"
            }
        }
    }

    let key: Key
    var connection = Connection.unknown
    /// Names of the services; empty for one that is not known.
    var client: [UInt8] = []
    var server: [UInt8] = []
    var clientSeconds = 0.0
    var serverSeconds = 0.0
    /// When the message was sent, and when it was received; Unix nanoseconds.
    var clientEnd: UInt64 = 0
    var serverStart: UInt64 = 0
    /// The kind of the newest span.
    var kind: Int32 = 0
    var hasFailed = false
    /// What attributes say about a side that sends no spans.
    var peer: [UInt8] = []
    /// Values of the dimensions, by place; none where there are no dimensions.
    var dimensions: [[UInt8]] = []
    /// What `virtual_node` says.
    var virtualSide: StaticString = ""
    var multiplier = 1.0
    /// The side whose span does not count, by the filter: its counterpart does not either.
    var dropped: Side?
    /// When it is given up; milliseconds.
    var deadlineMs: Int64 = 0

    init(_ key: Key) {
        self.key = key
    }

    /// About what it takes while it waits.
    var memory: Int {
        let texts = client.count + server.count + peer.count
        return dimensions.reduce(400 + texts) { $0 + $1.count + 48 }
    }

    var isComplete: Bool { !client.isEmpty && !server.isEmpty }
    var isRoot: Bool { key.span == 0 }
}
