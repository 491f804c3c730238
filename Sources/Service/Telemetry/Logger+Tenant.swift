package import Logging

extension Logger {
    /// The same logger with the tenant in every line.
    package func with(tenant: String) -> Logger {
        var logger = self
        logger[metadataKey: "tenant"] = "\(tenant)"
        return logger
    }
}
