/// A function that templates may call.
package struct TemplateFunction: Sendable {
    /// What an argument must be. Go checks it before the call, so do we, in its words.
    package enum Parameter: Sendable, Hashable {
        case any
        case bool
        case string
        case int
        case float
        /// A list or object whose `typeName` is this.
        case type(String)

        var typeName: String {
            switch self {
            case .any: "interface {}"
            case .bool: "bool"
            case .string: "string"
            case .int: "int"
            case .float: "float64"
            case .type(let name): name
            }
        }
    }

    let parameters: [Parameter]
    /// What further arguments must be; nil when there may be none.
    let further: Parameter?
    /// What a byte of its arguments' text costs, where copying it costs 1.
    let weight: Int
    let body: @Sendable ([TemplateValue]) throws -> TemplateValue

    /// What a byte costs a regular expression, or a parser that makes values of it.
    static let heavy = 16

    /// A function of these arguments and, with `further`, any number more. `body` gets them checked; what it throws ends
    /// the template with its description. `weight` is what a byte of text costs it, where copying costs 1.
    package init(
        _ parameters: [Parameter], further: Parameter? = nil, weight: Int = 1,
        _ body: @escaping @Sendable ([TemplateValue]) throws -> TemplateValue
    ) {
        self.parameters = parameters
        self.further = further
        self.weight = weight
        self.body = body
    }

    /// A function from text to text.
    package static func text(_ body: @escaping @Sendable (String) -> String) -> TemplateFunction {
        TemplateFunction([.string]) { .string(body($0[0].text)) }
    }
}

/// Why a function failed; templates end with its message.
package struct TemplateFunctionError: Error, Sendable, CustomStringConvertible {
    package let description: String

    /// A failure with this message.
    package init(_ description: String) {
        self.description = description
    }
}
