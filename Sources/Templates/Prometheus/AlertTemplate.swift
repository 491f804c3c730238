/// The text of an alert's label or annotation, a template over the alert's labels and value.
package struct AlertTemplate: Sendable {
    /// What stands in front of each text, so that `$labels` and the others are there. Columns in messages count it, as
    /// Prometheus' do.
    private static let variables =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

    /// What texts are about.
    package struct Data: TemplateObject {
        private let labels: TemplateMap
        private let externalLabels: TemplateMap
        private let externalURL: String
        private let value: TemplateValue

        /// The labels of the sample and its value, and what is the same for all alerts.
        package init(
            labels: some Sequence<(key: String, value: String)>, value: TemplateValue, externalLabels: TemplateMap,
            externalURL: ExternalURL
        ) {
            self.labels = TemplateMap(labels)
            self.value = value
            self.externalLabels = externalLabels
            self.externalURL = externalURL.text
        }

        package var typeName: String {
            "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }"
        }

        package var text: String {
            "{\(TemplateValue.map(labels).text) \(TemplateValue.map(externalLabels).text) \(externalURL) \(value.text)}"
        }

        package func field(_ name: String) -> TemplateValue? {
            switch name {
            case "Labels": .map(labels)
            case "ExternalLabels": .map(externalLabels)
            case "ExternalURL": .string(externalURL)
            case "Value": value
            default: nil
            }
        }
    }

    private let name: String
    private let template: Template
    /// The text when there is nothing to execute in it.
    private let plain: String?

    /// Parses the text of a rule's alert.
    package init(alert: String, text: String) throws(TemplateError) {
        name = "__alert_\(alert)"
        template = try Template(name: name, text: Self.variables + text, functions: PrometheusFunctions.names)
        plain = text.contains("{{") ? nil : text
    }

    /// The text for one alert; a message in its place when it cannot be had, since an alert must go out all the same.
    /// `functions` are those of `PrometheusFunctions` in their surroundings.
    package func expand(_ data: Data, _ functions: TemplateFunctions) -> (text: String, error: TemplateError?) {
        if let plain { return (plain, nil) }
        do throws(TemplateError) {
            return (try template.render(.object(data), functions: functions), nil)
        } catch {
            return ("<error expanding template: error executing template \(name): \(error)>", error)
        }
    }
}
