import MartletCore
package import Wire

/// The spans of a trace as a tree: who has caused whom, when they began after the first, and how long they took.
package struct SpanTree {
    private struct Node {
        let service: String
        let span: OTLP.Span
        var children: [Int] = []
    }

    /// Levels that are drawn further to the right than the one above.
    private static let drawnDepth = 60

    private var nodes: [Node] = []
    private var roots: [Int] = []
    private let start: UInt64
    private let end: UInt64

    /// A tree of all spans; those whose parents are not there are roots.
    package init(_ traces: OTLP.Traces) {
        for resource in traces.resourceSpans {
            let service = resource.resource.attributes.first("service.name")?.text.string ?? ""
            for scope in resource.scopeSpans {
                nodes += scope.spans.map { Node(service: PlainText.line(service), span: $0) }
            }
        }
        nodes.sort { $0.span.startTimeUnixNano < $1.span.startTimeUnixNano }
        start = nodes.first?.span.startTimeUnixNano ?? 0
        end = nodes.map(\.span.endTimeUnixNano).max() ?? 0
        var first: [OTLP.SpanID: Int] = [:]
        for (index, node) in nodes.enumerated() where first[node.span.spanID] == nil { first[node.span.spanID] = index }
        for (index, node) in nodes.enumerated() {
            let parent = node.span.parentSpanID
            if !parent.isZero, let found = first[parent], found != index {
                nodes[found].children.append(index)
            } else {
                roots.append(index)
            }
        }
    }

    /// Whether there is no span.
    package var isEmpty: Bool { nodes.isEmpty }

    /// `12 spans, 3 services, 71.5ms, from 2026-11-03T10:00:00.123Z`.
    package var summary: String {
        let services = Set(nodes.map(\.service)).count
        return "\(nodes.count) span\(nodes.count == 1 ? "" : "s"), \(services) service\(services == 1 ? "" : "s"), "
            + "\(Self.distance(start, end)), from \(RFC3339.format(unixNanoseconds: Int64(clamping: start)))"
    }

    /// Gives the lines to `write`, the titles of the columns first.
    package func write(_ write: (String) throws -> Void) rethrows {
        let offsets = nodes.map { "+" + Self.distance(start, $0.span.startTimeUnixNano) }
        let durations = nodes.map { Self.distance($0.span.startTimeUnixNano, $0.span.endTimeUnixNano) }
        let left = max(5, offsets.map(\.count).max() ?? 0)
        let right = max(8, durations.map(\.count).max() ?? 0)
        try write(Self.padded("START", left) + "  " + Self.padded("DURATION", right) + "  SPAN")
        var isDrawn = Array(repeating: false, count: nodes.count)
        // Spans that are their own ancestors hang from no root.
        for root in roots + Array(nodes.indices) where !isDrawn[root] {
            var stack: [(index: Int, prefix: String, rest: String)] = [(root, "", "")]
            while let (index, prefix, rest) = stack.popLast() {
                guard !isDrawn[index] else { continue }
                isDrawn[index] = true
                try write(
                    Self.padded(offsets[index], left) + "  " + Self.padded(durations[index], right) + "  " + prefix
                        + title(nodes[index]))
                let children = nodes[index].children
                let isDeep = rest.count >= Self.drawnDepth * 3
                for (position, child) in children.enumerated().reversed() {
                    let isLast = position == children.count - 1
                    stack.append(
                        (
                            child, rest + (isLast ? "└─ " : "├─ "),
                            isDeep ? rest : rest + (isLast ? "   " : "│  ")
                        ))
                }
            }
        }
    }

    private func title(_ node: Node) -> String {
        var text = node.service.isEmpty ? "" : node.service + ": "
        text += PlainText.line(node.span.name.string)
        guard node.span.status.code == 2 else { return text }
        let message = PlainText.line(node.span.status.message.string)
        return text + (message.isEmpty ? "  [error]" : "  [error: \(message)]")
    }

    private static func distance(_ start: UInt64, _ end: UInt64) -> String {
        DurationText.of(nanoseconds: end < start ? 0 : Int64(clamping: end - start))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
