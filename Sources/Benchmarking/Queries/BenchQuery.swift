import MartletCore

/// A question about data that was sent, and how its answer is judged.
package struct BenchQuery: Sendable {
    /// What an answer is worth.
    package enum Verdict: Sendable, Hashable {
        case right
        /// What there was, and what there should have been.
        case wrong(got: String, expected: String)
    }

    /// What it is about, in a few words.
    package let name: String
    /// In the query language, or an id.
    package let text: String
    let path: String
    let parameters: [(String, String)]
    /// Whether the parameters are a form, since they may be longer than a URL.
    let isForm: Bool
    private let judge: @Sendable ([UInt8]) throws(JSONError) -> Verdict

    /// A question by GET, or by a form.
    init(
        _ name: String, _ text: String, path: String, _ parameters: [(String, String)], isForm: Bool = false,
        judge: @escaping @Sendable ([UInt8]) throws(JSONError) -> Verdict
    ) {
        self.name = name
        self.text = text
        self.path = path
        self.parameters = parameters
        self.isForm = isForm
        self.judge = judge
    }

    /// Judges the body of an answer; one that cannot be read is wrong.
    package func verdict(_ body: [UInt8]) -> Verdict {
        do throws(JSONError) {
            return try judge(body)
        } catch {
            return .wrong(got: "what cannot be read (\(error))", expected: "an answer of this API")
        }
    }
}
