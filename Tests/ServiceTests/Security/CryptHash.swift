import CCrypt
import Glibc
import Testing

/// Password hashes for tests, made by libxcrypt itself.
enum CryptHash {
    static func make(_ password: String, prefix: String, cost: UInt) throws -> String {
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        try #require(crypt_gensalt_rn(prefix, cost, nil, 0, &setting, Int32(setting.count)) != nil)
        let scratch = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        defer { scratch.deallocate() }
        memset(scratch, 0, MemoryLayout<crypt_data>.size)
        let hash = try #require(crypt_r(password, setting, scratch))
        return String(cString: hash)
    }
}
