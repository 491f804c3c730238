import MartletCore

/// `cri`: undoes the container runtime interface's wrapping `<time> <stream> <F|P> <line>`, joining partial lines.
package struct CRIStage: PipelineStage {
    private let maxPartialLines: Int
    private var partial: [String: PipelineEntry] = [:]
    private var partialLines = 0

    /// More partial lines than this are let out joined as they are.
    package init(maxPartialLines: Int = 100) {
        self.maxPartialLines = max(1, maxPartialLines)
    }

    package var heldSince: UInt64? { partial.values.map(\.offset).min() }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        let parts = entry.line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].elementsEqual("F".utf8) || parts[2].elementsEqual("P".utf8),
            let moment = RFC3339.parse(String(decoding: parts[0], as: UTF8.self))?.unixNanoseconds
        else {
            output.append(entry)
            return
        }
        let stream = String(decoding: parts[1], as: UTF8.self)
        var whole = entry
        whole.line = Array(parts[3])
        whole.timestamp = moment
        whole.labels["stream"] = stream
        whole.extracted["stream"] = stream
        whole.extracted["flags"] = String(decoding: parts[2], as: UTF8.self)
        if var begun = partial.removeValue(forKey: stream) {
            begun.line.append(contentsOf: whole.line)
            whole = begun
        }
        if parts[2].elementsEqual("F".utf8) {
            output.append(whole)
            return
        }
        partial[stream] = whole
        partialLines += 1
        if partialLines >= maxPartialLines { finish(into: &output) }
    }

    package mutating func finish(into output: inout [PipelineEntry]) {
        for stream in partial.keys.sorted() {
            if let entry = partial[stream] { output.append(entry) }
        }
        partial = [:]
        partialLines = 0
    }
}
