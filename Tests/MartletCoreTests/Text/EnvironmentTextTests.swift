import MartletCore
import Testing

@Suite("EnvironmentText")
struct EnvironmentTextTests {
    @Test(
        "names are replaced, a doubled dollar stays",
        arguments: [
            ("$HOST", "db.example"), ("a${HOST}b", "adb.exampleb"), ("$$HOST", "$HOST"), ("$NONE|", "|"), ("5$", "5$"),
            ("${HOST", "$" + "{HOST"), ("$HOST$PASS", "db.examples3cret"), ("$HOSTé", "db.exampleé"),
        ])
    func expand(text: String, expected: String) {
        #expect(EnvironmentText.expand(text) { ["HOST": "db.example", "PASS": "s3cret"][$0] } == expected)
    }
}
