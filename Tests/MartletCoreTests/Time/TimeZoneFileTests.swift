import MartletCore
import Testing

@Suite("Time zones")
struct TimeZoneFileTests {
    @Test(
        "are as far off UTC as their files and rules say",
        arguments: [
            ("Europe/Berlin", "2026-01-15T12:00:00Z", 3600), ("Europe/Berlin", "2026-07-15T12:00:00Z", 7200),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
            ("Europe/Berlin", "2060-10-31T01:00:00Z", 3600), ("America/New_York", "2050-07-04T12:00:00Z", -14400),
            ("Australia/Sydney", "2050-01-15T12:00:00Z", 39600), ("Asia/Kolkata", "2026-01-15T12:00:00Z", 19800),
            ("UTC", "2026-01-15T12:00:00Z", 0),
        ])
    func offset(_ name: String, _ time: String, _ expected: Int) throws {
        let zone = try #require(TimeZoneFile(named: name))
        #expect(zone.offset(at: try #require(RFC3339.parse(time)).seconds) == expected)
    }

    @Test(
        "have a name for each of their periods",
        arguments: [
            ("Europe/Berlin", "2026-01-15T12:00:00Z", "CET"), ("Europe/Berlin", "2026-07-15T12:00:00Z", "CEST"),
            ("America/New_York", "2050-07-04T12:00:00Z", "EDT"), ("America/Sao_Paulo", "2026-01-15T12:00:00Z", "-03"),
            ("UTC", "2026-01-15T12:00:00Z", "UTC"),
        ])
    func abbreviation(_ name: String, _ time: String, _ expected: String) throws {
        let zone = try #require(TimeZoneFile(named: name))
        #expect(zone.period(at: try #require(RFC3339.parse(time)).seconds).abbreviation == expected)
    }

    @Test("A file cut at any byte is refused or still answers")
    func truncated() throws {
        var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, 1, 1, 4] as [UInt8] { bytes += [0, 0, 0, count] }
        bytes += [0, 0, 0, 1, 0] + [0, 0, 14, 16, 0, 0] + Array("CET\0".utf8)
        bytes += Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, 1, 1, 4] as [UInt8] { bytes += [0, 0, 0, count] }
        bytes += [0, 0, 0, 0, 0, 0, 0, 1, 0] + [0, 0, 14, 16, 0, 0] + Array("CET\0\nCET-1\n".utf8)
        #expect(TimeZoneFile(bytes)?.offset(at: 5) == 3600)
        for length in 0..<bytes.count {
            if let zone = TimeZoneFile(Array(bytes[..<length])) { #expect(abs(zone.offset(at: 5)) <= 3600) }
        }
    }

    @Test(
        "Rules that are none are refused",
        arguments: ["", "C", "CET", "CET-1CEST,M3.5", "CET-1CEST,M13.5.0,M10.5.0", "CET-99"])
    func badRule(_ text: String) {
        #expect(PosixZone(text) == nil)
    }
}
