import Compression
import MartletCore

/// Writes the lines of a block as templates and columns of variables.
///
/// What is written: uvarint templates; u8 width and as many runs, the bytes of each line's template number; uvarint
/// columns, the columns (`ColumnEncoder`); a run of uvarints, for each template its variables and their columns; a run of
/// the templates' texts, the mark 0x11 for each variable and one at the end. Variables that are the same in all lines are
/// part of the templates.
struct LineEncoder {
    private var table = TemplateTable()
    private var grams = GramFilter.Builder()
    private var numbers: [UInt32] = []
    private var spans: [ColumnEncoder.Span] = []

    /// Writes the lines, the ends of which are given; returns the bytes of their filter.
    static func write(
        _ lines: UnsafeRawBufferPointer, ends: UnsafeBufferPointer<UInt32>, to writer: inout ByteRun.Writer
    ) throws(CompressionError) -> [UInt8] {
        var encoder = LineEncoder()
        // Empty lines need no address; a pointer is needed all the same.
        let base = lines.baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
        let text = base.assumingMemoryBound(to: UInt8.self)
        encoder.split(text, ends)
        try encoder.write(text, to: &writer)
        return encoder.grams.finish(limit: max(64, lines.count / 64))
    }

    /// Finds templates and variables.
    private mutating func split(_ text: UnsafePointer<UInt8>, _ ends: UnsafeBufferPointer<UInt32>) {
        let tokenizer = LineTokenizer()
        // Locals, so that the loop needs no look at who else holds them.
        var numbers: [UInt32] = []
        var spans: [ColumnEncoder.Span] = []
        numbers.reserveCapacity(ends.count)
        spans.reserveCapacity(ends.count * 8)
        var start = 0
        for end in ends {
            let end = Int(end)
            let first = spans.count
            tokenizer.forEachVariable(in: text, start, end) { from, to, isMixed in
                spans.append(UInt64(from) << 32 | UInt64(to - from))
                // Other variables have no eligible gram on them.
                if isMixed { grams.add(text, max(start, from - GramFilter.gramBytes + 1), to, limit: end) }
            }
            let (number, isNew) = spans.withUnsafeBufferPointer {
                table.number(of: text, start, end, spans: UnsafeBufferPointer(rebasing: $0[first...]))
            }
            if isNew { addGrams(text, start, end, spans[first...]) }
            numbers.append(UInt32(number))
            start = end
        }
        self.numbers = numbers
        self.spans = spans
    }

    /// Adds the grams of a template's pieces.
    private mutating func addGrams(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ spans: ArraySlice<ColumnEncoder.Span>
    ) {
        var from = start
        for span in spans {
            let to = ColumnEncoder.offset(span)
            grams.add(text, from, to, limit: to)
            from = to + ColumnEncoder.length(span)
        }
        grams.add(text, from, end, limit: end)
    }

    private func write(
        _ text: UnsafePointer<UInt8>, to writer: inout ByteRun.Writer
    ) throws(CompressionError) {
        let (byColumn, starts) = spansByColumn()
        writer.directory.uvarint(UInt64(table.templates.count))
        try writeNumbers(to: &writer)
        // Where a column is constant, where its value stands; else nil.
        var constants: [ColumnEncoder.Span?] = []
        var renumbered: [UInt32] = []
        var kept: [Int] = []
        try byColumn.withUnsafeBufferPointer { (all) throws(CompressionError) in
            for column in 0..<table.columnCount {
                let own = UnsafeBufferPointer(rebasing: all[starts[column]..<starts[column + 1]])
                renumbered.append(UInt32(kept.count))
                let constant = Self.constant(own, text)
                constants.append(constant)
                if constant == nil { kept.append(column) }
            }
            writer.directory.uvarint(UInt64(kept.count))
            for column in kept {
                let own = UnsafeBufferPointer(rebasing: all[starts[column]..<starts[column + 1]])
                try ColumnEncoder(own, text: text).write(to: &writer)
            }
        }
        var slots = ByteWriter()
        var texts: [UInt8] = []
        texts.reserveCapacity(table.text.count + 64)
        for template in table.templates {
            let own = table.slots[template.firstSlot..<template.firstSlot + template.slotCount]
            slots.uvarint(UInt64(own.reduce(0) { $0 + (constants[Int($1)] == nil ? 1 : 0) }))
            var at = template.start
            for slot in own {
                let start = at
                while table.text[at] != LineTokenizer.mark { at += 1 }
                texts.append(contentsOf: table.text[start..<at])
                at += 1
                if let constant = constants[Int(slot)] {
                    let start = text + ColumnEncoder.offset(constant)
                    texts.append(contentsOf: UnsafeBufferPointer(start: start, count: ColumnEncoder.length(constant)))
                } else {
                    texts.append(LineTokenizer.mark)
                    slots.uvarint(UInt64(renumbered[Int(slot)]))
                }
            }
            let start = at
            while table.text[at] != LineTokenizer.mark { at += 1 }
            texts.append(contentsOf: table.text[start...at])
        }
        try writer.append(slots.bytes)
        try writer.append(texts)
    }

    /// All variables, column by column, in the order of their lines; where each column begins.
    private func spansByColumn() -> (spans: [ColumnEncoder.Span], starts: [Int]) {
        var starts = [Int](repeating: 0, count: table.columnCount + 1)
        for template in table.templates {
            for slot in template.firstSlot..<template.firstSlot + template.slotCount {
                starts[Int(table.slots[slot]) + 1] += template.lines
            }
        }
        for column in 0..<table.columnCount { starts[column + 1] += starts[column] }
        var next = starts
        let sorted = [ColumnEncoder.Span](unsafeUninitializedCapacity: spans.count) { out, count in
            table.slots.withUnsafeBufferPointer { slots in
                var index = 0
                for number in numbers {
                    let template = table.templates[Int(number)]
                    for slot in template.firstSlot..<template.firstSlot + template.slotCount {
                        let column = Int(slots[slot])
                        out.initializeElement(at: next[column], to: spans[index])
                        next[column] += 1
                        index += 1
                    }
                }
            }
            count = spans.count
        }
        return (sorted, starts)
    }

    /// The value of a column in which all are the same, unless it is the mark.
    private static func constant(
        _ spans: UnsafeBufferPointer<ColumnEncoder.Span>, _ text: UnsafePointer<UInt8>
    ) -> ColumnEncoder.Span? {
        let first = bytes(spans[0], text)
        guard first[0] != LineTokenizer.mark, spans.allSatisfy({ Bytes.equal(bytes($0, text), first) }) else {
            return nil
        }
        return spans[0]
    }

    private static func bytes(_ span: ColumnEncoder.Span, _ text: UnsafePointer<UInt8>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text + ColumnEncoder.offset(span), count: ColumnEncoder.length(span))
    }

    private func writeNumbers(to writer: inout ByteRun.Writer) throws(CompressionError) {
        var width = 0
        while width < 4, (table.templates.count - 1) >> (8 * width) > 0 { width += 1 }
        writer.directory.u8(UInt8(width))
        for plane in 0..<width {
            let bytes = numbers.map { UInt8(truncatingIfNeeded: $0 >> UInt32(plane * 8)) }
            try writer.append(bytes)
        }
    }
}
