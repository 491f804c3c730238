import SwiftASN1
import X509

#if canImport(Glibc)
import Glibc
#endif

/// A name or an address that a certificate is for.
package enum SubjectHost: Hashable, Sendable, CustomStringConvertible {
    /// A DNS name in lower case, a wildcard as its first label perhaps.
    case name(String)
    /// An address as it is written, and its 4 or 16 bytes.
    case address(String, [UInt8])

    /// - Parameter text: `metrics.example.org`, `*.example.org`, `10.0.0.5` or `fd00::5`; nil for anything else.
    package init?(_ text: String) {
        for (family, length) in Self.families {
            var bytes = [UInt8](repeating: 0, count: length)
            if inet_pton(family, text, &bytes) == 1 {
                self = .address(text, bytes)
                return
            }
        }
        let labels = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.enumerated().allSatisfy { index, label in
            index == 0 && label == "*" && labels.count > 2 || Self.isLabel(label)
        }
        // Digits alone would be an address that is none.
        guard isName, text.utf8.count <= 253, labels.last?.allSatisfy(\.isNumber) == false else { return nil }
        self = .name(text.lowercased())
    }

    /// The host of an extension that has names; nil for a name of another kind.
    init?(_ name: GeneralName) {
        switch name {
        case .dnsName(let text): self = .name(text)
        case .ipAddress(let octets):
            let bytes = Array(octets.bytes)
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard let family = Self.families.first(where: { $0.length == bytes.count })?.family,
                inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil
            else { return nil }
            self = .address(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self), bytes)
        default: return nil
        }
    }

    /// As an extension of a certificate has it.
    var generalName: GeneralName {
        switch self {
        case .name(let text): .dnsName(text)
        case .address(_, let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }

    package var description: String {
        switch self {
        case .name(let text), .address(let text, _): text
        }
    }

    /// Kinds of addresses, and how many bytes one has.
    private static let families: [(family: Int32, length: Int)] = [(AF_INET, 4), (AF_INET6, 16)]

    private static func isLabel(_ label: Substring) -> Bool {
        !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
