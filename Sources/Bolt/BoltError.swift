/// What went wrong in a bolt file, with the place it went wrong.
package struct BoltError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure a caller may want to tell apart.
    package enum Code: String, Hashable, Sendable {
        /// The file is not a bolt file, has another version or another page size than any meta page says.
        case invalidFile
        /// A page contradicts the format: the file was damaged or cut short.
        case corrupt
        /// Another process holds the file's lock.
        case locked
        /// The operating system refused; `message` carries its words.
        case io
        /// A commit failed half way: the database must be reopened before it is written again.
        case failed
        /// A write was asked of a read-only database or transaction.
        case readOnly
        /// The transaction has ended, or the bucket was deleted in it.
        case closed
        /// The bucket asked for does not exist.
        case bucketNotFound
        /// The bucket to be created exists.
        case bucketExists
        /// A key names a bucket where a value was meant, or a value where a bucket was meant.
        case incompatibleValue
        /// An empty key, or one over 32 768 bytes.
        case invalidKey
        /// A value of 2 GiB or more.
        case valueTooLarge
    }

    /// The kind of failure.
    package var code: Code
    /// What happened, lower-case, without the path.
    package var message: String
    /// The file, when known.
    package var path: String?
    /// The page at fault, when there is one.
    package var page: UInt64?

    /// An error of `code`; `page` is the page at fault.
    package init(_ code: Code, _ message: String, path: String? = nil, page: UInt64? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.page = page
    }

    /// One line: path, page and message.
    package var description: String {
        var text = path.map { "\($0): " } ?? ""
        if let page { text += "page \(page): " }
        return text + message
    }

    static func corrupt(_ message: String, page: UInt64) -> BoltError {
        BoltError(.corrupt, message, page: page)
    }

    static let closed = BoltError(.closed, "the transaction has ended or the bucket was deleted in it")
}
