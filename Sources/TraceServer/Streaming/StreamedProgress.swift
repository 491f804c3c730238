import Service

/// What a stream tells while its query runs: at once what takes long, and never more often than is worth its making.
///
/// Belongs to one thread.
final class StreamedProgress {
    /// How far a query has come.
    struct Jobs {
        let done: Int
        let total: Int

        /// Of an answer that is given at once.
        static let whole = Jobs(done: 1, total: 1)
    }

    private let account: RequestAccount
    private let send: (StreamedAnswer) -> Void
    private var total = 1
    private var due = ContinuousClock.now + .milliseconds(100)

    /// - Parameters:
    ///   - account: pays for the answers that are not sent yet.
    ///   - send: takes an answer and does not wait.
    init(_ account: RequestAccount, _ send: @escaping (StreamedAnswer) -> Void) {
        self.account = account
        self.send = send
    }

    /// That everything is done.
    var all: Jobs { Jobs(done: total, total: total) }

    /// Sends what is known so far, when that is due. What there is no memory for is not sent.
    func report(_ done: Int, _ total: Int, _ messages: (Jobs) -> [[UInt8]]?) {
        self.total = max(1, total)
        let began = ContinuousClock.now
        // What is complete comes in a moment anyway.
        guard done < total, began >= due else { return }
        if let messages = messages(Jobs(done: done, total: self.total)),
            let answer = try? StreamedAnswer(messages, account)
        {
            send(answer)
        }
        let end = ContinuousClock.now
        due = end + max(.milliseconds(250), (end - began) * 4)
    }

    /// The complete answer.
    func finish(_ messages: [[UInt8]]) throws(HTTPFailure) -> StreamedAnswer {
        try StreamedAnswer(messages, account)
    }
}
