import CCrypt

#if canImport(Glibc)
import Glibc
#endif

/// A password hash as crypt(5) writes it: bcrypt (`$2a$`, `$2b$`, `$2y$`) or yescrypt (`$y$`).
struct PasswordHash: Sendable, Equatable {
    /// The hash text, salt and cost included.
    let text: String

    /// nil when the text is not a usable hash of one of these kinds.
    init?(_ text: String) {
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

    /// True when the password has this hash. Takes 50 to 100 ms and more: never call it on an event loop.
    func matches(_ password: String) -> Bool {
        guard !password.utf8.contains(0), password.utf8.count <= 512 else { return false }
        // crypt_r wants 32 KiB of scratch, zeroed; it holds traces of the password, so it is cleared again.
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<crypt_data>.size, alignment: MemoryLayout<crypt_data>.alignment)
        memset(scratch, 0, MemoryLayout<crypt_data>.size)
        defer {
            explicit_bzero(scratch, MemoryLayout<crypt_data>.size)
            scratch.deallocate()
        }
        guard let result = crypt_r(password, text, scratch.bindMemory(to: crypt_data.self, capacity: 1)) else {
            return false
        }
        return ConstantTime.equal(Array(UnsafeRawBufferPointer(start: result, count: strlen(result))), Array(text.utf8))
    }
}
