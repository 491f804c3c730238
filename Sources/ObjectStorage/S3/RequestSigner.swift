import Crypto
import MartletCore
import Service

/// Signs requests with AWS Signature Version 4 for S3, the payload's hash included
/// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
package struct RequestSigner {
    let region: String
    let credentials: S3Credentials

    /// Signs in the name of somebody, for a region.
    package init(region: String, credentials: S3Credentials) {
        self.region = region
        self.credentials = credentials
    }

    /// The fields to send with a request: `headers` and those of the signature. `path` is encoded, `query` is not; `host`
    /// is what the client will send as Host.
    package func sign(
        _ method: String, host: String, path: String, query: [(name: String, value: String)],
        headers: [(name: String, value: String)], body: [UInt8], unixSeconds: Int64
    ) -> [(name: String, value: String)] {
        let stamp = Self.stamp(unixSeconds)
        let payload = Hex.text(SHA256.hash(data: body))
        var fields = headers.map { (name: $0.name.lowercased(), value: $0.value) }
        fields.append(("host", host))
        fields.append(("x-amz-content-sha256", payload))
        fields.append(("x-amz-date", stamp))
        if let token = credentials.sessionToken { fields.append(("x-amz-security-token", token.revealed)) }
        fields.sort { $0.name < $1.name }
        let names = fields.map(\.name).joined(separator: ";")
        let canonical = [
            method, path, Self.canonical(query), fields.map { "\($0.name):\($0.value)\n" }.joined(), names, payload,
        ].joined(separator: "\n")
        let day = String(stamp.prefix(8))
        let scope = "\(day)/\(region)/s3/aws4_request"
        let text = ["AWS4-HMAC-SHA256", stamp, scope, Hex.text(SHA256.hash(data: Array(canonical.utf8)))]
            .joined(separator: "\n")
        var key = SymmetricKey(data: Array(("AWS4" + credentials.secretKey.revealed).utf8))
        for part in [day, region, "s3", "aws4_request"] {
            key = SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)))
        }
        let signature = Hex.text(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(signature)"
        return fields.filter { $0.name != "host" } + [("authorization", authorization)]
    }

    /// A query as it is signed, and sent.
    static func canonical(_ query: [(name: String, value: String)]) -> String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    /// `20130524T000000Z`.
    private static func stamp(_ unixSeconds: Int64) -> String {
        RFC3339.format(unixNanoseconds: unixSeconds * 1_000_000_000).filter { $0 != "-" && $0 != ":" }
    }
}
