import MartletCore

/// The names of objects and manifests in a bucket.
///
/// Objects: `<tenant>/<signal>/<day>/<writer>/<generation>-<id>`, where the generation is the number of the manifest that
/// names the object first. Manifests: `~manifests/<signal>/<writer>/<sequence>-<session>`, a place that no tenant's name
/// can begin with. No name is used twice.
enum BucketKeys {
    /// What the names of a signal's manifests begin with.
    static func manifests(_ signal: String) -> String { "~manifests/\(signal)/" }

    /// What the names of a writer's manifests begin with.
    static func manifests(_ signal: String, writer: String) -> String { manifests(signal) + writer + "/" }

    /// The name of a manifest.
    static func manifest(_ signal: String, writer: String, sequence: Int, session: String) -> String {
        manifests(signal, writer: writer) + padded(sequence) + "-" + session
    }

    /// The name of an object of a tenant that begins to arrive at a time, Unix nanoseconds.
    static func object(
        tenant: String, signal: String, arrival: Int64, writer: String, generation: Int, id: String
    ) -> String {
        let day = CivilTime(unixSeconds: arrival / 1_000_000_000)
        let date = "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))"
        return "\(tenant)/\(signal)/\(date)/\(writer)/\(padded(generation))-\(id)"
    }

    /// A manifest's writer, number and session; nil for other names.
    static func parse(manifest key: String) -> (writer: String, sequence: Int, session: String)? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let name = parts[3].split(separator: "-", omittingEmptySubsequences: false)
        guard name.count == 2, let sequence = Int(name[0]), sequence > 0 else { return nil }
        return (String(parts[2]), sequence, String(name[1]))
    }

    /// The newest of a writer's manifests: the highest number, and of two with one number the smaller name, which its
    /// writer keeps when the other one gives way.
    static func newest(_ keys: [String]) -> String? { newestFirst(keys).first }

    /// A writer's manifests, the newest first.
    static func newestFirst(_ keys: [String]) -> [String] {
        keys.compactMap { key in parse(manifest: key).map { (key, $0.sequence) } }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    }

    /// 16 hexadecimal digits that nobody has had before.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hex.text(generator.next() as UInt64)
    }

    /// Decimal, so that names sort as the numbers do.
    private static func padded(_ number: Int, _ width: Int = 12) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
