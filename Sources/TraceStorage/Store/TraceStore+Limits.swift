import MartletCore
import Wire

/// What is refused, and why.
extension TraceStore {
    /// The ordinals of the spans that are refused.
    func judge(_ request: DecodedRequest, _ outcome: inout Outcome) -> [Int] {
        var rejected: [Int] = []
        for ordinal in request.spans.indices where !request.spans[ordinal].hasValidIDs { rejected.append(ordinal) }
        if !rejected.isEmpty {
            outcome.rejected["invalid_trace_id"] = rejected.count
            outcome.message =
                "\(rejected.count) spans refused: trace ids must have 16 bytes and span ids 8, not all zero"
        }
        let tooLarge = oversized(request)
        if !tooLarge.isEmpty {
            outcome.rejected["trace_too_large"] = tooLarge.count
            outcome.message += outcome.message.isEmpty ? "" : "; "
            outcome.message +=
                "\(tooLarge.count) spans refused: their trace exceeds \(options.traceBytes) bytes; "
                + "raise \(options.traceBytesKey)"
            rejected = Set(rejected).union(tooLarge).sorted()
        }
        return rejected
    }

    /// Spans that would make their trace larger than allowed.
    private func oversized(_ request: DecodedRequest) -> [Int] {
        guard options.traceBytes > 0 else { return [] }
        let total = request.spans.reduce(0) { $0 + Int($1.size) }
        return state.withLock { state in
            // Almost always no trace can come near the limit.
            if state.largestTrace + total <= options.traceBytes { return [] }
            var sent: [TraceKey: Int] = [:]
            for span in request.spans where span.hasValidIDs {
                sent[TraceKey(high: span.traceHigh, low: span.traceLow), default: 0] += Int(span.size)
            }
            var close: [TraceKey: HeldTrace] = [:]
            for (key, size) in sent where encodedBytes(of: key, state) + size > options.traceBytes {
                close[key] = HeldTrace(spans(of: key, state))
            }
            var found: [Int] = []
            for ordinal in request.spans.indices where request.spans[ordinal].hasValidIDs {
                let span = request.spans[ordinal]
                let key = TraceKey(high: span.traceHigh, low: span.traceLow)
                let identity = SpanIdentity(id: span.id, kind: UInt8(clamping: span.kind))
                if close[key]?.add(identity, bytes: Int(span.size), limit: options.traceBytes) == false {
                    found.append(ordinal)
                }
            }
            return found
        }
    }

    /// A trace that comes near the limit while a request is judged.
    private struct HeldTrace {
        private var spans: [SpanIdentity: Int]
        private var bytes: Int

        init(_ spans: [SpanIdentity: Int]) {
            self.spans = spans
            bytes = spans.values.reduce(0, +)
        }

        /// Adds a span, which takes the place of its copy; false, and nothing added, when it makes the trace too large.
        mutating func add(_ span: SpanIdentity, bytes size: Int, limit: Int) -> Bool {
            let total = bytes - (spans[span] ?? 0) + size
            guard total <= max(limit, bytes) else { return false }
            spans[span] = size
            bytes = total
            return true
        }
    }

    /// The spans of a trace, wherever they lie, with the bytes of each when encoded; of several copies the last.
    private func spans(of key: TraceKey, _ state: State) -> [SpanIdentity: Int] {
        var spans: [SpanIdentity: Int] = [:]
        for part in state.parts {
            guard let number = part.trace(key) else { continue }
            // What cannot be read is reported when a query wants it.
            for (span, bytes) in (try? self.spans(ofTrace: number, in: part.file)) ?? [] { spans[span] = bytes }
        }
        for generation in state.generations {
            for (part, rows) in generation.spans.rows(high: key.high, low: key.low) {
                for row in rows {
                    spans[SpanIdentity(id: part.spanIDs[row], kind: part.kinds[row])] = Int(part.sizes[row])
                }
            }
        }
        return spans
    }

    /// The spans of a part's trace, each with the mean of their bytes.
    private func spans(
        ofTrace number: Int, in file: PartFile
    ) throws(PartDamage) -> [(span: SpanIdentity, bytes: Int)] {
        let group = RowGroup(file, file.group(ofTrace: number), cache: cache)
        let trace = number - file.firstTraces[group.index]
        let rows = try group.rows(ofTraces: trace..<trace + 1)
        let ids = try group.spanIDs(rows: rows)
        let kinds = try group.integers(.kinds, count: group.summary.rows, rows)
        let (mean, rest) = encodedBytes(ofTrace: number, in: file).quotientAndRemainder(dividingBy: max(1, rows.count))
        return ids.indices.map { place in
            let span = SpanIdentity(id: ids[place], kind: UInt8(truncatingIfNeeded: kinds[place]))
            return (span, place == 0 ? mean + rest : mean)
        }
    }

    /// Bytes of the encoded spans of a trace, wherever they lie.
    private func encodedBytes(of key: TraceKey, _ state: State) -> Int {
        let inMemory = state.generations.reduce(0) { $0 + $1.spans.encodedBytes(high: key.high, low: key.low) }
        return state.parts.reduce(inMemory) { bytes, part in
            bytes + (part.trace(key).map { encodedBytes(ofTrace: $0, in: part.file) } ?? 0)
        }
    }

    /// Bytes of the encoded spans of a part's trace; none when they cannot be read.
    func encodedBytes(ofTrace number: Int, in file: PartFile) -> Int {
        let group = RowGroup(file, file.group(ofTrace: number), cache: cache)
        let bytes = try? group.integers(.traceBytes, count: group.summary.traces)
        return bytes.map { Int(clamping: $0[number - file.firstTraces[group.index]]) } ?? 0
    }

    func countTruncated(_ request: DecodedRequest) -> Int {
        request.attributes.reduce(0) { count, attribute in
            let long = options.attributes.exceeds(Int(attribute.key.count)) ? 1 : 0
            return count + long
                + (attribute.kind == .string && options.attributes.exceeds(Int(attribute.bytes.count)) ? 1 : 0)
        }
    }

    /// Refuses when what is in memory cannot be written to disk, or when the process' memory is used up by others.
    ///
    /// - Parameter bytes: what the spans may take in memory, growth included.
    func makeRoom(for bytes: Int) throws(TraceStoreError) {
        let (held, failure) = state.withLock { ($0.charged, $0.failure) }
        if held > heldBytes {
            if let failure { throw .log(failure) }
            throw .outOfMemory(limit: budget.limit)
        }
        if budget.headroom < bytes + (1 << 20) { throw .outOfMemory(limit: budget.limit) }
    }
}
