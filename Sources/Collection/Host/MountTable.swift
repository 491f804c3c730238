/// The mounted file systems as `/proc/1/mounts` lists them.
package struct MountTable: Sendable {
    /// One mount: device, where, type, and whether it is read-only.
    package struct Mount: Sendable, Hashable {
        /// The source, for example `/dev/vda`.
        package let device: String
        /// The mount point as the host sees it (without the root prefix).
        package let mountPoint: String
        /// For example `ext4`.
        package let type: String
        /// From the mount options.
        package let readOnly: Bool
    }

    /// In the kernel's order.
    package let mounts: [Mount]

    /// Parses fstab-like lines; blanks in names are `\040` there. Mount points lose the prefix `rootfs`.
    package init(_ text: HostText, rootfs: String) throws(HostError) {
        var mounts: [Mount] = []
        for line in text.lines {
            let fields = line.fields
            if fields.isEmpty { continue }
            guard fields.count >= 4 else { throw line.malformed("\(fields.count) fields, at least 4 expected") }
            var point = MountTable.unescaped(fields[1])
            if !rootfs.isEmpty, point.hasPrefix(rootfs) {
                point.removeFirst(rootfs.count)
                if point.isEmpty { point = "/" }
            }
            let readOnly = fields[3].split(separator: 0x2C).contains { $0.elementsEqual("ro".utf8) }
            mounts.append(
                Mount(
                    device: MountTable.unescaped(fields[0]), mountPoint: point,
                    type: String(decoding: fields[2], as: UTF8.self), readOnly: readOnly))
        }
        self.mounts = mounts
    }

    /// Undoes the kernel's three-digit octal escapes.
    private static func unescaped(_ raw: ArraySlice<UInt8>) -> String {
        guard raw.contains(0x5C) else { return String(decoding: raw, as: UTF8.self) }
        var bytes: [UInt8] = []
        var index = raw.startIndex
        while index < raw.endIndex {
            if raw[index] == 0x5C, index + 3 < raw.endIndex,
                let code = UInt8(String(decoding: raw[(index + 1)...(index + 3)], as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                index += 4
            } else {
                bytes.append(raw[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
