/// How a protobuf field is laid out (protobuf encoding guide, "Message Structure"). Groups (3 and 4) are refused.
package enum ProtoWireType: UInt8, Sendable {
    /// LEB128, at most ten bytes.
    case varint = 0
    /// Eight bytes, little endian.
    case fixed64 = 1
    /// A varint length and as many bytes.
    case delimited = 2
    /// Four bytes, little endian.
    case fixed32 = 5
}
