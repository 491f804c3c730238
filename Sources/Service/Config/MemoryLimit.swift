import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// The value of `--memory.limit`: a size, or a share of what the control group or the host allows.
package enum MemoryLimit: Sendable, Equatable, ExpressibleByArgument, CustomStringConvertible {
    /// An absolute size in bytes.
    case bytes(Int)
    /// A share, 0 exclusive to 1 inclusive, of the memory available to this process.
    case share(Double)

    /// Parses `512MB`, `2GiB` or `60%`.
    package init?(argument: String) {
        if argument.hasSuffix("%") {
            guard let percent = Double(argument.dropLast()), percent > 0, percent <= 100 else { return nil }
            self = .share(percent / 100)
        } else {
            guard let bytes = ByteSize.parse(argument), bytes >= 1 << 20 else { return nil }
            self = .bytes(bytes)
        }
    }

    /// As a user would type it.
    package var description: String {
        switch self {
        case .bytes(let bytes): return ByteSize.format(bytes)
        case .share(let share):
            let percent = (share * 10_000).rounded() / 100
            return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
        }
    }

    package var defaultValueDescription: String { description }

    /// The limit in bytes on this machine.
    package func resolve(available: Int = MemoryLimit.availableBytes()) -> Int {
        switch self {
        case .bytes(let bytes): bytes
        case .share(let share): Int(Double(available) * share)
        }
    }

    /// The smaller of host memory and the limits of the control groups (v2, else v1) that hold this process.
    package static func availableBytes(root: String = "/") -> Int {
        var smallest = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let prefix = root.hasSuffix("/") ? String(root.dropLast()) : root
        guard let membership = SmallFile.read(prefix + "/proc/self/cgroup") else { return smallest }
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let base: String
            let file: String
            if fields[0] == "0" && fields[1].isEmpty {
                (base, file) = (prefix + "/sys/fs/cgroup", "memory.max")
            } else if fields[1].split(separator: ",").contains("memory") {
                (base, file) = (prefix + "/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            } else {
                continue
            }
            // A limit set on any ancestor binds too. In a container the path may name the host's tree, which is not
            // mounted: then only the root of the mount answers, and that is the container's own group.
            var path = Substring(fields[2])
            while true {
                let directory = path == "/" ? "" : String(path)
                if let text = SmallFile.read(base + directory + "/" + file),
                    let limit = Int(text.prefix { $0.isNumber }), limit > 0
                {
                    smallest = min(smallest, limit)
                }
                guard path.count > 1, let slash = path.lastIndex(of: "/") else { break }
                path = slash == path.startIndex ? "/" : path[..<slash]
            }
        }
        return smallest
    }
}
