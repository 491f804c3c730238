import Durable
import MartletCore

/// Joins neighbouring parts into one: spans of a trace come together, and of copies of a span the last is kept. Holds two
/// row groups of each part in memory at most.
struct PartMerge {
    /// One part on its way through.
    private struct Input {
        let file: PartFile
        var group = -1
        var box: PartBox?
        /// The next trace, numbered in the group.
        var next = 0

        /// Start of the next trace; nil at the end.
        var start: UInt64? { box.map { $0.part.traces[next].start } }
    }

    private struct Place: Hashable {
        let input: Int
        let trace: Int
    }

    private let files: [PartFile]
    private let limits: AttributeLimits
    private var inputs: [Input]
    /// Traces that lie in several of the parts: where.
    private var fragments: [TraceKey: [Place]] = [:]
    /// Fragments that were written before their turn.
    private var written: Set<Place> = []

    /// - Parameters:
    ///   - files: oldest first.
    ///   - shared: for each file the numbers of the traces that have spans elsewhere too.
    init(_ files: [PartFile], shared: [Set<UInt32>], limits: AttributeLimits) throws {
        self.files = files
        self.limits = limits
        inputs = files.map { Input(file: $0) }
        for (file, numbers) in zip(files, shared) {
            for number in numbers {
                let id = try file.id(ofTrace: Int(number))
                let key = TraceKey(high: id.high, low: id.low)
                if fragments[key] != nil { continue }
                var places: [Place] = []
                for (input, other) in files.enumerated() {
                    if let trace = try other.trace(high: id.high, low: id.low) {
                        places.append(Place(input: input, trace: trace))
                    }
                }
                if places.count > 1 { fragments[key] = places }
            }
        }
    }

    /// Writes the merged part.
    ///
    /// - Parameter isElsewhere: whether parts beside these have spans of a trace.
    mutating func write(
        _ builder: inout PartBuilder, isElsewhere: (_ high: UInt64, _ low: UInt64) -> Bool
    ) throws -> PartFile {
        do {
            for input in inputs.indices { try load(input) }
            while let input = earliest() {
                try take(input, &builder)
                try advance(input)
            }
            return try builder.publish(shared: isElsewhere)
        } catch {
            builder.discard()
            throw error
        }
    }

    private func earliest() -> Int? {
        var best: (start: UInt64, input: Int)?
        for (index, input) in inputs.enumerated() {
            guard let start = input.start else { continue }
            if best.map({ start < $0.start }) ?? true { best = (start, index) }
        }
        return best?.input
    }

    private mutating func advance(_ input: Int) throws {
        inputs[input].next += 1
        if let box = inputs[input].box, inputs[input].next >= box.part.traces.count { try load(input) }
    }

    /// Reads the next group that has traces.
    private mutating func load(_ input: Int) throws {
        let file = inputs[input].file
        inputs[input].box = nil
        while inputs[input].box == nil, inputs[input].group + 1 < file.footer.groups.count {
            inputs[input].group += 1
            let group = RowGroup(file, inputs[input].group, cache: nil)
            guard group.summary.traces > 0 else { continue }
            var decoder = try GroupDecoder(group, traces: 0..<group.summary.traces, limits: limits)
            inputs[input].box = PartBox(try decoder.decode())
            inputs[input].next = 0
        }
    }

    private mutating func take(_ input: Int, _ builder: inout PartBuilder) throws {
        guard let box = inputs[input].box else { return }
        let trace = box.part.traces[inputs[input].next]
        let own = Place(input: input, trace: files[input].firstTraces[inputs[input].group] + inputs[input].next)
        guard let places = fragments[TraceKey(high: trace.high, low: trace.low)] else {
            return try builder.add(high: trace.high, low: trace.low, [Self.fragment(box, inputs[input].next)])
        }
        if written.contains(own) { return }
        var parts: [PartBuilder.Fragment] = []
        for place in places {
            parts.append(try fragment(place))
            written.insert(place)
        }
        try builder.add(high: trace.high, low: trace.low, parts)
    }

    private static func fragment(_ box: PartBox, _ trace: Int) -> PartBuilder.Fragment {
        let known = box.part.traces[trace]
        return PartBuilder.Fragment(
            source: box, rows: known.firstRow == .max ? [] : Array(Int(known.firstRow)...Int(known.lastRow)))
    }

    /// A fragment in the group at hand, or read by itself.
    private func fragment(_ place: Place) throws -> PartBuilder.Fragment {
        let file = files[place.input]
        let group = file.group(ofTrace: place.trace)
        let number = place.trace - file.firstTraces[group]
        if inputs[place.input].group == group, let box = inputs[place.input].box { return Self.fragment(box, number) }
        var decoder = try GroupDecoder(
            RowGroup(file, group, cache: nil), traces: number..<number + 1, limits: limits)
        return Self.fragment(PartBox(try decoder.decode()), 0)
    }
}
