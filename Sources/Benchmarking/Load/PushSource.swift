/// Makes the requests of a load. Each is a function of its number alone, so that connections make theirs at the same time,
/// nothing is kept of what was sent, and what servers should answer can be worked out afterwards.
package protocol PushSource: Sendable {
    /// How many pushes there are; nil for no end.
    var pushes: Int64? { get }
    /// Items in a push, on average.
    var itemsPerPush: Double { get }
    /// Fields that all requests have.
    var headers: [(name: String, value: String)] { get }
    /// Pushes of different rounds must not carry the same time: series may have one sample a millisecond. 0 where that does not
    /// matter.
    func round(of number: Int64) -> Int64
    /// A push, ready to be sent.
    /// - Parameter now: Unix nanoseconds, for loads whose data is of the present.
    func push(_ number: Int64, now: Int64) throws -> Push
}

/// A request of a load.
package struct Push: Sendable {
    /// As it is sent.
    package var body: [UInt8]
    /// Bytes before compression.
    package var rawBytes: Int
    /// What is in it.
    package var tally: Tally
    /// The earliest and the latest time in it, Unix nanoseconds.
    package var times: ClosedRange<Int64>

    /// A request.
    package init(body: [UInt8], rawBytes: Int, tally: Tally, times: ClosedRange<Int64>) {
        self.body = body
        self.rawBytes = rawBytes
        self.tally = tally
        self.times = times
    }
}
