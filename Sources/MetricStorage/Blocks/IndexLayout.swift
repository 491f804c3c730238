/// Constants of a block's index in Prometheus' version 2:
///
///     header    BAAAD700 | version u8
///     symbols   length u32 | count u32 | {uvarint length | bytes}* strictly ascending | CRC32C
///     series    each at a multiple of 16, its id being the offset / 16:
///               uvarint length | uvarint pairs | {uvarint name symbol | uvarint value symbol}*
///               | uvarint chunks | varint mint | uvarint maxt-mint | uvarint ref
///               | {uvarint mint - maxt before | uvarint maxt-mint | varint ref - ref before}* | CRC32C (without the length)
///     postings  each at a multiple of 4: length u32 | count u32 | {series id u32}* ascending | CRC32C
///     table     length u32 | count u32 | {2 u8 | name | value (uvarint length before each) | uvarint offset}* | CRC32C
///     contents  offsets u64 of symbols, series, label indices, postings, label index table, postings table | CRC32C
///
/// Integers are big endian; checksums cover what follows the length. The first postings list, of the empty name and
/// value, has all series; the others come by name, then value. Label indices are written no more: their offsets name
/// the end of the series and the postings table. Source: Prometheus' tsdb/docs/format/index.md and its writer.
enum IndexLayout {
    static let magic: [UInt8] = [0xBA, 0xAA, 0xD7, 0x00]
    static let version: UInt8 = 2
    static let headerSize = 5
    static let contentsSize = 52
    static let seriesAlignment = 16
    static let fileName = "index"
    /// Series are named by 32 bits of 16-byte units.
    static let sizeLimit = 64 << 30
}
