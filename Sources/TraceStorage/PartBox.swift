/// A part that no longer changes, shared by the store and the queries that read it.
final class PartBox: Sendable {
    let part: MemoryPart

    init(_ part: MemoryPart) {
        self.part = part
    }
}
