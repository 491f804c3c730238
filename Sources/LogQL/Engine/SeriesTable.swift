import MartletCore

/// Numbers distinct label encodings.
struct SeriesTable {
    private(set) var labels: [[UInt8]] = []
    private var places: [UInt64: Int] = [:]

    var count: Int { labels.count }

    /// The number of a label set, and whether it is new.
    mutating func place(of encoding: [UInt8]) -> (place: Int, isNew: Bool) {
        var hash = Hash64.hash(encoding)
        while let place = places[hash] {
            if labels[place] == encoding { return (place, false) }
            hash &+= 1
        }
        places[hash] = labels.count
        labels.append(encoding)
        return (labels.count - 1, true)
    }
}
