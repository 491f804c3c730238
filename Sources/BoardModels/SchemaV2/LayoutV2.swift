import MartletCore

/// Puts the elements of schema v2 where their layout has them.
struct LayoutV2 {
    /// Those that are still to be placed. Each stands once: panels have ids of their own, and a text that names a large element
    /// thousands of times must not become a model that no memory holds.
    private var elements: [String: JSONValue]
    /// Conditions of showing something that were met.
    private(set) var conditions = 0
    /// Tabs that were met.
    private(set) var tabs = 0
    /// Variables of rows and tabs, which count in the whole dashboard here.
    private(set) var variables: [JSONValue] = []

    /// The next free line.
    private var top: Int64 = 0
    private var nextRow: Int64 = 0

    /// Columns of the grid, and layouts below each other.
    private static let columns: Int64 = 24
    private static let depthLimit = 8

    init(elements: JSONValue) {
        self.elements = Dictionary(
            (elements.object ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let ids = self.elements.values.compactMap { $0["spec"]?["id"]?.int64 }.filter { $0 < 1 << 40 }
        nextRow = (ids.max() ?? 0) + 1
    }

    /// The panels and rows of a layout, from the first free line on.
    mutating func panels(of layout: JSONValue?) -> [JSONValue] {
        place(layout, in: Outer(title: "", isFolded: false, depth: 0))
    }

    /// What rows and tabs a layout is in.
    private struct Outer {
        /// Their titles; empty at the top.
        let title: String
        let isFolded: Bool
        let depth: Int
    }

    private mutating func place(_ layout: JSONValue?, in outer: Outer) -> [JSONValue] {
        guard let layout, outer.depth < Self.depthLimit else { return [] }
        let spec = layout["spec"] ?? .object([])
        switch layout["kind"]?.string {
        case "RowsLayout":
            return (spec["rows"]?.array ?? []).flatMap { row in
                let spec = row["spec"] ?? .object([])
                let isFolded = spec["collapse"]?.bool ?? spec["collapsed"]?.bool ?? false
                return section(spec, isFolded, in: outer)
            }
        case "TabsLayout":
            return (spec["tabs"]?.array ?? []).enumerated().flatMap { index, tab in
                tabs += 1
                return section(tab["spec"] ?? .object([]), index > 0, in: outer)
            }
        case "AutoGridLayout", "ResponsiveGridLayout": return grid(spec)
        default: return items(spec["items"]?.array ?? [])
        }
    }

    /// A row or a tab: a row's head and what is in it.
    private mutating func section(_ spec: JSONValue, _ isFolded: Bool, in outer: Outer) -> [JSONValue] {
        note(spec)
        variables += (spec["variables"]?.array ?? []).map(VariableV2.classic)
        let isFolded = isFolded || outer.isFolded
        let title = [outer.title, spec["title"]?.string ?? ""].filter { !$0.isEmpty }.joined(separator: " / ")
        let inner = Outer(title: title, isFolded: isFolded, depth: outer.depth + 1)
        let kind = spec["layout"]?["kind"]?.string ?? ""
        // Rows have no rows inside: those stand one behind the other and name what they are in.
        if kind == "RowsLayout" || kind == "TabsLayout" { return place(spec["layout"], in: inner) }
        if spec["hideHeader"]?.bool == true, !isFolded { return place(spec["layout"], in: inner) }
        let line = top
        top += 1
        let inside = place(spec["layout"], in: inner)
        nextRow += 1
        let row = JSONValue.members([
            ("id", .whole(nextRow - 1)), ("type", "row"), ("title", .string(title)), ("collapsed", .bool(isFolded)),
            ("repeat", spec["repeat"]?["value"]?.text.map(JSONValue.string)),
            ("gridPos", ["x": 0, "y": .whole(line), "w": 24, "h": 1]), ("panels", .array(isFolded ? inside : [])),
        ])
        return [row] + (isFolded ? [] : inside)
    }

    /// Panels with places of their own.
    private mutating func items(_ items: [JSONValue]) -> [JSONValue] {
        var bottom = top
        let made = items.compactMap { item -> JSONValue? in
            let spec = item["spec"] ?? .object([])
            guard let element = element(spec) else { return nil }
            let place = Place(
                x: Self.bounded(spec["x"], 0, 0...23), y: Self.bounded(spec["y"], 0, 0...100_000),
                w: Self.bounded(spec["width"], 12, 1...24), h: Self.bounded(spec["height"], 8, 1...200))
            bottom = max(bottom, top + place.y + place.h)
            return panel(element, spec, place)
        }
        top = bottom
        return made
    }

    /// Panels of one size, as many beside each other as are allowed.
    private mutating func grid(_ spec: JSONValue) -> [JSONValue] {
        let count = Self.bounded(spec["maxColumnCount"], 3, 1...24)
        let width = max(1, Self.columns / count)
        // A line of the grid is 38 pixels with its gap.
        let height: Int64 =
            switch spec["rowHeightMode"]?.string {
            case "short": 5
            case "tall": 14
            case "custom": max(2, Self.bounded(spec["rowHeight"], 320, 38...4000) / 38)
            default: 9
            }
        let elements = (spec["items"]?.array ?? []).compactMap { item -> (JSONValue, JSONValue)? in
            let spec = item["spec"] ?? .object([])
            note(spec)
            return element(spec).map { ($0, spec) }
        }
        let made = elements.enumerated().map { index, item in
            let (line, column) = Int64(index).quotientAndRemainder(dividingBy: count)
            let place = Place(x: column * width, y: line * height, w: width, h: height)
            return panel(item.0, item.1, place, perRow: count)
        }
        top += (Int64(elements.count) + count - 1) / count * height
        return made
    }

    private struct Place {
        let x: Int64
        let y: Int64
        let w: Int64
        let h: Int64
    }

    private func panel(_ element: JSONValue, _ spec: JSONValue, _ place: Place, perRow: Int64? = nil) -> JSONValue {
        let repeating = spec["repeat"]
        return QueryV2.panel(element).with([
            (
                "gridPos",
                ["x": .whole(place.x), "y": .whole(top + place.y), "w": .whole(place.w), "h": .whole(place.h)]
            ),
            ("repeat", repeating?["value"]?.text.map(JSONValue.string)),
            ("repeatDirection", repeating?["direction"]?.present),
            (
                "maxPerRow",
                repeating?["maxPerRow"]?.present ?? (repeating?["value"] == nil ? nil : perRow.map(JSONValue.whole))
            ),
        ])
    }

    private mutating func element(_ spec: JSONValue) -> JSONValue? {
        (spec["element"]?["name"]?.string).flatMap { elements.removeValue(forKey: $0) }
    }

    private mutating func note(_ spec: JSONValue) {
        if spec["conditionalRendering"]?["spec"]?["items"]?.array?.isEmpty == false { conditions += 1 }
    }

    private static func bounded(_ value: JSONValue?, _ fallback: Int64, _ range: ClosedRange<Int64>) -> Int64 {
        min(range.upperBound, max(range.lowerBound, value?.int64 ?? fallback))
    }
}
