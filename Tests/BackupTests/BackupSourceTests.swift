import Backup
import Service
import Testing

@Suite("What --store names")
struct BackupSourceTests {
    private func parse(_ text: String, data: String? = nil) throws -> String {
        let (store, source) = try BackupSource.parse(text, portOffset: 100, data: data)
        return "\(store.rawValue) \(source)"
    }

    @Test("is a server at its usual port, at a URL, or a directory")
    func sources() throws {
        #expect(try parse("logs") == #"logs server(url: "http://127.0.0.1:3200", directory: nil)"#)
        #expect(
            try parse("logs", data: "/d")
                == #"logs server(url: "http://127.0.0.1:3200", directory: Optional("/d/logs"))"#)
        #expect(
            try parse("metrics=https://a:1/prefix/,/mnt/m")
                == #"metrics server(url: "https://a:1/prefix", directory: Optional("/mnt/m"))"#)
        #expect(try parse("config=/etc/martlet") == #"config directory("/etc/martlet")"#)
        #expect(try parse("config", data: "/d") == #"config directory("/d/config")"#)
    }

    @Test(
        "is refused when it is none",
        arguments: [
            "metric", "", "logs=", "logs=/data", "logs=http://", "logs=http://me:secret@localhost:3100", "config",
            "config=",
        ])
    func refused(text: String) {
        #expect(throws: UsageError.self) { _ = try parse(text) }
    }
}
