import MartletCore

/// The labels of one line while it goes through a pipeline: the stream's, its structured metadata, and what parsers found.
///
/// All names and values lie in one slab; nothing is allocated per line once the slab has grown. Where names collide the
/// bare name belongs to the stream's label, then to metadata, then to a parsed field; a loser goes to `<name>_extracted`,
/// where a parsed field displaces metadata. Of parsed fields the first of a name wins.
struct LineLabels {
    /// Where a label came from.
    enum Origin: UInt8 { case stream, metadata, parsed }

    private struct Pair {
        var nameStart: Int
        var nameEnd: Int
        var valueEnd: Int
        var origin: Origin
        var isRemoved = false
    }

    /// Name and value of every pair, each value right behind its name.
    private var slab: [UInt8] = []
    private var pairs: [Pair] = []
    private var streamMark = (slab: 0, pairs: 0)
    private var stream = Labels()
    private var scratch: [UInt8] = []
    /// Whether the line is in error (`__error__`).
    private(set) var hasError = false

    static let error = Array("__error__".utf8)
    static let errorDetails = Array("__error_details__".utf8)
    private static let extracted = Array("_extracted".utf8)

    /// Forgets everything and takes over a stream's labels.
    mutating func begin(stream: Labels) {
        self.stream = stream
        slab.removeAll(keepingCapacity: true)
        pairs.removeAll(keepingCapacity: true)
        stream.bytes.withUnsafeBytes { bytes in
            var walk = LabelWalk(bytes)
            while let (name, value) = walk.next() { append(name, value, .stream) }
        }
        streamMark = (slab.count, pairs.count)
    }

    /// Begins a line: the stream's labels and the line's metadata, in `Labels`' encoding.
    mutating func begin(metadata: UnsafeRawBufferPointer) {
        slab.removeLast(slab.count - streamMark.slab)
        pairs.removeLast(pairs.count - streamMark.pairs)
        for index in pairs.indices where pairs[index].isRemoved { pairs[index].isRemoved = false }
        hasError = false
        guard !metadata.isEmpty else { return }
        var walk = LabelWalk(metadata)
        while let (name, value) = walk.next() {
            if place(of: name) != nil {
                addExtracted(name, value, .metadata)
            } else {
                append(name, value, .metadata)
            }
        }
    }

    private mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ origin: Origin) {
        let start = slab.count
        slab.append(contentsOf: name)
        let middle = slab.count
        slab.append(contentsOf: value)
        pairs.append(Pair(nameStart: start, nameEnd: middle, valueEnd: slab.count, origin: origin))
    }

    private func place(of name: UnsafeRawBufferPointer) -> Int? {
        slab.withUnsafeBytes { slab in
            var index = pairs.count - 1
            while index >= 0 {
                let pair = pairs[index]
                if pair.nameEnd - pair.nameStart == name.count, !pair.isRemoved,
                    Bytes.equal(UnsafeRawBufferPointer(rebasing: slab[pair.nameStart..<pair.nameEnd]), name)
                {
                    return index
                }
                index -= 1
            }
            return nil
        }
    }

    /// Adds what a parser found, under the rules for names that collide.
    mutating func addParsed(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard !name.isEmpty else { return }
        guard let place = place(of: name) else { return append(name, value, .parsed) }
        if pairs[place].origin != .parsed { addExtracted(name, value, .parsed) }
    }

    private mutating func addExtracted(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ origin: Origin
    ) {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: name)
        scratch.append(contentsOf: Self.extracted)
        let loser = scratch
        loser.withUnsafeBytes { loser in
            if let place = place(of: loser) {
                guard pairs[place].origin == .metadata, origin == .parsed else { return }
                pairs[place].isRemoved = true
            }
            append(loser, value, origin)
        }
    }

    /// Adds what was asked for by name: an earlier parsed field of that name gives way to it.
    mutating func addExtraction(_ name: [UInt8], _ value: [UInt8]) {
        guard isStored(name) else { return set(name, value) }
        name.withUnsafeBytes { name in value.withUnsafeBytes { addExtracted(name, $0, .parsed) } }
    }

    /// Whether the name is a label of the stream or of the line's metadata.
    func isStored(_ name: [UInt8]) -> Bool {
        guard let place = name.withUnsafeBytes({ place(of: $0) }) else { return false }
        return pairs[place].origin != .parsed
    }

    /// Whether a parser that finds `name` would store it under that name or with the suffix, given what is there.
    func isTaken(_ name: UnsafeRawBufferPointer) -> Bool { place(of: name) != nil }

    /// Sets a label whatever was there.
    mutating func set(_ name: [UInt8], _ value: [UInt8]) {
        name.withUnsafeBytes { name in
            remove(name)
            value.withUnsafeBytes { append(name, $0, .parsed) }
        }
    }

    /// Takes a label away.
    mutating func remove(_ name: UnsafeRawBufferPointer) {
        if let place = place(of: name) { pairs[place].isRemoved = true }
    }

    /// Takes away the labels whose name and value do not pass; errors stay.
    mutating func keep(_ passes: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool) {
        slab.withUnsafeBytes { slab in
            for index in pairs.indices where !pairs[index].isRemoved {
                let pair = pairs[index]
                let name = UnsafeRawBufferPointer(rebasing: slab[pair.nameStart..<pair.nameEnd])
                if name.elementsEqual(Self.error) || name.elementsEqual(Self.errorDetails) { continue }
                let value = UnsafeRawBufferPointer(rebasing: slab[pair.nameEnd..<pair.valueEnd])
                if !passes(name, value) { pairs[index].isRemoved = true }
            }
        }
    }

    /// Notes an error in place of an earlier one, whose details stay where there are no new ones.
    mutating func fail(_ code: String, _ details: String? = nil) {
        hasError = true
        set(Self.error, Array(code.utf8))
        if let details { set(Self.errorDetails, Array(details.utf8)) }
    }

    /// Takes away one of the error's labels when its name and value are chosen. Without its code the line is in error
    /// no more, so that the next error shows.
    mutating func removeError(
        _ name: [UInt8], where isChosen: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        name.withUnsafeBytes { bytes in
            guard withValue(name, { isChosen(bytes, $0) }) else { return }
            remove(bytes)
            if name == Self.error { hasError = false }
        }
    }

    /// Calls `body` with a label's value, which is empty when the label is not there.
    func withValue<R>(_ name: [UInt8], _ body: (UnsafeRawBufferPointer) -> R) -> R {
        guard let place = name.withUnsafeBytes({ self.place(of: $0) }) else {
            return body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return slab.withUnsafeBytes { slab in
            body(UnsafeRawBufferPointer(rebasing: slab[pairs[place].nameEnd..<pairs[place].valueEnd]))
        }
    }

    /// Calls `body` with the name and value of every label.
    func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        slab.withUnsafeBytes { slab in
            for pair in pairs where !pair.isRemoved {
                body(
                    UnsafeRawBufferPointer(rebasing: slab[pair.nameStart..<pair.nameEnd]),
                    UnsafeRawBufferPointer(rebasing: slab[pair.nameEnd..<pair.valueEnd]))
            }
        }
    }

    /// Appends a label's value, if there is one.
    func append(valueOf name: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        if let place = place(of: name) { out.append(contentsOf: slab[pairs[place].nameEnd..<pairs[place].valueEnd]) }
    }

    /// Whether the label is there.
    func contains(_ name: [UInt8]) -> Bool { name.withUnsafeBytes { place(of: $0) != nil } }

    /// A label's value as a copy.
    func value(_ name: [UInt8]) -> [UInt8]? {
        contains(name) ? withValue(name) { [UInt8]($0) } : nil
    }

    /// Appends the labels in `Labels`' encoding: those of `origin` whose name passes, sorted. A parsed label may be empty,
    /// which is not the same as absent.
    mutating func appendCanonical(
        to out: inout [UInt8], origin: Origin? = nil, where passes: (UnsafeRawBufferPointer) -> Bool
    ) {
        slab.withUnsafeBytes { slab in
            var chosen: [Int] = []
            chosen.reserveCapacity(pairs.count)
            for (index, pair) in pairs.enumerated() where !pair.isRemoved {
                if let origin, pair.origin != origin { continue }
                if passes(UnsafeRawBufferPointer(rebasing: slab[pair.nameStart..<pair.nameEnd])) {
                    chosen.append(index)
                }
            }
            chosen.sort { a, b in
                Bytes.compare(
                    UnsafeRawBufferPointer(rebasing: slab[pairs[a].nameStart..<pairs[a].nameEnd]),
                    UnsafeRawBufferPointer(rebasing: slab[pairs[b].nameStart..<pairs[b].nameEnd])) < 0
            }
            var writer = ByteWriter(out)
            out = []
            for index in chosen {
                let pair = pairs[index]
                writer.uvarintBytes(UnsafeRawBufferPointer(rebasing: slab[pair.nameStart..<pair.nameEnd]))
                writer.uvarintBytes(UnsafeRawBufferPointer(rebasing: slab[pair.nameEnd..<pair.valueEnd]))
            }
            out = writer.bytes
        }
    }

    /// The labels of one origin.
    mutating func canonical(_ origin: Origin) -> Labels {
        if origin == .stream {
            // As a rule a pipeline leaves them as they are.
            if !pairs[..<streamMark.pairs].contains(where: \.isRemoved) { return stream }
        } else if !pairs[streamMark.pairs...].contains(where: { $0.origin == origin && !$0.isRemoved }) {
            return Labels()
        }
        var bytes: [UInt8] = []
        appendCanonical(to: &bytes, origin: origin) { _ in true }
        return Labels(canonicalBytes: bytes)
    }

    /// Appends these labels in `Labels`' encoding, those that are there; the names are sorted, each once.
    func appendCanonical(to out: inout [UInt8], names: [[UInt8]]) {
        slab.withUnsafeBytes { slab in
            for name in names {
                name.withUnsafeBytes { name in
                    guard let place = place(of: name) else { return }
                    Self.append(name, to: &out)
                    Self.append(
                        UnsafeRawBufferPointer(rebasing: slab[pairs[place].nameEnd..<pairs[place].valueEnd]), to: &out)
                }
            }
        }
    }

    /// Appends a text preceded by its length.
    private static func append(_ text: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        var length = text.count
        while length >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        out.append(UInt8(truncatingIfNeeded: length))
        out.append(contentsOf: text)
    }
}
