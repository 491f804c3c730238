import Service

#if canImport(Glibc)
import Glibc
#endif

/// Whether the ports that the stack needs are free, and who has them when not.
package enum PortCheck {
    /// One line per port that is taken, naming who needs it and who has it.
    package static func conflicts(_ members: [Stack.Member]) -> [String] {
        members.flatMap { member in
            member.ports.compactMap { port in
                guard !isFree(port.address) else { return nil }
                let owner = owner(of: port.address.port).map { " by \($0)" } ?? ""
                return
                    "\(member.executable) needs port \(port.address.port) for \(port.purpose), which is in use\(owner)"
            }
        }
    }

    /// True when the address can be bound now.
    static func isFree(_ address: ListenAddress) -> Bool {
        let isIPv6 = address.host.contains(":")
        let socket = Glibc.socket(
            isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return true }
        defer { close(socket) }
        var one: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let port = UInt16(address.port).bigEndian
        let status: Int32
        if isIPv6 {
            var target = sockaddr_in6()
            target.sin6_family = sa_family_t(AF_INET6)
            target.sin6_port = port
            inet_pton(AF_INET6, address.host, &target.sin6_addr)
            status = withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port
            let host = address.host.isEmpty ? "0.0.0.0" : address.host == "localhost" ? "127.0.0.1" : address.host
            inet_pton(AF_INET, host, &target.sin_addr)
            status = withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        // Only a taken port is this check's business; whatever else is wrong the server itself explains better.
        return status == 0 || errno != EADDRINUSE
    }

    /// `prometheus (process 123)`, when /proc tells.
    private static func owner(of port: Int) -> String? {
        let digits = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        var inode: Substring?
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for line in (SmallFile.read(table, limit: 16 << 20) ?? "").split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                // Fields of /proc/net/tcp: local address, remote address, state (0A is listening), …, inode as the tenth.
                if fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" { inode = fields[9] }
            }
        }
        guard let inode, let processes = opendir("/proc") else { return nil }
        defer { closedir(processes) }
        while let entry = readdir(processes) {
            let name = entryName(entry)
            guard Int(name) != nil, let files = opendir("/proc/\(name)/fd") else { continue }
            defer { closedir(files) }
            while let file = readdir(files) {
                var target = [CChar](repeating: 0, count: 64)
                let count = readlink("/proc/\(name)/fd/\(entryName(file))", &target, target.count - 1)
                guard count > 0 else { continue }
                let link = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if link == "socket:[\(inode)]" {
                    let command = (SmallFile.read("/proc/\(name)/comm") ?? "?").split(separator: "\n").first ?? "?"
                    return "\(command) (process \(name))"
                }
            }
        }
        return nil
    }

    private static func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }
}
