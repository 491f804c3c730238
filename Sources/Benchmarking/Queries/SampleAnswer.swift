import MartletCore

/// The series of an answer of Prometheus' API, which Loki's has for numbers.
struct SampleAnswer: Sendable {
    /// Series in the answer.
    private(set) var series = 0
    /// Values in them.
    private(set) var values = 0
    /// All values added up.
    private(set) var sum = 0.0

    init(_ body: [UInt8]) throws(JSONError) {
        let document = try JSONValue(parsing: body)
        guard let result = document["data"]?["result"]?.array else {
            throw JSONError(offset: 0, reason: "no result")
        }
        series = result.count
        for one in result {
            for sample in one["values"]?.array ?? one["value"].map({ [$0] }) ?? [] {
                values += 1
                sum += Double(sample[1]?.string ?? "") ?? .nan
            }
        }
    }
}
