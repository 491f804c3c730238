import MartletCore
import TraceSampling

/// A trace in memory as policies see it: rows of parts, of which only what is asked for is read.
struct GatheredTrace: SampledTrace {
    /// Spans of the trace in one part.
    struct Fragment {
        let box: PartBox
        var rows: [Int]
    }

    let high: UInt64
    let low: UInt64
    let fragments: [Fragment]
    let verdicts: TextVerdicts

    var spanCount: Int { fragments.reduce(0) { $0 + $1.rows.count } }

    var bytes: Int {
        fragments.reduce(0) { bytes, fragment in
            fragment.rows.reduce(bytes) { $0 + Int(fragment.box.part.sizes[$1]) }
        }
    }

    var bounds: (start: UInt64, end: UInt64) {
        var found: (start: UInt64, end: UInt64) = (.max, 0)
        for fragment in fragments {
            for row in fragment.rows {
                let start = fragment.box.part.startTimes[row]
                let end = start &+ UInt64(bitPattern: fragment.box.part.durations[row])
                found = (min(found.start, start), max(found.end, start, end))
            }
        }
        return found
    }

    func hasStatus(in codes: UInt8) -> Bool {
        anyRow { box, row in
            let code = box.part.statuses[row] & ~MemoryPart.statusSent
            return code < 8 && codes & 1 << code != 0
        }
    }

    func hasFlags(_ flags: UInt32) -> Bool { anyRow { box, row in box.part.flags[row] & flags != 0 } }

    func hasTraceState(where matches: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        anyRow { box, row in
            guard let extras = box.part.extras(of: row), extras.traceState != 0 else { return false }
            return box.part.symbols.withBytes(of: extras.traceState, matches)
        }
    }

    func hasNumber(_ key: String, where matches: (SampledNumber) -> Bool) -> Bool {
        anyAttribute(key) { box, word, _ in
            switch word.kind {
            case .smallInt: matches(.integer(Int64(Int32(bitPattern: word.payload))))
            case .wideInt: matches(.integer(Int64(bitPattern: box.part.wides[Int(word.payload)])))
            case .double: matches(.double(Double(bitPattern: box.part.wides[Int(word.payload)])))
            default: false
            }
        }
    }

    func hasBoolean(_ key: String, _ value: Bool) -> Bool {
        anyAttribute(key) { _, word, _ in word.kind == .bool && (word.payload != 0) == value }
    }

    func hasSpan(where matches: (any SampledSpan) -> Bool) -> Bool {
        anyRow { box, row in matches(GatheredSpan(box: box, row: row)) }
    }

    func hasText(_ key: String, _ matcher: TextMatcher) -> Bool {
        anyAttribute(key) { box, word, isOfSpan in
            guard word.kind == .string, word.payload != 0 || !isOfSpan else { return false }
            return verdicts.matches(matcher, word.payload, of: box)
        }
    }

    // MARK: Rows and attributes

    private func anyRow(_ matches: (PartBox, Int) -> Bool) -> Bool {
        for fragment in fragments {
            for row in fragment.rows where matches(fragment.box, row) { return true }
        }
        return false
    }

    /// Whether an attribute of a span or of its resource matches; of several with the key in one place the first counts.
    private func anyAttribute(
        _ key: String, _ matches: (_ box: PartBox, _ word: AttributeWord, _ isOfSpan: Bool) -> Bool
    ) -> Bool {
        for fragment in fragments {
            let box = fragment.box
            guard let symbol = box.part.symbols.lookup(key) else { continue }
            var context = UInt32.max
            for row in fragment.rows {
                let bounds = box.part.attributeBounds(of: row)
                if let word = Self.word(symbol, box.part.words, bounds), matches(box, word, true) { return true }
                // Spans of one resource mostly lie together.
                guard box.part.contextNumbers[row] != context else { continue }
                context = box.part.contextNumbers[row]
                let shared = box.part.contexts[Int(context)].resourceAttributes
                if let word = Self.word(symbol, box.part.sharedWords, shared), matches(box, word, false) { return true }
            }
        }
        return false
    }

    private static func word(_ key: UInt32, _ words: [UInt32], _ bounds: Range<Int>) -> AttributeWord? {
        for position in stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2) {
            let word = AttributeWord(words[position], words[position + 1])
            if word.key == key { return word }
        }
        return nil
    }
}
