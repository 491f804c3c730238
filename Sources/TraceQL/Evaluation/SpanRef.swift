/// A span in a snapshot.
struct SpanRef: Hashable, Sendable {
    let table: Int32
    let row: Int32
}
