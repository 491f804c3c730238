package import MartletCore

/// Which devices a collector reports: node_exporter's `device-exclude` and `device-include` expressions.
package struct DeviceFilter: Sendable {
    private let exclude: Regex?
    private let include: Regex?

    /// Unanchored RE2 expressions; nil excludes nothing, respectively includes everything.
    package init(exclude: String? = nil, include: String? = nil) throws(RegexError) {
        if let exclude, !exclude.isEmpty {
            self.exclude = try Regex(exclude, anchored: false)
        } else {
            self.exclude = nil
        }
        if let include, !include.isEmpty {
            self.include = try Regex(include, anchored: false)
        } else {
            self.include = nil
        }
    }

    private init() {
        exclude = nil
        include = nil
    }

    /// Accepts every device.
    package static let all = DeviceFilter()

    /// The disks of diskstats without partitions, RAM disks and loop devices.
    package static let diskDefault = trusted(
        exclude: "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$")

    /// Mount points that are not worth a series each.
    package static let mountPointDefault = trusted(
        exclude: "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)")

    /// File system types that hold no data of their own.
    package static let fileSystemTypeDefault = trusted(
        exclude: "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue"
            + "|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$")

    /// For the constants above, which a test compiles; one that did not compile would exclude nothing.
    private static func trusted(exclude: String) -> DeviceFilter {
        (try? DeviceFilter(exclude: exclude)) ?? DeviceFilter()
    }

    /// True when the device is to be reported.
    package func accepts(_ device: String) -> Bool {
        if let exclude, exclude.matches(device) { return false }
        if let include, !include.matches(device) { return false }
        return true
    }
}
