import Glibc
import Service

/// A bound and listening TCP socket, made before the server that will own it, so that a port in use is a clear error at the
/// start and port 0 is known at once.
struct ListeningSocket {
    /// The descriptor; whoever takes it closes it.
    let descriptor: Int32
    /// The port that the kernel gave.
    let port: Int

    /// Binds `address`. Blocks while a host name is looked up.
    /// - Parameter flag: the flag that changes the address, for the error.
    init(binding address: ListenAddress, flag: String) throws(StartupError) {
        // An empty host means every interface: one IPv6 socket serves IPv4 too, unless the host has no IPv6.
        let hosts = address.host.isEmpty ? ["::", "0.0.0.0"] : [address.host]
        var failure: Int32 = EADDRNOTAVAIL
        for host in hosts {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            hints.ai_flags = AI_PASSIVE
            var found: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, String(address.port), &hints, &found) == 0, let info = found?.pointee else {
                continue
            }
            defer { freeaddrinfo(found) }
            let flags = info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let descriptor = socket(info.ai_family, flags, info.ai_protocol)
            guard descriptor >= 0 else {
                failure = errno
                continue
            }
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            if bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, 1024) == 0 {
                self.descriptor = descriptor
                port = Self.port(of: descriptor) ?? address.port
                return
            }
            failure = errno
            close(descriptor)
            if failure == EADDRINUSE { break }
        }
        switch failure {
        case EADDRINUSE:
            throw StartupError(
                "cannot listen on \(address): port \(address.port) is in use by another process; "
                    + "stop it or choose another address with \(flag)")
        default:
            throw StartupError(
                "cannot listen on \(address): \(String(cString: strerror(failure))); choose another address with \(flag)"
            )
        }
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard result == 0 else { return nil }
        // The port lies at the same place in both families, in network order.
        return withUnsafeBytes(of: &storage) {
            Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}
