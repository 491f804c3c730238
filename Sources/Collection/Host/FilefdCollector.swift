/// `node_filefd_allocated` and `node_filefd_maximum` from `/proc/sys/fs/file-nr`.
package struct FilefdCollector: HostCollector {
    package let name = "filefd"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("sys/fs/file-nr")
        guard let line = text.lines.first else {
            throw .malformed(path: text.path, line: 1, what: "the file is empty")
        }
        let fields = line.fields
        metrics.add(
            "node_filefd_allocated", .gauge, "File descriptor statistics: allocated.", try line.count(fields, 0))
        metrics.add("node_filefd_maximum", .gauge, "File descriptor statistics: maximum.", try line.count(fields, 2))
    }
}
