import MartletCore

/// A text that is searched for, with what can be told of it beforehand: which of its parts could lie in variables.
struct Needle {
    /// What a variable's bytes can be, by the kind of its column.
    enum Alphabet: Int, CaseIterable {
        case digits, lowerHex, upperHex, lowerUUID, upperUUID, any

        init(_ kind: ColumnKind) {
            switch kind {
            case .digits, .deltas: self = .digits
            case .lowerHex: self = .lowerHex
            case .upperHex: self = .upperHex
            case .lowerUUID: self = .lowerUUID
            case .upperUUID: self = .upperUUID
            case .dictionary, .text: self = .any
            }
        }

        /// Classes of its bytes, and whether a dash is one.
        fileprivate var classes: (joined: UInt8, hasDash: Bool) {
            typealias Class = LineTokenizer.Class
            switch self {
            case .digits: return (Class.digit, false)
            case .lowerHex: return (Class.digit | Class.lowerHex, false)
            case .upperHex: return (Class.digit | Class.upperHex, false)
            case .lowerUUID: return (Class.digit | Class.lowerHex, true)
            case .upperUUID: return (Class.digit | Class.upperHex, true)
            case .any: return (Class.digit | Class.lowerHex | Class.upperHex | Class.letter, true)
            }
        }

        /// Its bytes, and with all others the mark.
        var bytes: [UInt8] {
            let (joined, hasDash) = classes
            return (UInt8(0)..<128).filter { byte in
                LineTokenizer.classes[Int(byte)] & joined != 0 || hasDash && byte == UInt8(ascii: "-")
                    || self == .any && byte == LineTokenizer.mark
            }
        }
    }

    let bytes: UnsafeRawBufferPointer
    /// Whether it has small letters that stand for both cases.
    let isFolded: Bool
    /// By alphabet and place: how many bytes from there on are of the alphabet.
    private let runs: [[Int]]
    /// The bytes that it has.
    private let present: [Bool]
    /// Whether it could reach from a template's text into a variable, or out of one. Variables begin and end where digits,
    /// letters and other bytes meet each other (`LineTokenizer`), so the text must have two neighbours of which that is true.
    let reachesOverBorders: Bool

    /// `bytes` must outlive the needle and not be empty; what is folded has no capital letters.
    init(_ bytes: UnsafeRawBufferPointer, isFolded: Bool) {
        self.bytes = bytes
        self.isFolded = isFolded
        runs = Alphabet.allCases.map { alphabet in
            let (joined, hasDash) = alphabet.classes
            var lengths = [Int](repeating: 0, count: bytes.count + 1)
            for place in stride(from: bytes.count - 1, through: 0, by: -1) {
                let byte = bytes[place]
                var kind = LineTokenizer.classes[Int(byte)]
                if isFolded { kind |= LineTokenizer.classes[Int(Self.capital(byte))] }
                let isIn = kind & joined != 0 || hasDash && byte == UInt8(ascii: "-")
                lengths[place] = isIn ? lengths[place + 1] + 1 : 0
            }
            return lengths
        }
        var present = [Bool](repeating: false, count: 256)
        for byte in bytes {
            present[Int(byte)] = true
            if isFolded { present[Int(Self.capital(byte))] = true }
        }
        self.present = present
        let kinds = bytes.map { byte -> Int in
            let kind = LineTokenizer.classes[Int(byte)]
            return kind == 0 ? 0 : kind == LineTokenizer.Class.digit ? 1 : 2
        }
        reachesOverBorders = zip(kinds, kinds.dropFirst()).contains { $0 != $1 }
    }

    var count: Int { bytes.count }

    private static func capital(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & ~0x20 : byte
    }

    /// Where it occurs first in a text.
    func find(in text: UnsafeRawBufferPointer) -> Int? {
        isFolded ? Bytes.findFolded(bytes, in: text) : Bytes.find(bytes, in: text)
    }

    /// Whether a byte of a text can stand for one of the needle, or the other way round.
    func isEqual(_ a: UInt8, _ b: UInt8) -> Bool { isFolded ? Bytes.folded(a) == Bytes.folded(b) : a == b }

    /// Whether it has the mark, which no template's text has.
    var hasMark: Bool { present[Int(LineTokenizer.mark)] }

    /// How many bytes from `place` on are of the alphabet.
    func run(_ alphabet: Alphabet, from place: Int) -> Int { runs[alphabet.rawValue][place] }

    /// Whether all of it could lie in a variable.
    func fits(_ alphabet: Alphabet) -> Bool { run(alphabet, from: 0) == count }

    /// Whether any of its bytes could lie in a variable.
    func touches(_ alphabet: Alphabet) -> Bool { runs[alphabet.rawValue].contains { $0 > 0 } }

    func has(_ byte: UInt8) -> Bool { present[Int(byte)] }
}
