import Peers
import Testing

@Suite("Parameters of requests")
struct QueryParameterTests {
    @Test("are encoded as a URL and a form have them, in their order")
    func encoded() {
        #expect(QueryParameter.encoded([]) == "")
        #expect(
            QueryParameter.encoded([("query", "a{b=\"c d\"}&e"), ("x", "")]) == "query=a%7Bb%3D%22c%20d%22%7D%26e&x=")
    }

    @Test(
        "have times in seconds with milliseconds",
        arguments: [
            (0, "0"), (1_500_000_000, "1.500"), (1_700_000_000_123_456_789, "1700000000.123"),
        ] as [(Int64, String)])
    func seconds(_ nanoseconds: Int64, _ text: String) { #expect(QueryParameter.seconds(nanoseconds) == text) }
}
