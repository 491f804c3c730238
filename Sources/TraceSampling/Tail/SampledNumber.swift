/// The value of a numeric attribute.
package enum SampledNumber: Sendable, Hashable {
    case integer(Int64)
    case double(Double)

    /// Whether the value lies between two bounds, of which each may be missing; by value, whatever its type.
    func isWithin(_ minimum: Int64?, _ maximum: Int64?) -> Bool {
        switch self {
        case .integer(let value): (minimum.map { value >= $0 } ?? true) && (maximum.map { value <= $0 } ?? true)
        case .double(let value):
            !value.isNaN && (minimum.map { value >= Double($0) } ?? true)
                && (maximum.map { value <= Double($0) } ?? true)
        }
    }
}
