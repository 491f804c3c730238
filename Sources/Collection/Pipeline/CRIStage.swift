import MartletCore

/// `cri`: undoes the container runtime interface's wrapping `<time> <stream> <F|P> <line>`, joining partial lines.
package struct CRIStage: PipelineStage {
    /// A line whose end has not come yet, and of how many it is joined.
    private struct Begun: Sendable {
        var entry: PipelineEntry
        var parts: Int
    }

    private let maxPartialLines: Int
    /// By stream.
    private var partial: [String: Begun] = [:]

    /// When more partial lines than this wait for their ends, they are let out joined as they are.
    package init(maxPartialLines: Int = 100) {
        self.maxPartialLines = max(1, maxPartialLines)
    }

    package var heldSince: UInt64? { partial.values.map(\.entry.offset).min() }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        let fields = entry.line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, fields[2].elementsEqual("F".utf8) || fields[2].elementsEqual("P".utf8),
            let moment = RFC3339.parse(String(decoding: fields[0], as: UTF8.self))?.unixNanoseconds
        else {
            output.append(entry)
            return
        }
        let stream = String(decoding: fields[1], as: UTF8.self)
        var whole = entry
        whole.line = Array(fields[3])
        whole.timestamp = moment
        whole.labels["stream"] = stream
        whole.extracted["stream"] = stream
        whole.extracted["flags"] = String(decoding: fields[2], as: UTF8.self)
        var parts = 1
        if var begun = partial.removeValue(forKey: stream) {
            begun.entry.line.append(contentsOf: whole.line)
            whole = begun.entry
            parts += begun.parts
        }
        if fields[2].elementsEqual("F".utf8) {
            output.append(whole)
            return
        }
        partial[stream] = Begun(entry: whole, parts: parts)
        if partial.values.reduce(0, { $0 + $1.parts }) >= maxPartialLines { finish(into: &output) }
    }

    package mutating func finish(into output: inout [PipelineEntry]) {
        for stream in partial.keys.sorted() {
            if let begun = partial[stream] { output.append(begun.entry) }
        }
        partial = [:]
    }
}
