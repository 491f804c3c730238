/// Where the kernel's pseudo file systems and the host's root are mounted, as node_exporter's `--path.*` flags name them.
package struct HostPaths: Sendable, Hashable {
    /// Mount point of procfs, `/proc` unless the agent runs in a container.
    package var procfs: String
    /// Mount point of sysfs.
    package var sysfs: String
    /// Prefix under which the host's own root is visible; mount points are reported without it.
    package var rootfs: String

    /// Paths without a trailing slash; the empty root stands for `/`.
    package init(procfs: String = "/proc", sysfs: String = "/sys", rootfs: String = "/") {
        self.procfs = HostPaths.trimmed(procfs)
        self.sysfs = HostPaths.trimmed(sysfs)
        self.rootfs = HostPaths.trimmed(rootfs)
    }

    private static func trimmed(_ path: String) -> String {
        var text = path[...]
        while text.count > 1, text.hasSuffix("/") { text = text.dropLast() }
        return text == "/" ? "" : String(text)
    }

    /// A path of procfs.
    package func proc(_ relative: String) -> String { procfs + "/" + relative }

    /// A path of sysfs.
    package func sys(_ relative: String) -> String { sysfs + "/" + relative }

    /// A path of the host's root.
    package func root(_ absolute: String) -> String { rootfs + absolute }
}
