import MartletCore

/// The streams of a tenant: labels in, small numbers and lasting ids out.
struct StreamRegistry: Sendable {
    struct Stream: Sendable {
        /// Lasting: the same in every index file, and after a restart.
        let id: UInt64
        let labels: Labels
    }

    private(set) var streams: [Stream] = []
    private var places: [UInt64: Int] = [:]

    /// The number of the stream with these labels (canonical bytes), made when missing. The id is the hash of the labels,
    /// counted up where another stream has it already.
    mutating func number(of labels: UnsafeRawBufferPointer) throws -> Int {
        var id = Hash64.hash(labels)
        while let place = places[id] {
            if streams[place].labels.bytes.withUnsafeBytes({ Bytes.equal($0, labels) }) { return place }
            id &+= 1
        }
        guard let checked = Labels(validating: [UInt8](labels)) else { throw LogStorageError.invalidLabels }
        return add(id, checked)
    }

    /// Whether there is a stream with these labels.
    func contains(_ labels: Labels) -> Bool {
        var id = labels.hash64
        while let place = places[id] {
            if streams[place].labels == labels { return true }
            id &+= 1
        }
        return false
    }

    /// Takes over a stream from an index file.
    mutating func restore(_ entry: LogIndex.Entry) {
        if places[entry.id] == nil { _ = add(entry.id, entry.labels) }
    }

    private mutating func add(_ id: UInt64, _ labels: Labels) -> Int {
        places[id] = streams.count
        streams.append(Stream(id: id, labels: labels))
        return streams.count - 1
    }
}
