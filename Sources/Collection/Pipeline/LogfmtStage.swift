/// `logfmt`: pairs of a logfmt line become extracted values.
package struct LogfmtStage: PipelineStage {
    private let mapping: [String: String]
    private let source: String?

    /// Extracted name → key in the line.
    package init(mapping: [String: String], source: String?) {
        self.mapping = mapping
        self.source = source
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        if let text = entry.text(of: source) {
            let pairs = LogfmtStage.parse(Array(text.utf8))
            for (name, key) in mapping {
                if let value = pairs[key] { entry.extracted[name] = value }
            }
        }
        output.append(entry)
    }

    /// `key=value` and `key="value with blanks"` (with backslash escapes), separated by blanks; the first of equal keys wins.
    package static func parse(_ text: [UInt8]) -> [String: String] {
        var pairs: [String: String] = [:]
        var index = 0
        while index < text.count {
            while index < text.count, text[index] <= 0x20 { index += 1 }
            let start = index
            while index < text.count, text[index] > 0x20, text[index] != 0x3D { index += 1 }
            let key = String(decoding: text[start..<index], as: UTF8.self)
            guard index < text.count, text[index] == 0x3D else { continue }
            index += 1
            var value: [UInt8] = []
            if index < text.count, text[index] == 0x22 {
                index += 1
                while index < text.count, text[index] != 0x22 {
                    if text[index] == 0x5C, index + 1 < text.count {
                        index += 1
                        switch text[index] {
                        case 0x6E: value.append(0x0A)
                        case 0x74: value.append(0x09)
                        case 0x72: value.append(0x0D)
                        default: value.append(text[index])
                        }
                    } else {
                        value.append(text[index])
                    }
                    index += 1
                }
                index += 1
            } else {
                while index < text.count, text[index] > 0x20 {
                    value.append(text[index])
                    index += 1
                }
            }
            if !key.isEmpty, pairs[key] == nil { pairs[key] = String(decoding: value, as: UTF8.self) }
        }
        return pairs
    }
}
