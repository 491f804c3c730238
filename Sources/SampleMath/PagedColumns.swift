/// Columns of equal length that grow by pages: growing copies nothing and takes no more memory than the columns need, which is
/// what a query is charged for.
struct PagedColumns<Element: Sendable>: Sendable {
    /// Elements of a page, about.
    private static var pageSize: Int { 1024 }

    private let steps: Int
    private let columnsPerPage: Int
    private let initial: Element
    private var pages: [[Element]] = []

    /// No columns yet; new ones have `initial` at all steps.
    init(steps: Int, initial: Element) {
        self.steps = steps
        self.initial = initial
        columnsPerPage = Swift.max(1, Self.pageSize / Swift.max(1, steps))
    }

    /// Makes columns up to a number.
    mutating func grow(to count: Int) {
        while pages.count * columnsPerPage < count {
            pages.append([Element](repeating: initial, count: columnsPerPage * steps))
        }
    }

    /// Calls `body` with a column in place.
    @inline(__always)
    mutating func with<R>(_ column: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> R) -> R {
        let (page, start) = (column / columnsPerPage, column % columnsPerPage * steps)
        let places = start..<start + steps
        return pages[page].withUnsafeMutableBufferPointer {
            body(UnsafeMutableBufferPointer(rebasing: $0[places]))
        }
    }
}
