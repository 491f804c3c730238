import Collection
import Durable
import Testing

@Suite("Path patterns match as Promtail's __path__ does")
struct GlobPatternTests {
    @Test(
        "path by path",
        arguments: [
            ("/var/log/*.log", "/var/log/a.log", true), ("/var/log/*.log", "/var/log/x/a.log", false),
            ("/var/log/**/*.log", "/var/log/a.log", true), ("/var/log/**/*.log", "/var/log/x/y/a.log", true),
            ("/var/log/**", "/var/log/x/y", true), ("/var/log/?.log", "/var/log/a.log", true),
            ("/var/log/?.log", "/var/log/ab.log", false), ("/var/log/[a-c].log", "/var/log/b.log", true),
            ("/var/log/[^a-c].log", "/var/log/b.log", false), ("/var/log/{a,b}*.{log,txt}", "/var/log/bx.txt", true),
            ("/var/log/{a,b}*.{log,txt}", "/var/log/cx.txt", false), ("/var/log/\\*.log", "/var/log/*.log", true),
            ("/var/log/\\*.log", "/var/log/a.log", false), ("/**/x", "/x", true),
            ("/a/**/b/**/c", "/a/1/b/2/3/c", true),
            ("/a/*b*c*d", "/a/xbxcxbxd", true), ("/a/*b*c*d", "/a/xbxcxbxdx", false), ("/a//b", "/a/b", true),
        ])
    func matches(_ pattern: String, _ path: String, _ expected: Bool) throws {
        #expect(try GlobPattern(pattern).matches(path) == expected)
    }

    @Test("and refuse what they cannot mean", arguments: ["a/*", "/a[b", "/{a,b", "/a\\", "/[z-a]", ""])
    func bad(_ pattern: String) {
        #expect(throws: GlobError.self) { try GlobPattern(pattern) }
    }

    @Test("Braces that multiply beyond reason are refused")
    func explosion() {
        let pattern = "/" + String(repeating: "{a,b}", count: 12)
        #expect(throws: GlobError.self) { try GlobPattern(pattern) }
    }

    @Test("On disk only regular files are found, at the depth the pattern says")
    func expand() throws {
        let directory = try TemporaryDirectory()
        for name in ["a.log", "b.txt", "x/c.log", "x/y/d.log"] { try directory.write(name, "") }
        func found(_ pattern: String) throws -> [String] {
            try GlobPattern(directory.path + pattern).expand(on: DiskPaths())
                .map { String($0.dropFirst(directory.path.count)) }
        }
        #expect(try found("/*.log") == ["/a.log"])
        #expect(try found("/**/*.log") == ["/a.log", "/x/c.log", "/x/y/d.log"])
        #expect(try found("/*") == ["/a.log", "/b.txt"])
        #expect(try found("/**") == ["/a.log", "/b.txt", "/x/c.log", "/x/y/d.log"])
        #expect(try found("/a.log") == ["/a.log"])
        #expect(try found("/missing/*") == [])
    }
}
