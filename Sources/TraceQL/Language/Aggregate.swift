/// A function over the spans of one spanset.
package enum Aggregate: String, Hashable, Sendable {
    case count
    case avg
    case min
    case max
    case sum
}
