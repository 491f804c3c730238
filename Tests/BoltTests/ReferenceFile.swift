/// A second reading of the file format, written apart from the sources and in the simplest way: whole file in memory,
/// recursion, arithmetic on bytes. It traps on nothing: anything odd is a thrown text.
struct ReferenceFile {
    struct Fault: Error { var text: String }

    /// A bucket's content.
    indirect enum Node: Equatable {
        case value([UInt8])
        case bucket(sequence: UInt64, [[UInt8]: Node])
    }

    let bytes: [UInt8]
    let pageSize: Int
    let txid: UInt64
    let root: UInt64
    let freelist: UInt64
    let highWater: UInt64

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        var best: (txid: UInt64, offset: Int)?
        for offset in [0, 4096] where offset + 80 <= bytes.count {
            func word(_ at: Int, _ size: Int) -> UInt64 {
                (0..<size).reduce(0) { $0 | UInt64(bytes[offset + 16 + at + $1]) << (8 * UInt64($1)) }
            }
            var hash: UInt64 = 14_695_981_039_346_656_037
            for byte in bytes[offset + 16..<offset + 72] { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
            guard word(0, 4) == 0xED0C_DAED, word(4, 4) == 2, word(56, 8) == hash else { continue }
            guard word(8, 4) == 4096 else { throw Fault(text: "page size") }
            if best == nil || word(48, 8) > best?.txid ?? 0 { best = (word(48, 8), offset) }
        }
        guard let best else { throw Fault(text: "no meta") }
        func word(_ at: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[best.offset + 16 + at + $1]) << (8 * UInt64($1)) }
        }
        pageSize = 4096
        txid = best.txid
        root = word(16)
        freelist = word(32)
        highWater = word(40)
        guard best.offset == Int(txid % 2) * 4096 else { throw Fault(text: "meta on the wrong page") }
    }

    private func little(_ at: Int, _ size: Int) throws -> Int {
        guard at >= 0, at + size <= bytes.count else { throw Fault(text: "beyond the end at \(at)") }
        return (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }

    /// All buckets and values, and a proof that every page is used once.
    func content() throws -> [[UInt8]: Node] {
        var used = Set<Int>([0, 1])
        let content = try walk(Int(root) * pageSize, page: Int(root), used: &used)
        var at = Int(freelist) * pageSize
        guard try little(at, 8) == Int(freelist), try little(at + 8, 2) == 16 else { throw Fault(text: "freelist") }
        for page in 0...(try little(at + 12, 4)) {
            guard used.insert(Int(freelist) + page).inserted else { throw Fault(text: "freelist page used") }
        }
        var count = try little(at + 10, 2)
        at += 16
        if count == 0xFFFF {
            count = try little(at, 8)
            at += 8
        }
        for index in 0..<count {
            guard used.insert(try little(at + index * 8, 8)).inserted else { throw Fault(text: "free page used") }
        }
        guard used == Set(0..<Int(highWater)) else { throw Fault(text: "pages lost or beyond the end") }
        return content
    }

    private func walk(_ start: Int, page: Int, used: inout Set<Int>) throws -> [[UInt8]: Node] {
        guard try little(start, 8) == page else { throw Fault(text: "page \(page) has another id") }
        let flags = try little(start + 8, 2)
        if page != 0 {
            for id in page...page + (try little(start + 12, 4)) {
                guard used.insert(id).inserted else { throw Fault(text: "page \(id) used twice") }
            }
        }
        var found: [[UInt8]: Node] = [:]
        var last: [UInt8]?
        for index in 0..<(try little(start + 10, 2)) {
            let element = start + 16 + index * 16
            switch flags {
            case 1:
                let at = element + (try little(element, 4))
                let key = Array(bytes[at..<at + (try little(element + 4, 4))])
                let child = try little(element + 8, 8)
                let below = try walk(child * pageSize, page: child, used: &used)
                guard key == below.keys.min(by: { $0.lexicographicallyPrecedes($1) }) else {
                    throw Fault(text: "branch key is not its child's first key")
                }
                found.merge(below) { _, new in new }
            case 2:
                let at = element + (try little(element + 4, 4))
                let middle = at + (try little(element + 8, 4))
                let end = middle + (try little(element + 12, 4))
                let key = Array(bytes[at..<middle])
                if let last, !last.lexicographicallyPrecedes(key) { throw Fault(text: "order") }
                last = key
                if try little(element, 4) == 1 {
                    let child = try little(middle, 8)
                    let sequence = UInt64(try little(middle + 8, 8))
                    let inside = try walk(child == 0 ? middle + 16 : child * pageSize, page: child, used: &used)
                    found[key] = .bucket(sequence: sequence, inside)
                } else {
                    found[key] = .value(Array(bytes[middle..<end]))
                }
            default: throw Fault(text: "flags \(flags)")
            }
        }
        return found
    }
}
