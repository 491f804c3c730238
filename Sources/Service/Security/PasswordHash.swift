import CCrypt

#if canImport(Glibc)
import Glibc
#endif

/// A password hash as crypt(5) writes it: bcrypt (`$2a$`, `$2b$`, `$2y$`) or yescrypt (`$y$`).
package struct PasswordHash: Sendable, Equatable {
    /// The hash text, salt and cost included.
    package let text: String

    /// nil when the text is not a usable hash of one of these kinds.
    package init?(_ text: String) {
        let isBcrypt = ["$2a$", "$2b$", "$2y$"].contains { text.hasPrefix($0) } && text.utf8.count == 60
        guard isBcrypt || text.hasPrefix("$y$"), !text.utf8.contains(0),
            crypt_checksalt(text) == CRYPT_SALT_OK
        else { return nil }
        self.text = text
    }

    private init(trusted text: String) {
        self.text = text
    }

    /// What an unknown user's password is compared with, so that the answer takes as long as a known user's.
    /// Cost 10, of a password that nobody knows.
    static let decoy = PasswordHash(trusted: "$2b$10$CwTycUXWue0Thq9StjUM0uJ8.LP4Y9oM4ZFh1Ct3Eu0EYlJQyb8yS")

    /// A yescrypt hash with a fresh salt, at libxcrypt's default cost. Takes as long as ``matches(_:)``.
    package static func make(_ password: String) throws(StartupError) -> PasswordHash {
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        guard crypt_gensalt_rn("$y$", 0, nil, 0, &setting, Int32(setting.count)) != nil else {
            throw StartupError("cannot make a salt: \(String(cString: strerror(errno)))")
        }
        guard let text = crypt(password, setting: setting) else {
            throw StartupError("cannot hash a password: \(String(cString: strerror(errno)))")
        }
        return PasswordHash(trusted: text)
    }

    /// True when the password has this hash. Takes 50 to 100 ms and more: never call it on an event loop.
    package func matches(_ password: String) -> Bool {
        guard !password.utf8.contains(0), password.utf8.count <= 512 else { return false }
        guard let result = Self.crypt(password, setting: Array(text.utf8CString)) else { return false }
        return ConstantTime.equal(Array(result.utf8), Array(text.utf8))
    }

    /// crypt(3) with the given hash or salt; nil when libxcrypt refuses it.
    private static func crypt(_ password: String, setting: [CChar]) -> String? {
        // crypt_r wants 32 KiB of scratch, zeroed; it holds traces of the password, so it is cleared again.
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<crypt_data>.size, alignment: MemoryLayout<crypt_data>.alignment)
        memset(scratch, 0, MemoryLayout<crypt_data>.size)
        defer {
            explicit_bzero(scratch, MemoryLayout<crypt_data>.size)
            scratch.deallocate()
        }
        guard let result = crypt_r(password, setting, scratch.bindMemory(to: crypt_data.self, capacity: 1)),
            result.pointee != CChar(UInt8(ascii: "*"))
        else { return nil }
        return String(cString: result)
    }
}
