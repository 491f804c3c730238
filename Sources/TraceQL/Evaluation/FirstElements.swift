/// Distinct elements of which the first in their order are kept, as many as fit into some bytes.
struct FirstElements<Element: Hashable> {
    private let limit: Int
    private let size: (Element) -> Int
    private let precedes: (Element, Element) -> Bool
    private var found: Set<Element> = []
    private var bytes = 0
    /// The first element that did not fit: none from there on will.
    private var end: Element?

    /// - Parameters:
    ///   - limit: bytes of all elements.
    ///   - size: bytes of an element.
    init(limit: Int, size: @escaping (Element) -> Int, precedes: @escaping (Element, Element) -> Bool) {
        self.limit = limit
        self.size = size
        self.precedes = precedes
    }

    mutating func insert(_ element: Element) {
        if let end, !precedes(element, end) { return }
        guard found.insert(element).inserted else { return }
        bytes += size(element)
        // Twice as many as wanted, so that sorting is rare.
        if bytes / 2 > limit { trim() }
    }

    mutating func removeAll() {
        found.removeAll()
        bytes = 0
        end = nil
    }

    private mutating func trim() {
        let all = found.sorted(by: precedes)
        let kept = fitting(all)
        if kept < all.count { end = all[kept] }
        found = Set(all[..<kept])
        bytes = found.reduce(0) { $0 + size($1) }
    }

    /// How many of the first elements fit.
    private func fitting(_ all: [Element]) -> Int {
        var bytes = 0
        for (index, element) in all.enumerated() {
            bytes += size(element)
            if bytes > limit { return index }
        }
        return all.count
    }

    /// The elements that fit, in order.
    var sorted: [Element] {
        let all = found.sorted(by: precedes)
        return Array(all[..<fitting(all)])
    }
}
