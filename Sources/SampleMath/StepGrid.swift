/// The moments at which a query is evaluated: `count` times from `start`, `step` milliseconds apart.
package struct StepGrid: Hashable, Sendable {
    package var start: Int64
    /// At least 1, also where there is one moment only; 0 only where all moments are the same.
    package var step: Int64
    package var count: Int

    package init(start: Int64, step: Int64, count: Int) {
        self.start = start
        self.step = max(1, step)
        self.count = count
    }

    /// One moment.
    package init(instant: Int64) {
        self.init(start: instant, step: 1, count: 1)
    }

    /// The same moment `count` times: what a fixed time means to a query of many steps.
    package init(constant: Int64, count: Int) {
        start = constant
        step = 0
        self.count = count
    }

    /// All moments from `start` to `end`, inclusive.
    package init(start: Int64, end: Int64, step: Int64) {
        self.init(start: start, step: step, count: end < start ? 0 : Int((end - start) / max(1, step)) + 1)
    }

    /// The last moment.
    @inlinable
    package var end: Int64 { start + step * Int64(max(0, count - 1)) }

    @inlinable
    package func time(_ index: Int) -> Int64 { start + step * Int64(index) }

    /// The same moments, moved.
    package func shifted(by milliseconds: Int64) -> StepGrid {
        var moved = self
        moved.start += milliseconds
        return moved
    }
}
