import MartletCore

/// What is learnt of a document's keys while it is decoded for a ``ConfigSurvey``.
final class SurveyNotes: Sendable {
    /// What a decoder says of a key.
    enum Remark: Equatable {
        case withoutMeaning(String)
        case unsupported(String)
        case unknown(String)
    }

    struct Note {
        let path: String
        let remark: Remark
        let line: Int
    }

    private struct State {
        var notes: [Note] = []
        var asked: Set<String> = []
        var read: Set<String> = []
        var places: [(error: ConfigError, path: String)] = []
        var following: Set<String> = []
    }

    /// Places of earlier mistakes, which are passed over so that the rest is seen.
    private let muted: Set<String>
    private let state = Lock(State())

    init(muted: Set<String>) { self.muted = muted }

    func isMuted(_ path: String) -> Bool { muted.contains(path) }

    /// A decoder has asked for a key.
    func asked(_ path: String) { state.withLock { _ = $0.asked.insert(path) } }

    /// A decoder has taken a value.
    func read(_ path: String) { state.withLock { _ = $0.read.insert(path) } }

    func note(_ path: String, _ remark: Remark, at error: ConfigError) {
        state.withLock { $0.notes.append(Note(path: path, remark: remark, line: error.line ?? 0)) }
    }

    /// An error was made at a place; it may be thrown or not.
    func made(_ error: ConfigError, at path: String) { state.withLock { $0.places.append((error, path)) } }

    /// The next error at this place only follows from what is muted.
    func willFollow(_ path: String) { state.withLock { _ = $0.following.insert(path) } }

    /// Where an error that was thrown has its place; nil when none of the document's values made it.
    func place(of error: ConfigError) -> (path: String, isFollowing: Bool)? {
        state.withLock { state in
            state.places.last { $0.error == error }.map { ($0.path, state.following.contains($0.path)) }
        }
    }

    var notes: [Note] { state.withLock { $0.notes } }
    /// Paths of values that were taken, or asked for.
    func isRead(_ path: String) -> Bool { state.withLock { $0.read.contains(path) } }
    func isAsked(_ path: String) -> Bool { state.withLock { $0.asked.contains(path) } }
}
