import Compression
import MartletCore

/// Writes the lines of a block as templates and columns of variables.
///
/// What is written: uvarint templates; u8 width and as many runs, the bytes of each line's template number; uvarint
/// columns, the columns (`ColumnEncoder`); a run of uvarints, for each template its variables and their columns; a run of
/// the templates' texts, the mark 0x11 for each variable and one at the end. Variables that are the same in all lines are
/// part of the templates.
struct LineEncoder: ~Copyable {
    private let text: UnsafePointer<UInt8>
    private let tokenizer = LineTokenizer()
    private var tree = TemplateTree()
    private var columns = RawArray<VariableList>()
    private var grams = GramFilter.Builder()
    /// The template of each line.
    private var numbers: RawArray<UInt32>

    /// Writes the lines, the ends of which are given; returns the bytes of their filter.
    static func write(
        _ lines: UnsafeRawBufferPointer, ends: UnsafeBufferPointer<UInt32>, to writer: inout ByteRun.Writer
    ) throws(CompressionError) -> [UInt8] {
        // Empty lines need no address; a pointer is needed all the same.
        let base = lines.baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
        var encoder = LineEncoder(base.assumingMemoryBound(to: UInt8.self), count: ends.count)
        encoder.split(ends, size: lines.count)
        try encoder.write(to: &writer)
        return encoder.grams.finish(limit: max(64, lines.count / 64))
    }

    private init(_ text: UnsafePointer<UInt8>, count: Int) {
        self.text = text
        numbers = RawArray(capacity: count)
    }

    deinit { for column in columns.elements { column.deallocate() } }

    // MARK: Templates and variables

    /// Finds templates and variables in `size` bytes of text.
    private mutating func split(_ ends: UnsafeBufferPointer<UInt32>, size: Int) {
        var start = 0
        for end in ends {
            let end = Int(end)
            // Few lines are so near to the text's end that a word behind them is none of ours.
            let place = follow(start, end, hasSlack: end + ShortText.wordBytes <= size)
            numbers.append(place.isDone ? tree.nodes[place.node].number : extend(place, start, end))
            start = end
        }
    }

    /// How far a line was followed: behind `node`, its next piece begins at `at`.
    private struct Place {
        var node = 0
        var at: Int
        var isDone = false
    }

    /// Follows the line `text[start..<end]` through the tree as far as that goes, and adds its variables to their columns.
    private mutating func follow(_ start: Int, _ end: Int, hasSlack: Bool) -> Place {
        let (nodes, text, classes) = (tree.nodes.base, text, LineTokenizer.classes)
        // A guess ends here at the latest: with slack, a word may be read wherever it begins or ends.
        let fence = hasSlack ? end : -1
        var place = Place(at: start)
        while true {
            let next = Int(nodes[place.node].next)
            let guess = nodes + next
            let behind = place.at &+ Int(guess.pointee.count)
            let isThere = behind <= fence && tree.isPiece(guess, text + place.at)
            if isThere {
                if guess.pointee.isApart {
                    // As a rule digits follow, and behind them what is no part of their run.
                    let word = ShortText.word(text + behind)
                    let digits = min(DigitText.leadingDigits(word), end &- behind)
                    let stop = behind &+ digits
                    if digits > 0, digits < 8, classes[Int(text[stop])] == 0 || stop == end {
                        columns.base[Int(guess.pointee.number)].append(
                            behind, stop, word: word &<< UInt64(64 &- 8 &* digits), kinds: LineTokenizer.Class.digit,
                            in: text)
                        place = Place(node: next, at: stop)
                        continue
                    }
                } else if guess.pointee.isEnd, behind == end {
                    return Place(node: next, at: end, isDone: true)
                }
            }
            // A piece has no digit, so there is none before its end.
            let digit = tokenizer.nextMark(text, isThere ? behind : place.at, end)
            guard digit < end else { return last(place, end) }
            let variable = tokenizer.variable(in: text, at: digit, place.at, end)
            var child = next
            if !isThere || guess.pointee.isEnd || variable.start != behind {
                guard let other = tree.child(of: place.node, text, place.at, variable.start, isEnd: false) else {
                    return place
                }
                child = other
                tree.expect(child, behind: place.node)
            }
            add(variable, column: Int(nodes[child].number), start, end)
            place = Place(node: child, at: variable.end)
        }
    }

    /// Follows a line behind its last variable.
    private func last(_ place: Place, _ end: Int) -> Place {
        guard let node = tree.child(of: place.node, text, place.at, end, isEnd: true) else { return place }
        tree.expect(node, behind: place.node)
        return Place(node: node, at: end, isDone: true)
    }

    /// Adds nodes for the rest of the line `text[start..<end]`; returns the number of its template.
    private mutating func extend(_ place: Place, _ start: Int, _ end: Int) -> UInt32 {
        var (node, at) = (place.node, place.at)
        while let variable = tokenizer.next(in: text, at, end) {
            node = tree.add(to: node, text, at, variable.start)
            if tree.columnCount > columns.count { columns.append(VariableList()) }
            grams.add(text, at, variable.start, limit: variable.start)
            add(variable, column: Int(tree.nodes[node].number), start, end)
            at = variable.end
        }
        grams.add(text, at, end, limit: end)
        return tree.nodes[tree.addEnd(to: node, text, at, end)].number
    }

    /// Adds a variable of the line `text[start..<end]` to a column.
    private mutating func add(_ variable: LineTokenizer.Variable, column: Int, _ start: Int, _ end: Int) {
        let word = ShortText.lastWord(text, end: variable.end, count: variable.end - variable.start)
        columns.base[column].append(
            variable.start, variable.end, word: word, kinds: variable.kinds, in: text)
        // Other variables have no eligible gram on them.
        guard variable.isMixed else { return }
        grams.add(text, max(start, variable.start - GramFilter.gramBytes + 1), variable.end, limit: end)
    }

    // MARK: Writing

    private func write(to writer: inout ByteRun.Writer) throws(CompressionError) {
        writer.directory.uvarint(UInt64(tree.ends.count))
        try writeNumbers(to: &writer)
        var written: UInt32 = 0
        // The numbers of the columns that are written.
        let places = columns.elements.map { column in
            defer { if column.constant == nil { written += 1 } }
            return written
        }
        writer.directory.uvarint(UInt64(written))
        for column in columns.elements where column.constant == nil {
            try ColumnEncoder(column.spans, kinds: column.kinds, text: text).write(to: &writer)
        }
        try writeTemplates(places, to: &writer)
    }

    private func writeNumbers(to writer: inout ByteRun.Writer) throws(CompressionError) {
        var width = 0
        while width < 4, (tree.ends.count - 1) >> (8 * width) > 0 { width += 1 }
        writer.directory.u8(UInt8(width))
        for plane in 0..<width { try writer.append(BytePlane.bytes(numbers.elements, plane)) }
    }

    private func writeTemplates(_ places: [UInt32], to writer: inout ByteRun.Writer) throws(CompressionError) {
        var slots = ByteWriter()
        var texts = RawArray<UInt8>(capacity: tree.text.count * 2)
        var path: [TemplateTree.Node] = []
        for end in tree.ends.elements {
            path.removeAll(keepingCapacity: true)
            var number = Int(end)
            while number != 0 {
                path.append(tree.nodes[number])
                number = Int(tree.nodes[number].parent)
            }
            let own = path.reversed()
            slots.uvarint(UInt64(own.count { !$0.isEnd && columns[Int($0.number)].constant == nil }))
            for node in own {
                texts.append(tree.text.base + Int(node.start), count: Int(node.count))
                if !node.isEnd {
                    let column = Int(node.number)
                    if let constant = columns[column].constant {
                        texts.append(text + VariableList.offset(constant), count: VariableList.length(constant))
                        continue
                    }
                    slots.uvarint(UInt64(places[column]))
                }
                texts.append(LineTokenizer.mark)
            }
        }
        try writer.append(slots.bytes)
        try writer.append(UnsafeRawBufferPointer(texts.elements))
    }
}
