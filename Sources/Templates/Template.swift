/// A template in the language of Go's text/template.
///
/// All of the language is there: pipelines, variables, `if`, `with`, `range`, `break`, `continue`, `define`, `template`,
/// `block`, comments, trim markers. Messages are Go's. Parse once, execute often and from any thread.
package struct Template: Sendable {
    /// The name that messages show.
    package let name: String
    let text: [UInt8]
    let definitions: [String: [TemplateNode]]
    let sites: [Site]
    private let limits: TemplateLimits

    /// Parses a text. Functions that it calls must be among `functions`; those given to `render` are what is called.
    package init(
        name: String, text: String, functions: TemplateFunctions, limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= limits.textBytes else {
            throw TemplateError("template: \(name): longer than \(limits.textBytes) bytes")
        }
        var parser = TemplateParser(name: name, text: bytes, functions: functions, nestingLimit: limits.nesting)
        try parser.parse()
        self.name = name
        self.text = bytes
        definitions = parser.definitions
        sites = parser.sites
        self.limits = limits
    }

    /// Executes the template over `data`.
    package func render(_ data: TemplateValue, functions: TemplateFunctions) throws(TemplateError) -> String {
        String(decoding: try renderBytes(data, functions: functions), as: UTF8.self)
    }

    /// Executes the template over `data`; the result is UTF-8.
    package func renderBytes(_ data: TemplateValue, functions: TemplateFunctions) throws(TemplateError) -> [UInt8] {
        let execution = Execution(self, functions: functions, limits: limits, data: data)
        try execution.run()
        return execution.output
    }
}
