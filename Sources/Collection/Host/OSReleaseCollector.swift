/// `node_os_info` and `node_os_version` from os-release(5).
package struct OSReleaseCollector: HostCollector {
    package let name = "os"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text: HostText
        do {
            text = try host.read(host.paths.root("/etc/os-release"))
        } catch .absent {
            text = try host.read(host.paths.root("/usr/lib/os-release"))
        }
        let values = OSReleaseCollector.parse(text)
        func value(_ key: String) -> String { values[key] ?? "" }
        metrics.add(
            "node_os_info", .gauge, "A metric with a constant '1' value labeled by the fields of os-release.", 1,
            [
                "build_id": value("BUILD_ID"), "id": value("ID"), "id_like": value("ID_LIKE"),
                "image_id": value("IMAGE_ID"), "image_version": value("IMAGE_VERSION"), "name": value("NAME"),
                "pretty_name": value("PRETTY_NAME"), "variant": value("VARIANT"), "variant_id": value("VARIANT_ID"),
                "version": value("VERSION"), "version_codename": value("VERSION_CODENAME"),
                "version_id": value("VERSION_ID"),
            ])
        if let number = OSReleaseCollector.majorMinor(value("VERSION_ID")), number > 0 {
            metrics.add(
                "node_os_version", .gauge, "Metric containing the major.minor part of the OS version.", number,
                ["id": value("ID"), "id_like": value("ID_LIKE"), "name": value("NAME")])
        }
    }

    /// Shell-like assignments: quotes of both kinds around a value, backslash escapes inside double quotes, `#` comments.
    package static func parse(_ text: HostText) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.lines {
            let bytes = line.text
            guard bytes.first != 0x23, let equals = bytes.firstIndex(of: 0x3D) else { continue }
            let key = String(decoding: bytes[..<equals], as: UTF8.self)
            var raw = bytes[(equals + 1)...]
            while raw.last == 0x20 || raw.last == 0x0D { raw = raw.dropLast() }
            if raw.count >= 2, let quote = raw.first, quote == 0x22 || quote == 0x27, raw.last == quote {
                raw = raw.dropFirst().dropLast()
            }
            var value: [UInt8] = []
            var escaped = false
            for byte in raw {
                if byte == 0x5C && !escaped {
                    escaped = true
                } else {
                    value.append(byte)
                    escaped = false
                }
            }
            values[key] = String(decoding: value, as: UTF8.self)
        }
        return values
    }

    private static func majorMinor(_ version: String) -> Double? {
        let parts = version.split(separator: ".").prefix(2)
        return Double(parts.joined(separator: "."))
    }
}
