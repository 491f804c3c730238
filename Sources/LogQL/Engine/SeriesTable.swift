import MartletCore

/// Numbers distinct label encodings.
struct SeriesTable: Sendable {
    private(set) var labels: [[UInt8]] = []
    private var places: [UInt64: Int] = [:]
    /// The number given last: entries of one series often follow each other.
    private var last = 0

    var count: Int { labels.count }

    /// The number of a label set, and whether it is new.
    mutating func place(of encoding: [UInt8]) -> (place: Int, isNew: Bool) {
        if last < labels.count, labels[last] == encoding { return (last, false) }
        var hash = Hash64.hash(encoding)
        while let place = places[hash] {
            if labels[place] == encoding {
                last = place
                return (place, false)
            }
            hash &+= 1
        }
        places[hash] = labels.count
        last = labels.count
        labels.append(encoding)
        return (last, true)
    }
}
