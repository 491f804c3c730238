import MartletCore

/// The pages without compression of parts that lie elsewhere which were read last, found sound: a lookup of an id reads a few
/// of them many times.
final class RemotePages: Sendable {
    private struct Key: Hashable {
        let file: UInt64
        let offset: UInt64
    }

    private struct State {
        var pages: [Key: (bytes: [UInt8], lastUse: Int)] = [:]
        var uses = 0
        var memory = 0
    }

    private let limit: Int
    private let state = Lock(State())

    /// Keeps so many bytes.
    init(limit: Int) { self.limit = limit }

    /// A page of the file with a serial number; read when it is not there.
    func page(
        _ file: UInt64, _ page: PageReference, _ read: () throws(PartDamage) -> [UInt8]
    ) throws(PartDamage) -> [UInt8] {
        let key = Key(file: file, offset: page.offset)
        let known = state.withLock { state in
            state.uses += 1
            state.pages[key]?.lastUse = state.uses
            return state.pages[key]?.bytes
        }
        if let known { return known }
        let bytes = try read()
        state.withLock { state in
            guard state.pages[key] == nil, bytes.count <= limit / 4 else { return }
            state.pages[key] = (bytes, state.uses)
            state.memory += bytes.count
            while state.memory > limit,
                let oldest = state.pages.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.memory -= oldest.value.bytes.count
                state.pages[oldest.key] = nil
            }
        }
        return bytes
    }
}
