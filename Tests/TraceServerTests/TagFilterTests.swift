import Service
import Testing
import TraceServer

@Suite("The tags parameter of a search")
struct TagFilterTests {
    @Test(
        "means a TraceQL query",
        arguments: [
            ("", "{ }"), ("  ", "{ }"),
            ("service.name=shop", #"{ ."service.name" =~ "(?is).*shop.*" }"#),
            ("name=GET error=true", #"{ name =~ "(?is).*GET.*" && status = error }"#),
            ("status=ok", "{ status = ok }"),
            ("http.status_code=500", #"{ (."http.status_code" =~ "(?is).*500.*" || ."http.status_code" = 500) }"#),
            (#"a="x y.\"z""#, #"{ ."a" =~ "(?is).*x y\\.\"z.*" }"#),
            ("cache=true", #"{ (."cache" =~ "(?is).*true.*" || ."cache" = true) }"#),
            ("root.service.name=a", #"{ rootServiceName =~ "(?is).*a.*" }"#),
        ])
    func query(tags: String, expected: String) throws {
        #expect(try TagFilter.query(tags) == expected)
    }

    @Test("refuses what is no list of pairs", arguments: ["a", "=b", "a=\"b", "a=b c"])
    func refuses(tags: String) {
        #expect(throws: HTTPFailure.self) { try TagFilter.query(tags) }
    }
}
