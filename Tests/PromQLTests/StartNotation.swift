import MartletCore

/// The start timestamps that stand before a series' samples: `metric@st _ _ -30s-1mx2`. Each is relative to its sample's
/// own time, in milliseconds; nil where there is none.
enum StartNotation {
    /// The metric and the offsets when a line is one of these.
    static func parse(_ line: String) throws -> (metric: String, offsets: [Int64?])? {
        guard let marker = line.firstRange(of: "@st ") else { return nil }
        let metric = String(line[..<marker.lowerBound])
        var offsets: [Int64?] = []
        for item in line[marker.upperBound...].split(separator: " ") { offsets += try expand(Array(item.utf8)) }
        return (metric, offsets)
    }

    private static func expand(_ item: [UInt8]) throws -> [Int64?] {
        if item.first == UInt8(ascii: "_") {
            let count = item.count > 2 ? Int(String(decoding: item[2...], as: UTF8.self)) ?? 0 : 1
            return [Int64?](repeating: nil, count: count)
        }
        var index = 0
        var offset = try duration(item, &index)
        var step: Int64 = 0
        if index < item.count, item[index] != UInt8(ascii: "x") { step = try duration(item, &index) }
        guard index < item.count else { return [offset] }
        let times = Int(String(decoding: item[(index + 1)...], as: UTF8.self)) ?? 0
        var offsets: [Int64?] = []
        for _ in 0...times {
            offsets.append(offset)
            offset += step
        }
        return offsets
    }

    private static func duration(_ item: [UInt8], _ index: inout Int) throws -> Int64 {
        var sign: Int64 = 1
        if item[index] == UInt8(ascii: "-") || item[index] == UInt8(ascii: "+") {
            sign = item[index] == UInt8(ascii: "-") ? -1 : 1
            index += 1
        }
        let start = index
        while index < item.count, item[index] != UInt8(ascii: "+"), item[index] != UInt8(ascii: "-"),
            item[index] != UInt8(ascii: "x")
        {
            index += 1
        }
        return sign * (try PrometheusDuration.parse(String(decoding: item[start..<index], as: UTF8.self)))
    }
}
