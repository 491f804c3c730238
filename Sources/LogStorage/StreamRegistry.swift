import MartletCore

/// The streams of a tenant: labels in, small numbers and lasting ids out.
struct StreamRegistry: Sendable {
    struct Stream: Sendable {
        /// Lasting: the same in every index file, and after a restart.
        let id: UInt64
        let labels: Labels

        /// False for a number that waits for its next stream.
        var isKnown: Bool { !labels.isEmpty }
    }

    /// By number; a forgotten stream leaves its number for another.
    private(set) var streams: [Stream] = []
    private var places: [UInt64: Int] = [:]
    private var free: [Int] = []

    /// How often numbers became free: until it changes, each is that of the same stream.
    private(set) var forgettings = 0

    /// Bytes of memory that streams take, about.
    private(set) var memoryBytes = 0

    /// Streams that are not forgotten.
    var count: Int { places.count }

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

    /// Forgets the streams whose numbers `isUnused` names; the numbers forgotten.
    mutating func forget(_ isUnused: (Int) -> Bool) -> [Int] {
        var forgotten: [Int] = []
        // An id that was counted up past another must not lose that other.
        for (id, number) in places where isUnused(number) && places[id &+ 1] == nil { forgotten.append(number) }
        for number in forgotten {
            places[streams[number].id] = nil
            memoryBytes -= Self.bytes(streams[number].labels)
            streams[number] = Stream(id: 0, labels: Labels())
        }
        free += forgotten
        if !forgotten.isEmpty { forgettings += 1 }
        return forgotten
    }

    private static func bytes(_ labels: Labels) -> Int { labels.bytes.count + 128 }

    private mutating func add(_ id: UInt64, _ labels: Labels) -> Int {
        memoryBytes += Self.bytes(labels)
        if let number = free.popLast() {
            places[id] = number
            streams[number] = Stream(id: id, labels: labels)
            return number
        }
        places[id] = streams.count
        streams.append(Stream(id: id, labels: labels))
        return streams.count - 1
    }
}
