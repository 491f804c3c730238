import NIOCore
import Service

/// Messages that say together what is known at a time, ready to be sent; their memory is reserved as long as they exist.
struct StreamedAnswer: Sendable {
    let messages: [ByteBuffer]
    private let memory: Reservation

    private final class Reservation: Sendable {
        private let account: RequestAccount
        private let bytes: Int

        init(_ account: RequestAccount, _ bytes: Int) {
            self.account = account
            self.bytes = bytes
        }

        deinit { account.release(bytes) }
    }

    /// - Throws: `HTTPFailure` when there is no memory for it.
    init(_ messages: [[UInt8]], _ account: RequestAccount) throws(HTTPFailure) {
        let bytes = messages.reduce(0) { $0 + $1.count + 64 }
        try account.reserve(bytes)
        memory = Reservation(account, bytes)
        self.messages = messages.map(GRPCCall.framed)
    }
}
