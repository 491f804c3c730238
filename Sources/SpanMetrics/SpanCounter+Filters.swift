import MartletCore
import Wire

/// Which spans count.
extension SpanCounter {
    func isWanted(_ span: SpanView, _ filter: FilterPlan, _ body: UnsafeRawBufferPointer) -> Bool {
        filter.isEmpty || filter.accepts { holds($0, span, body) }
    }

    private func holds(_ condition: FilterCondition, _ span: SpanView, _ body: UnsafeRawBufferPointer) -> Bool {
        switch condition.subject {
        case .name:
            let name = UnsafeRawBufferPointer(rebasing: body[span.name])
            return Self.holds(condition.expected, text: name)
        case .kind:
            return SpanView.kindText(span.kind).withUTF8Buffer {
                Self.holds(condition.expected, text: UnsafeRawBufferPointer($0))
            }
        case .status:
            return SpanView.statusText(span.status).withUTF8Buffer {
                Self.holds(condition.expected, text: UnsafeRawBufferPointer($0))
            }
        case .span: return holds(condition.expected, attributes[condition.attribute], body)
        case .resource: return holds(condition.expected, resource[condition.attribute], body)
        }
    }

    private static func holds(_ expected: SpanFilter.Expected, text: UnsafeRawBufferPointer) -> Bool {
        switch expected {
        case .text(let wanted): Bytes.of(wanted) { Bytes.equal($0, text) }
        case .regex(let regex): regex.matches(text)
        case .int, .double, .bool: false
        }
    }

    private func holds(
        _ expected: SpanFilter.Expected, _ bounds: Range<Int>?, _ body: UnsafeRawBufferPointer
    ) -> Bool {
        guard let bounds else { return false }
        var cursor = ProtoCursor(body, bounds)
        var holds = false
        // The store has walked the same bytes before.
        while (try? cursor.next()) == true {
            switch (cursor.field, expected) {
            case (1, .text), (1, .regex):
                guard let text = try? cursor.delimited() else { return false }
                holds = Self.holds(expected, text: UnsafeRawBufferPointer(rebasing: body[text]))
            case (2, .bool(let wanted)): holds = (try? cursor.bool()) == wanted
            case (3, .int(let wanted)): holds = (try? cursor.int64()) == wanted
            case (4, .double(let wanted)): holds = (try? cursor.double()) == wanted
            default:
                holds = false
                guard (try? cursor.skip()) != nil else { return false }
            }
        }
        return holds
    }
}
