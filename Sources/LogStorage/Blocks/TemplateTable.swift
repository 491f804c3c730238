import Glibc

/// The templates of the lines of a block that is being written: their texts, and which columns their variables go to.
struct TemplateTable {
    /// Names a column: variables go together that stand behind the same bytes. Where these repeat within a line, the first
    /// occurrences have columns of their own, since they mean different things: the numbers of an address, say.
    private struct ColumnKey: Hashable {
        var before: UInt64
        var occurrence: Int

        static let mostOccurrences = 12
        /// The column of marks that lines had in them.
        static let marks = ColumnKey(before: 0, occurrence: -1)
    }

    struct Template {
        var hash: UInt64
        /// Where the template's text begins in `text`: its pieces, each followed by the mark.
        var start: Int
        /// Its columns are `slots[firstSlot..<firstSlot + slotCount]`.
        var firstSlot: Int
        var slotCount: Int
        /// Lines that have it.
        var lines = 0
    }

    private(set) var templates: [Template] = []
    private(set) var slots: [UInt32] = []
    /// Texts, with slack behind them for loads that run over the end.
    private(set) var text: [UInt8] = []
    private(set) var columnCount = 0
    private var columns: [ColumnKey: Int] = [:]
    private var places: [UInt32]
    private var lastTemplate = 0

    init() {
        places = [UInt32](repeating: 0, count: 512)
    }

    /// The template of the line `text[start..<end]` with variables at `spans`, and whether it is new.
    mutating func number(
        of line: UnsafePointer<UInt8>, _ start: Int, _ end: Int, spans: UnsafeBufferPointer<UInt64>
    ) -> (number: Int, isNew: Bool) {
        let hash = Self.hash(line, start, end, spans)
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash >> 20) & mask
        while places[place] != 0 {
            let number = Int(places[place]) - 1
            if templates[number].hash == hash, isEqual(number, line, start, end, spans) {
                templates[number].lines += 1
                return (number, false)
            }
            place = (place + 1) & mask
        }
        add(hash, line, start, end, spans)
        places[place] = UInt32(templates.count)
        if templates.count * 2 >= places.count { grow() }
        return (templates.count - 1, true)
    }

    private func isEqual(
        _ number: Int, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ spans: UnsafeBufferPointer<UInt64>
    ) -> Bool {
        let template = templates[number]
        guard template.slotCount == spans.count else { return false }
        return text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return false }
            var at = template.start
            var from = start
            for index in 0...spans.count {
                let to = index < spans.count ? ColumnEncoder.offset(spans[index]) : end
                // No piece holds the mark, so an equal piece that is followed by it is the whole piece.
                guard at + to - from < text.count, text[at + to - from] == LineTokenizer.mark,
                    memcmp(base + at, line + from, to - from) == 0
                else { return false }
                at += to - from + 1
                if index < spans.count { from = to + ColumnEncoder.length(spans[index]) }
            }
            return true
        }
    }

    private mutating func add(
        _ hash: UInt64, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ spans: UnsafeBufferPointer<UInt64>
    ) {
        var template = Template(hash: hash, start: text.count, firstSlot: slots.count, slotCount: spans.count)
        template.lines = 1
        var occurrences: [UInt64: Int] = [:]
        var from = start
        for span in spans {
            let to = ColumnEncoder.offset(span)
            text.append(contentsOf: UnsafeBufferPointer(start: line + from, count: to - from))
            text.append(LineTokenizer.mark)
            guard line[to] != LineTokenizer.mark else {
                slots.append(UInt32(column(.marks)))
                from = to + 1
                continue
            }
            var before: UInt64 = 0
            for byte in max(from, to - 8)..<max(from, to) { before = before << 8 | UInt64(line[byte]) }
            let occurrence = occurrences[before, default: 0]
            occurrences[before] = occurrence + 1
            slots.append(
                UInt32(column(ColumnKey(before: before, occurrence: min(occurrence, ColumnKey.mostOccurrences)))))
            from = to + ColumnEncoder.length(span)
        }
        text.append(contentsOf: UnsafeBufferPointer(start: line + from, count: end - from))
        text.append(LineTokenizer.mark)
        templates.append(template)
    }

    private mutating func column(_ key: ColumnKey) -> Int {
        if let column = columns[key] { return column }
        columns[key] = columnCount
        columnCount += 1
        return columnCount - 1
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 2)
        let mask = places.count - 1
        for (number, template) in templates.enumerated() {
            var place = Int(truncatingIfNeeded: template.hash >> 20) & mask
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = UInt32(number + 1)
        }
    }

    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// A hash of the pieces between the variables; equality is checked besides.
    private static func hash(
        _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ spans: UnsafeBufferPointer<UInt64>
    ) -> UInt64 {
        var hash: UInt64 = factor
        var from = start
        for index in 0...spans.count {
            let to = index < spans.count ? ColumnEncoder.offset(spans[index]) : end
            var at = from
            while at + 8 <= to {
                hash = (hash ^ UnsafeRawPointer(line + at).loadUnaligned(as: UInt64.self)) &* factor
                hash ^= hash >> 32
                at += 8
            }
            var rest = UInt64(to - from) << 56
            while at < to {
                rest = rest << 8 | UInt64(line[at])
                at += 1
            }
            hash = (hash ^ rest) &* factor
            hash ^= hash >> 29
            if index < spans.count { from = to + ColumnEncoder.length(spans[index]) }
        }
        return hash
    }
}
