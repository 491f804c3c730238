import MartletCore
package import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Counts the connections of each client, so that one of them cannot take all that a server has.
///
/// A client is an IPv4 address or, since one host has all of it, an IPv6 network of 64 bits. This machine is not counted:
/// a reverse proxy on it speaks for everybody.
package final class ClientConnections: Sendable {
    /// Connections that one client may have at a time.
    package let limit: Int
    private let open = Lock<[Client: Int]>([:])
    private let refusedCount = Atomic<Int>(0)

    private struct Client: Hashable {
        let network: UInt64
        let isIPv4: Bool
    }

    /// Nobody is connected yet.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Connections that were closed because their client had too many.
    package var refused: Int { refusedCount.load(ordering: .relaxed) }

    /// Counts a connection until it closes; false, and not counted, when its client has as many as it may.
    package func admit(_ channel: any Channel) -> Bool {
        guard let client = Self.client(channel.remoteAddress) else { return true }
        let isAdmitted = open.withLock { open in
            guard open[client, default: 0] < limit else { return false }
            open[client, default: 0] += 1
            return true
        }
        guard isAdmitted else {
            refusedCount.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        channel.closeFuture.whenComplete { [self] _ in
            open.withLock { open in
                let left = open[client, default: 1] - 1
                open[client] = left > 0 ? left : nil
            }
        }
        return true
    }

    /// What is said to a client that has too many, with the flag that changes it.
    package var refusal: String {
        "this client has \(limit) connections open, as many as one may; raise --web.max-connections-per-client"
    }

    private static func client(_ address: SocketAddress?) -> Client? {
        guard let address, !address.isLoopback, let text = address.ipAddress else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        if inet_pton(AF_INET, text, &bytes) == 1 { return Client(network: number(0..<4), isIPv4: true) }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        // ::ffff:a.b.c.d is IPv4 on a socket that serves both.
        let isMapped = number(0..<8) == 0 && number(8..<12) == 0xFFFF
        return Client(network: isMapped ? number(12..<16) : number(0..<8), isIPv4: isMapped)
    }
}
