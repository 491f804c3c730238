/// A value with fields or methods, for data that is no plain map.
package protocol TemplateObject: Sendable {
    /// The name of its type in Go, for messages.
    var typeName: String { get }

    /// What `print` shows.
    var text: String { get }

    /// The value of a field; nil when there is no such field.
    func field(_ name: String) -> TemplateValue?

    /// A method, its receiver bound; nil when there is no such method.
    func method(_ name: String) -> TemplateFunction?
}

extension TemplateObject {
    package func field(_ name: String) -> TemplateValue? { nil }
    package func method(_ name: String) -> TemplateFunction? { nil }
}
