/// The templates of the lines of a block that is being written, as a tree: a node is a piece of text between two variables,
/// or from the last one to the line's end, behind the pieces before it. So a line is compared with what lines like it had
/// there, piece by piece, and where two templates part is where their lines differ.
struct TemplateTree: ~Copyable {
    struct Node: BitwiseCopyable {
        /// Where the piece begins in `text`.
        var start: UInt32 = 0
        /// Its bytes. More than there can be for the root, so that it is never found behind a node.
        var count: UInt32 = .max
        /// The node before it; the root's is the root.
        var parent: UInt32 = 0
        /// The node that followed last: as a rule it follows again. The root, which follows none, when none did.
        var next: UInt32 = 0
        /// The column of the variable behind it, or the number of the template that it ends.
        var number: UInt32 = 0
        /// Whether it ends a line.
        var isEnd = false
        /// Whether digits behind it stand apart (`LineTokenizer.standsApart`).
        var isApart = false
        /// How often the bytes before the variable had occurred in the line before; `ofMark` for the mark.
        var occurrence: UInt8 = 0
        /// The last bytes before the variable.
        var before: UInt64 = 0
        /// The piece's first word, zeros behind the piece, and ones where it has bytes.
        var word: UInt64 = 0
        var mask: UInt64 = 0
    }

    /// Variables go together that stand behind the same bytes. Where these repeat within a line, the first occurrences have
    /// columns of their own, since they mean different things: the numbers of an address, say.
    private static let mostOccurrences: UInt8 = 12
    /// How many variables back an earlier occurrence is looked for.
    private static let occurrenceReach = 64
    /// Marks that lines had in them have a column of their own.
    private static let ofMark: UInt8 = .max

    /// The first is the root, which has no piece.
    private(set) var nodes = RawArray<Node>(capacity: 256)
    private(set) var text = RawArray<UInt8>(capacity: 4096)
    /// The last node of each template, in the order of their first lines.
    private(set) var ends = RawArray<UInt32>()
    /// A node that leads to each column.
    private var columns = RawArray<UInt32>()
    private var nodeIndex = HashIndex()
    private var columnIndex = HashIndex()

    var columnCount: Int { columns.count }

    init() { nodes.append(Node()) }

    /// Whether the piece of a node stands at `place`, where there must be that many bytes, and a word at the least.
    @inline(__always)
    func isPiece(_ node: UnsafePointer<Node>, _ place: UnsafePointer<UInt8>) -> Bool {
        let size = ShortText.wordBytes
        return ShortText.word(place) & node.pointee.mask == node.pointee.word
            && (node.pointee.count <= size
                || ShortText.isEqual(
                    text.base + Int(node.pointee.start) + size, place + size, Int(node.pointee.count) - size))
    }

    /// The node behind `parent` with the piece `line[start..<end]`.
    @inline(__always)
    func child(of parent: Int, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int, isEnd: Bool) -> Int? {
        let (nodes, text) = (nodes.base, text.base)
        return nodeIndex.number(Self.hash(parent, line, start, end, isEnd)) { number in
            let node = nodes + number
            return Int(node.pointee.parent) == parent && node.pointee.isEnd == isEnd
                && Int(node.pointee.count) == end - start
                && ShortText.isEqual(text + Int(node.pointee.start), line + start, end - start)
        }
    }

    /// Notes that `node` came behind `parent`.
    @inline(__always)
    func expect(_ node: Int, behind parent: Int) { nodes.base[parent].next = UInt32(truncatingIfNeeded: node) }

    /// Adds a node behind `parent` that is not there, with a variable behind it.
    mutating func add(to parent: Int, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var node = Node()
        if line[end] == LineTokenizer.mark {
            node.occurrence = Self.ofMark
        } else {
            for byte in max(start, end - 8)..<end { node.before = node.before << 8 | UInt64(line[byte]) }
            node.occurrence = occurrence(of: node.before, upFrom: parent)
        }
        node.isApart = LineTokenizer().standsApart(line, start, end)
        node.number = UInt32(column(of: node))
        return add(node, to: parent, line, start, end)
    }

    /// Adds a node behind `parent` that is not there and ends a line.
    mutating func addEnd(to parent: Int, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var node = Node()
        node.isEnd = true
        node.number = UInt32(ends.count)
        ends.append(UInt32(nodes.count))
        return add(node, to: parent, line, start, end)
    }

    private mutating func add(
        _ node: Node, to parent: Int, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int {
        let number = nodes.count
        var node = node
        node.start = UInt32(text.count)
        node.count = UInt32(end - start)
        node.parent = UInt32(parent)
        text.append(line + start, count: end - start)
        node.mask = ShortText.mask(end - start)
        node.word = ShortText.firstWord(line + start, count: end - start)
        nodes.append(node)
        nodeIndex.add(number, Self.hash(parent, line, start, end, node.isEnd))
        expect(number, behind: parent)
        return number
    }

    private func occurrence(of before: UInt64, upFrom parent: Int) -> UInt8 {
        var number = parent
        for _ in 0..<Self.occurrenceReach where number != 0 {
            let node = nodes[number]
            if node.before == before, node.occurrence != Self.ofMark {
                return min(node.occurrence + 1, Self.mostOccurrences)
            }
            number = Int(node.parent)
        }
        return 0
    }

    /// The column of the variables behind a node that is about to be added.
    private mutating func column(of node: Node) -> Int {
        let hash = ShortText.hash(node.before ^ UInt64(node.occurrence) << 56)
        let (nodes, leads) = (nodes.base, columns.base)
        let known = columnIndex.number(hash) { column in
            let other = nodes[Int(leads[column])]
            return other.before == node.before && other.occurrence == node.occurrence
        }
        if let known { return known }
        let column = columns.count
        columns.append(UInt32(self.nodes.count))
        columnIndex.add(column, hash)
        return column
    }

    @inline(__always)
    private static func hash(
        _ parent: Int, _ line: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ isEnd: Bool
    ) -> UInt64 {
        ShortText.hash(line + start, end - start, seed: UInt64(parent) << 1 | (isEnd ? 1 : 0))
    }
}
