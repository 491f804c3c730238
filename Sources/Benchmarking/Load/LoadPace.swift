/// How fast a load goes, over how many connections, and for how long.
package struct LoadPace: Sendable, Hashable {
    /// Connections that send at the same time, each one push at a time.
    package var connections: Int
    /// Items a second over all connections; nil for as many as are taken.
    package var rate: Double?
    /// When no more pushes are begun; nil when the source ends by itself.
    package var duration: Duration?

    /// A pace; as fast as it goes until the source ends, unless given.
    package init(connections: Int, rate: Double? = nil, duration: Duration? = nil) {
        self.connections = connections
        self.rate = rate
        self.duration = duration
    }

    /// When push `number` is due, counted from the beginning of the load.
    package func due(_ number: Int64, itemsPerPush: Double) -> Duration {
        guard let rate else { return .zero }
        return .seconds(Double(number) * itemsPerPush / rate)
    }
}
