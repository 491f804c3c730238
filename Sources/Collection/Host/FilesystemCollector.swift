/// `node_filesystem_*` for each mounted file system.
package struct FilesystemCollector: HostCollector {
    package let name = "filesystem"
    private let mountPoints: DeviceFilter
    private let types: DeviceFilter
    private let usage: FileSystemUsage

    /// node_exporter's default exclusions.
    package init(
        mountPoints: DeviceFilter = .mountPointDefault, types: DeviceFilter = .fileSystemTypeDefault,
        usage: FileSystemUsage = FileSystemUsage()
    ) {
        self.mountPoints = mountPoints
        self.types = types
        self.usage = usage
    }

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text: HostText
        do {
            text = try host.proc("1/mounts")
        } catch {
            // hidepid, or a container without the host's processes.
            text = try host.proc("self/mounts")
        }
        var seen: Set<[String]> = []
        for mount in try MountTable(text, rootfs: host.paths.rootfs).mounts {
            guard mountPoints.accepts(mount.mountPoint), types.accepts(mount.type) else { continue }
            guard seen.insert([mount.device, mount.mountPoint, mount.type]).inserted else { continue }
            let path = mount.mountPoint == "/" ? host.paths.root("/") : host.paths.root(mount.mountPoint)
            add(mount, usage.usage(of: path), into: &metrics)
        }
    }

    private func add(_ mount: MountTable.Mount, _ usage: FileSystemUsage.Usage?, into metrics: inout HostMetrics) {
        let labels: KeyValuePairs = ["device": mount.device, "fstype": mount.type, "mountpoint": mount.mountPoint]
        metrics.add(
            "node_filesystem_device_error", .gauge,
            "Whether an error occurred while getting statistics for the given device.", usage == nil ? 1 : 0, labels)
        guard let usage else { return }
        metrics.add(
            "node_filesystem_readonly", .gauge, "Filesystem read-only status.", mount.readOnly ? 1 : 0, labels)
        metrics.add("node_filesystem_size_bytes", .gauge, "Filesystem size in bytes.", usage.size, labels)
        metrics.add("node_filesystem_free_bytes", .gauge, "Filesystem free space in bytes.", usage.free, labels)
        metrics.add(
            "node_filesystem_avail_bytes", .gauge, "Filesystem space available to non-root users in bytes.",
            usage.available, labels)
        metrics.add("node_filesystem_files", .gauge, "Filesystem total file nodes.", usage.files, labels)
        metrics.add("node_filesystem_files_free", .gauge, "Filesystem total free file nodes.", usage.filesFree, labels)
    }
}
