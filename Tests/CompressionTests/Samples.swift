import Testing

/// Inputs that compressors treat differently, and a seeded source of noise.
enum Samples {
    static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 37)
        }
    }

    static func text(_ lines: Int) -> [UInt8] {
        Array((0..<lines).map { "level=info ts=\($0) caller=main.go:\($0 % 7) msg=\"request served\"\n" }.joined().utf8)
    }

    /// One input of every kind, by name: a test log that spelled them out would be megabytes long.
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case empty, oneByte, word, shortNoise, text, zeros, longNoise

        var testDescription: String { rawValue }

        var bytes: [UInt8] {
            switch self {
            case .empty: []
            case .oneByte: [0]
            case .word: Array("hello".utf8)
            case .shortNoise: noise(1000)
            case .text: Samples.text(100)
            case .zeros: [UInt8](repeating: 0, count: 300_000)
            case .longNoise: noise(200_000)
            }
        }
    }
}
