/// How a value is laid out in Thrift's binary protocol (thrift-binary-protocol.md, "Field types").
enum ThriftType: UInt8 {
    case stop = 0
    case bool = 2
    case int8 = 3
    case double = 4
    case int16 = 6
    case int32 = 8
    case int64 = 10
    /// Text and opaque bytes.
    case string = 11
    case structure = 12
    case map = 13
    case set = 14
    case list = 15
    case uuid = 16

    /// The fewest bytes that a value of the type takes.
    var leastBytes: Int {
        switch self {
        case .stop: 0
        case .bool, .int8, .structure: 1
        case .int16: 2
        case .int32, .string: 4
        case .set, .list: 5
        case .map: 6
        case .int64, .double: 8
        case .uuid: 16
        }
    }
}
