extension RemoteWrite {
    /// What a request's body is. The raw value is the message's full name, as the parameter `proto` of a Content-Type and
    /// configurations have it.
    package enum Message: String, CaseIterable, Sendable {
        /// Remote write 1.0.
        case version1 = "prometheus.WriteRequest"
        /// Remote write 2.0: text in a table of symbols, metadata with each series.
        case version2 = "io.prometheus.write.v2.Request"

        /// What senders put into X-Prometheus-Remote-Write-Version.
        package var version: String {
            switch self {
            case .version1: "0.1.0"
            case .version2: "2.0.0"
            }
        }

        /// The Content-Type that senders give. That of 1.0 is older than the parameter.
        package var contentType: String {
            switch self {
            case .version1: RemoteWrite.contentType
            case .version2: "\(RemoteWrite.contentType);proto=\(rawValue)"
            }
        }

        /// The message that a Content-Type names; nil for one that is none of remote write.
        package init?(contentType: String) {
            let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
                .map { $0.filter { $0 != " " } }
            guard parts.first == RemoteWrite.contentType else { return nil }
            for parameter in parts.dropFirst() {
                guard let mark = parameter.firstIndex(of: "=") else { return nil }
                guard parameter[..<mark] == "proto" else { continue }
                guard let message = Message(rawValue: String(parameter[mark...].dropFirst())) else {
                    return nil
                }
                self = message
                return
            }
            self = .version1
        }
    }
}
