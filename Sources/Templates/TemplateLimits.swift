/// What a template may cost, whatever it says.
package struct TemplateLimits: Sendable {
    /// Bytes of the template's text.
    package var textBytes = 256 << 10
    /// Blocks and parentheses inside each other, and templates that call templates.
    package var nesting = 100
    /// Nodes and commands that are executed, loops counted as often as they run, and the text that functions take and
    /// give: a step for each 256 bytes, or more where a function works harder on them.
    package var steps = 1_000_000
    /// Bytes of the result, and of any text on the way.
    package var resultBytes = 1 << 20

    /// Enough for anything that people write.
    package init() {}
}
