import Glibc

/// `node_uname_info`: what uname(2) says, as labels.
package struct UnameCollector: HostCollector {
    package let name = "uname"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        var system = utsname()
        guard uname(&system) == 0 else { throw .systemCall(name: "uname", errno: errno) }
        metrics.add(
            "node_uname_info", .gauge, "Labeled system information as provided by the uname system call.", 1,
            [
                "domainname": UnameCollector.text(system.__domainname), "machine": UnameCollector.text(system.machine),
                "nodename": UnameCollector.text(system.nodename), "release": UnameCollector.text(system.release),
                "sysname": UnameCollector.text(system.sysname), "version": UnameCollector.text(system.version),
            ])
    }

    /// A field of fixed size, up to its NUL.
    private static func text<Field>(_ field: Field) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
