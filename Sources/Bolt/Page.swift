/// A branch or leaf page as it lies in the file, or in an inline bucket's value; every access is checked against it.
///
/// A view: valid as long as the memory under it (the transaction's mapping, or the inline bucket's copy).
struct Page {
    let id: UInt64
    let isLeaf: Bool
    let count: Int
    /// Pages after the first that belong to this one.
    let overflow: Int
    private let bytes: UnsafeRawBufferPointer

    /// The page in `bytes`, which must span it with its overflow pages and carry the id `id`.
    init(_ bytes: UnsafeRawBufferPointer, id: UInt64) throws(BoltError) {
        guard bytes.count >= Format.pageHeaderSize else { throw .corrupt("shorter than a page header", page: id) }
        let found: UInt64 = bytes.little(at: 0)
        guard found == id else { throw .corrupt("carries the id \(found)", page: id) }
        switch bytes.little(at: 8, as: UInt16.self) {
        case Format.branchPage: isLeaf = false
        case Format.leafPage: isLeaf = true
        case let flags: throw .corrupt("is neither branch nor leaf (flags \(flags))", page: id)
        }
        count = Int(bytes.little(at: 10, as: UInt16.self))
        overflow = Int(bytes.little(at: 12, as: UInt32.self))
        guard Format.pageHeaderSize + count * Format.elementSize <= bytes.count else {
            throw .corrupt("\(count) elements do not fit", page: id)
        }
        self.id = id
        self.bytes = bytes
    }

    private func slice(at element: Int, position: UInt32, _ length: Int) throws(BoltError) -> UnsafeRawBufferPointer {
        let start = element + Int(position)
        guard start <= bytes.count, length <= bytes.count - start else {
            throw .corrupt("an element reaches beyond the page", page: id)
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
    }

    /// The key of element `index`, which must be below `count`.
    func key(_ index: Int) throws(BoltError) -> UnsafeRawBufferPointer {
        let element = Format.pageHeaderSize + index * Format.elementSize
        let at = isLeaf ? element + 4 : element
        return try slice(at: element, position: bytes.little(at: at), Int(bytes.little(at: at + 4, as: UInt32.self)))
    }

    /// The value of leaf element `index`.
    func value(_ index: Int) throws(BoltError) -> UnsafeRawBufferPointer {
        let element = Format.pageHeaderSize + index * Format.elementSize
        let position = bytes.little(at: element + 4, as: UInt32.self)
        let keySize = bytes.little(at: element + 8, as: UInt32.self)
        let (start, overflow) = position.addingReportingOverflow(keySize)
        guard !overflow else { throw .corrupt("an element reaches beyond the page", page: id) }
        return try slice(at: element, position: start, Int(bytes.little(at: element + 12, as: UInt32.self)))
    }

    /// The flags of leaf element `index`.
    func flags(_ index: Int) -> UInt32 {
        bytes.little(at: Format.pageHeaderSize + index * Format.elementSize)
    }

    /// The child page of branch element `index`.
    func child(_ index: Int) -> UInt64 {
        bytes.little(at: Format.pageHeaderSize + index * Format.elementSize + 8)
    }
}
