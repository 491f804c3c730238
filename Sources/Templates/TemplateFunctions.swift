/// Functions by name. Go's own (`printf`, `eq`, `index`, …) are always there and can be replaced.
package struct TemplateFunctions: Sendable {
    private var functions: [String: TemplateFunction]

    /// Go's functions and these.
    package init(_ functions: [String: TemplateFunction] = [:]) {
        self.functions = functions
    }

    /// The function of this name.
    package subscript(name: String) -> TemplateFunction? { functions[name] ?? BuiltinFunctions.all[name] }

    /// True when the name stands for Go's own function.
    func isBuiltin(_ name: String) -> Bool { functions[name] == nil }
}
