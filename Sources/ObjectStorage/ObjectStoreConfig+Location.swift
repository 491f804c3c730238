package import Service

extension ObjectStoreConfig {
    private static let scheme = "s3://"

    /// The place that a command line names: a directory, or `s3://BUCKET/PREFIX`, whose endpoint, region and credentials are
    /// in the environment under AWS' names.
    package init(
        location: String, environment variable: (String) -> String? = S3Credentials.Source.variable
    ) throws(UsageError) {
        guard location.hasPrefix(Self.scheme) else {
            guard !location.isEmpty, !location.contains("://") else {
                throw UsageError("\"\(location)\" is no place for objects: give a directory, or s3://BUCKET/PREFIX")
            }
            self.init(.directory(location), prefix: "")
            return
        }
        let parts = location.dropFirst(Self.scheme.count).split(separator: "/").map(String.init)
        guard let bucket = parts.first else {
            throw UsageError("\"\(location)\" names no bucket: it must be s3://BUCKET/PREFIX")
        }
        let region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? "us-east-1"
        var options = S3Options(bucket: bucket, endpoint: "s3.\(region).amazonaws.com", region: region)
        options.usesPathStyle = false
        if let url = variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL") {
            (options.endpoint, options.isInsecure) = try Self.endpoint(url)
            options.usesPathStyle = !options.endpoint.hasSuffix(".amazonaws.com")
        }
        guard let credentials = S3Credentials.Source.environment(variable) else {
            throw UsageError(
                "no credentials for \(location): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or have a file "
                    + "~/.aws/credentials, or give a file with --objstore.config-file")
        }
        self.init(.s3(options, credentials), prefix: parts.dropFirst().joined(separator: "/"))
    }

    private static func endpoint(_ url: String) throws(UsageError) -> (host: String, isInsecure: Bool) {
        for (scheme, isInsecure) in [("https://", false), ("http://", true)] where url.hasPrefix(scheme) {
            var host = url.dropFirst(scheme.count)
            while host.hasSuffix("/") { host.removeLast() }
            if !host.isEmpty, !host.contains("/") { return (String(host), isInsecure) }
        }
        throw UsageError("AWS_ENDPOINT_URL must be http:// or https:// with a host and no path, not \"\(url)\"")
    }
}
