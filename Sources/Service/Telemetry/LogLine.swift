import MartletCore

#if canImport(Glibc)
import Glibc
#endif

/// One log line under construction, as logfmt or as a JSON object.
struct LogLine {
    private let format: LogFormat
    private var bytes: [UInt8] = []
    /// Longest value, in bytes; the rest is cut and marked.
    private static let valueLimit = 16 << 10

    init(format: LogFormat) {
        self.format = format
        bytes.reserveCapacity(256)
        if format == .json { bytes.append(UInt8(ascii: "{")) }
    }

    mutating func field(_ key: String, _ value: String) {
        switch format {
        case .logfmt:
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            // logfmt keys cannot be quoted: what would end or split one becomes an underscore.
            for byte in key.utf8 {
                let isPlain = byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"")
                bytes.append(isPlain ? byte : UInt8(ascii: "_"))
            }
            bytes.append(UInt8(ascii: "="))
            let isPlain =
                !value.isEmpty
                && value.utf8.allSatisfy {
                    $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\"")
                }
            if isPlain && value.utf8.count <= Self.valueLimit {
                bytes.append(contentsOf: value.utf8)
            } else {
                quoted(value)
            }
        case .json:
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            quoted(key)
            bytes.append(UInt8(ascii: ":"))
            quoted(value)
        }
    }

    /// Hands out the finished line with its line end.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes.withUnsafeBytes(body)
    }

    /// A JSON string, which is also a valid logfmt one.
    private mutating func quoted(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        var left = Self.valueLimit
        for byte in value.utf8 {
            // Cut between characters only, so that the line stays valid UTF-8.
            if left <= 0 && byte & 0xC0 != 0x80 {
                bytes.append(contentsOf: "…".utf8)
                break
            }
            left -= 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case ..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                Hex.append(CollectionOfOne(byte), to: &bytes)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 3339 in UTC with milliseconds.
    static func timestamp(seconds: Int, nanoseconds: Int) -> String {
        var instant = time_t(seconds)
        var parts = tm()
        gmtime_r(&instant, &parts)
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
        }
        return "\(Int(parts.tm_year) + 1900)-" + padded(Int(parts.tm_mon) + 1, 2) + "-" + padded(Int(parts.tm_mday), 2)
            + "T" + padded(Int(parts.tm_hour), 2) + ":" + padded(Int(parts.tm_min), 2) + ":"
            + padded(Int(parts.tm_sec), 2) + "." + padded(nanoseconds / 1_000_000, 3) + "Z"
    }
}
