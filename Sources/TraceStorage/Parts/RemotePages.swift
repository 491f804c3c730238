import MartletCore

/// The pages without compression of parts that lie elsewhere which were read last, found sound: a lookup of an id reads a few
/// of them many times.
final class RemotePages: Sendable {
    private struct Key: Hashable {
        let file: UInt64
        let offset: UInt64
    }

    /// Two generations: when the one that is filled has its half of the room, the other one goes as a whole, so that no
    /// page is ever looked for to make room. What is read again moves to the new one.
    private struct State {
        var young: [Key: [UInt8]] = [:]
        var old: [Key: [UInt8]] = [:]
        /// Bytes of the pages in `young`.
        var memory = 0

        mutating func add(_ bytes: [UInt8], _ key: Key, limit: Int) {
            guard young[key] == nil, bytes.count <= limit / 4 else { return }
            if memory + bytes.count > limit / 2 {
                old = young
                young = [:]
                memory = 0
            }
            young[key] = bytes
            memory += bytes.count
        }
    }

    private let limit: Int
    private let state = Lock(State())

    /// Keeps so many bytes at most, and those that were read last of them at least a quarter.
    init(limit: Int) { self.limit = limit }

    /// A page of the file with a serial number; read when it is not there.
    func page(
        _ file: UInt64, _ page: PageReference, _ read: () throws(PartDamage) -> [UInt8]
    ) throws(PartDamage) -> [UInt8] {
        let key = Key(file: file, offset: page.offset)
        let known = state.withLock { state -> [UInt8]? in
            if let bytes = state.young[key] { return bytes }
            guard let bytes = state.old[key] else { return nil }
            state.add(bytes, key, limit: limit)
            return bytes
        }
        if let known { return known }
        let bytes = try read()
        state.withLock { $0.add(bytes, key, limit: limit) }
        return bytes
    }
}
