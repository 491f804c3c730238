/// `node_memory_*` from `/proc/meminfo`: every line, in bytes where the kernel gives kB.
package struct MeminfoCollector: HostCollector {
    package let name = "meminfo"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("meminfo")
        for line in text.lines {
            let fields = line.fields
            guard let head = fields.first else { continue }
            guard head.last == 0x3A, head.count > 1 else { throw line.malformed("the name is not followed by a colon") }
            var value = try line.count(fields, 1)
            // Active(anon) is node_memory_Active_anon_bytes.
            var field = MeminfoCollector.fieldName(head.dropLast())
            if fields.count > 2 {
                guard fields[2].elementsEqual("kB".utf8) else { throw line.malformed("the unit is not kB") }
                value *= 1024
                field += "_bytes"
            }
            metrics.add("node_memory_\(field)", .gauge, "Memory information field \(field).", value)
        }
    }

    private static func fieldName(_ raw: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        for byte in raw {
            switch byte {
            case 0x29: continue  // )
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: bytes.append(byte)
            default: bytes.append(0x5F)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
