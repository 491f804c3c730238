import ArgumentParser

/// How answers are shown.
enum TextOrJSON: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
