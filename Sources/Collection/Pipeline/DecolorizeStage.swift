/// `decolorize`: removes ANSI escape sequences (ESC [ … letter) from the line.
package struct DecolorizeStage: PipelineStage {
    /// Without settings.
    package init() {}

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        guard entry.line.contains(0x1B) else {
            output.append(entry)
            return
        }
        var entry = entry
        var line: [UInt8] = []
        var index = 0
        let bytes = entry.line
        while index < bytes.count {
            if bytes[index] == 0x1B, index + 1 < bytes.count, bytes[index + 1] == 0x5B {
                index += 2
                // Parameter and intermediate bytes, then one final byte.
                while index < bytes.count, (0x20...0x3F).contains(bytes[index]) { index += 1 }
                if index < bytes.count { index += 1 }
            } else {
                line.append(bytes[index])
                index += 1
            }
        }
        entry.line = line
        output.append(entry)
    }
}
