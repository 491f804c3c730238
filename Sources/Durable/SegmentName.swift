/// File names of a log's segments: the number in at least 8 decimal digits, as Prometheus names them.
enum SegmentName {
    static func format(_ segment: Int) -> String {
        let digits = String(segment)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }

    /// The number, or nil for a name that is no segment's.
    static func parse(_ name: String) -> Int? {
        guard !name.isEmpty, name.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(name)
    }

    /// The numbers of the segments in a directory, ascending. A gap is corruption: a log is cut only in front.
    static func list(_ directory: String, on fileSystem: any FileSystem) throws(DurableError) -> [Int] {
        let numbers = try fileSystem.list(directory).compactMap(parse).sorted()
        for (previous, next) in zip(numbers, numbers.dropFirst()) where next != previous + 1 {
            throw DurableError(
                .corrupt, path: directory, operation: "list segments",
                message: "segment \(format(previous + 1)) is missing; move the segments before it away to go on")
        }
        return numbers
    }
}
