/// Which bucket, where, and how it is talked to.
package struct S3Options: Sendable {
    package var bucket: String
    /// `host` or `host:port`.
    package var endpoint: String
    package var region: String
    /// Plain HTTP.
    package var isInsecure = false
    /// The bucket's name as the first part of the path; otherwise as the first part of the host's name.
    package var usesPathStyle = true
    /// Files larger than this are sent in parts of this size; 5 MiB at least, as S3 demands.
    package var partSize = 16 << 20
    /// How long an answer's beginning may take.
    package var timeout = Duration.seconds(30)
    /// How long an answer's rest may take.
    package var bodyTimeout = Duration.seconds(120)
    /// How often a call is tried when the store is unavailable.
    package var attempts = 5

    /// A bucket at an endpoint.
    package init(bucket: String, endpoint: String, region: String = "us-east-1") {
        self.bucket = bucket
        self.endpoint = endpoint
        self.region = region
    }
}
