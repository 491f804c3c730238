/// The three tables of attributes that a row group has.
enum AttributeScopeTable: Hashable, Sendable {
    case spans, events, links
}
