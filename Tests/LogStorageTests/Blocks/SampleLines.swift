/// Lines as programs write them, and as only an adversary would; the same for the same seed.
struct SampleLines {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed) }

    /// `count` lines of one way of writing, or of all of them in turn.
    mutating func lines(_ count: Int, _ style: Style) -> [[UInt8]] {
        (0..<count).map { index in line(style == .mixed ? Style.single[index % Style.single.count] : style) }
    }

    enum Style: String, CaseIterable, Sendable {
        case access, json, logfmt, syslog, trace, ids, base64, bytes, marks, digits, lookalikes, arrays, empty, mixed

        static let single = allCases.filter { $0 != .mixed }
    }

    private mutating func line(_ style: Style) -> [UInt8] {
        let words = ["error", "timeout", "ok", "deadbeef", "Payment accepted", "ünïcode"]
        let word = words.randomElement(using: &random) ?? ""
        switch style {
        case .access:
            return Array(
                "10.\(below(4)).\(below(256)).7 \"GET /p/\(below(9999)) HTTP/1.1\" \(200 + below(2) * 300) \(below(90000)) 0.\(below(10))"
                    .utf8)
        case .json:
            return Array(
                "{\"level\":\"\(word)\",\"trace\":\"\(hex(32))\",\"amount\":\(below(500)).\(below(100)),\"user\":\"user_\(below(50))\"}"
                    .utf8)
        case .logfmt:
            return Array(
                "ts=2026-01-01T00:00:0\(below(10)).\(100 + below(900))Z level=\(word) took=\(below(99))ms id=\(hex(16)) host12 v1beta\(below(3))"
                    .utf8)
        case .syslog:
            return Array(
                "<\(below(190))>Jan  \(1 + below(9)) 12:0\(below(10)):\(10 + below(50)) web-\(below(3)) sshd[\(below(40000))]: \(word) from 192.168.\(below(256)).\(below(256)) port \(below(65536))"
                    .utf8)
        case .trace: return Array("\tat org.example.\(word).Handler.run(Handler.java:\(below(300)))".utf8)
        case .ids:
            let id = "\(hex(8))-\(hex(4))-\(hex(4))-\(hex(4))-\(hex(12))"
            return Array(
                "\(id) 0x\(hex(1 + below(16))) \(below(2) == 0 ? id.uppercased() : hex(7)) \(hex(9).uppercased())".utf8)
        case .base64:
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
            return (0..<below(200)).map { _ in letters.randomElement(using: &random) ?? 0 }
        case .bytes: return (0..<below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case .marks: return (0..<below(20)).map { _ in [0x11, 0, 0x31, 0x61, 0x2D, 0xFF][below(6)] }
        case .digits: return (0..<below(50)).map { _ in [0x30, 0x30, 0x31, 0x39, 0x2E, 0x61][below(6)] }
        case .lookalikes:
            // Numbers, ids and words that begin or end alike, one after the other.
            return (0...below(4)).flatMap { _ -> [UInt8] in
                let before = ["", "x=", "x=dead", "x=g", "a-", "-", "Dead"].randomElement(using: &random) ?? ""
                let number = below(3) == 0 ? hex(1 + below(10)) : String(below([9, 99_999, 1 << 40][below(3)]))
                let behind = ["", "ms", " ", "f", "0f", "-", "-dead-beef"].randomElement(using: &random) ?? ""
                return Array((before + number + behind).utf8)
            }
        case .arrays: return Array("[\((0..<below(60)).map { _ in "\(below(30))" }.joined(separator: ","))]".utf8)
        case .empty: return []
        case .mixed: return []
        }
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    private mutating func hex(_ count: Int) -> String {
        String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" })
    }
}
