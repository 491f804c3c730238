import MartletCore
import Service

/// The parameters of requests.
package enum QueryParameter {
    /// As a URL's query and the body of a form have them.
    package static func encoded(_ parameters: [(String, String)]) -> String {
        parameters.map { URLText.encoded($0.0) + "=" + URLText.encoded($0.1) }.joined(separator: "&")
    }

    /// Unix nanoseconds, or a length in nanoseconds, as seconds with milliseconds, which is what Prometheus counts in.
    package static func seconds(_ nanoseconds: Int64) -> String {
        var text: [UInt8] = []
        TimestampMs(nanoseconds / 1_000_000).appendSeconds(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
