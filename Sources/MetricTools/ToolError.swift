/// Why a tool could not do what it was asked, in a sentence with the cure.
struct ToolError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
