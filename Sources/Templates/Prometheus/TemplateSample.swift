/// One element of a query's result, as templates see it.
package struct TemplateSample: TemplateObject {
    package static let goType = "*template.sample"
    /// The type of a query's result in Go.
    package static let listType = "template.queryResult"

    let labels: TemplateMap
    let value: TemplateValue

    /// Labels and a value, which is a number or the text of a histogram.
    package init(labels: some Sequence<(key: String, value: String)>, value: TemplateValue) {
        self.labels = TemplateMap(labels)
        self.value = value
    }

    package var typeName: String { Self.goType }

    package var text: String { "{\(TemplateValue.map(labels).text) \(value.text)}" }

    package func field(_ name: String) -> TemplateValue? {
        switch name {
        case "Labels": .map(labels)
        case "Value": value
        default: nil
        }
    }

    /// A label's value, empty when it is not there.
    func label(_ name: String) -> String { (labels.entries[name] ?? .string("")).text }
}
