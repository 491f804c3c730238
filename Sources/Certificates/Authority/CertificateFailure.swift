/// Why a certificate cannot be had, in a sentence with the cure.
package struct CertificateFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
