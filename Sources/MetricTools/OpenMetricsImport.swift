import MartletCore
package import MetricStorage
import Wire

/// Feeds OpenMetrics text into an import, piece by piece, however long it is.
///
/// A line whose text of name and labels was seen before costs no parsing of labels.
package struct OpenMetricsImport {
    /// A longer line is no line of this format.
    private static let lineLimit = 16 << 20

    /// Samples read.
    package private(set) var samples = 0
    private let file: String
    private var blocks: BlockImport
    /// Texts of names and labels, and the import's number of the series of each.
    private var texts = SymbolTable()
    private var numbers: [UInt32] = []
    /// The beginning of a line whose end has not come.
    private var pending: [UInt8] = []
    private var linesBefore = 0
    /// That of the last TYPE line.
    private var type = MetricType.unknown
    private var sawEOF = false

    /// An import of a file, which is named in errors.
    package init(of file: String, into blocks: BlockImport) {
        self.file = file
        self.blocks = blocks
    }

    /// Samples that were left out since their series had one at the same time.
    package var repeated: Int { blocks.repeated }

    /// Takes the next bytes of the text. After an error, as after one of `finish`, `abandon` is to be called.
    package mutating func take(_ bytes: [UInt8]) throws {
        pending += bytes
        let end = pending.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        if end > 0 { try take(lines: pending[..<end]) }
        pending.removeFirst(end)
        guard pending.count <= Self.lineLimit else {
            throw ImportError(
                file: file, line: linesBefore + 1, message: "the line is longer than \(Self.lineLimit) bytes")
        }
    }

    /// Takes the text's end and writes the blocks, of which it gives the descriptions.
    package mutating func finish() throws -> [BlockMeta] {
        if !pending.isEmpty { try take(lines: pending[...]) }
        guard sawEOF else {
            throw ImportError(file: file, line: linesBefore + 1, message: "data does not end with # EOF")
        }
        return try blocks.finish()
    }

    /// Gives up: nothing is left of the import.
    package func abandon() { blocks.abandon() }

    /// Takes some whole lines.
    private mutating func take(lines: ArraySlice<UInt8>) throws {
        guard !sawEOF else {
            throw ImportError(file: file, line: linesBefore + 1, message: "unexpected data after # EOF")
        }
        try lines.withUnsafeBytes { bytes in
            var parser = ExpositionParser(bytes, format: .openMetrics, isPiece: true, type: type)
            do throws(WireError) {
                while let entry = try parser.next() {
                    if entry == .series { try take(&parser, bytes) }
                }
            } catch {
                throw located(error)
            }
            sawEOF = parser.sawEOF
            type = parser.type
        }
        linesBefore += lines.count { $0 == 0x0A }
        if try blocks.writeIfFull() {
            texts = SymbolTable()
            numbers.removeAll(keepingCapacity: true)
        }
    }

    private mutating func take(
        _ parser: inout ExpositionParser, _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) {
        guard let time = parser.timestamp else {
            throw .malformedLine(line: parser.seriesLine, what: "the sample has no timestamp")
        }
        let text = Int(texts.intern(parser.series.bytes(in: bytes)))
        if text == numbers.count {
            let labels = try parser.labels()
            guard labels[Labels.metricName] != nil else {
                throw .malformedLine(line: parser.seriesLine, what: "the sample has no metric name")
            }
            numbers.append(labels.bytes.withUnsafeBytes { blocks.series($0) })
        }
        blocks.add(numbers[text], time, parser.value)
        samples += 1
        guard let exemplar = parser.exemplar else { return }
        let labels = try parser.labels(of: exemplar)
        labels.bytes.withUnsafeBytes {
            blocks.addExemplar(numbers[text], $0, exemplar.timestamp ?? time, exemplar.value)
        }
    }

    private func located(_ error: WireError) -> ImportError {
        if case .malformedLine(let line, let what) = error {
            return ImportError(file: file, line: linesBefore + line, message: what)
        }
        return ImportError(file: file, line: nil, message: "\(error)")
    }
}
