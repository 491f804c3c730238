/// Random names out of the kernel's randomness.
enum RandomText {
    static let lettersAndDigits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    static let base64URL = lettersAndDigits + ["-", "_"]
    private static let lowercase = Array("abcdefghijklmnopqrstuvwxyz0123456789")

    static func letters(_ count: Int, of alphabet: [Character]) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).compactMap { _ in alphabet.randomElement(using: &generator) })
    }

    /// A uid as Grafana makes them: 14 lower-case letters and digits.
    static func uid() -> String { letters(14, of: lowercase) }
}
