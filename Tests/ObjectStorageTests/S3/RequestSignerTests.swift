import ObjectStorage
import Service
import Testing

@Suite("Signatures of version 4")
struct RequestSignerTests {
    private static let signer = RequestSigner(
        region: "us-east-1",
        credentials: S3Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")))

    private static func signature(
        path: String, query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = []
    ) -> String? {
        let fields = signer.sign(
            "GET", host: "examplebucket.s3.amazonaws.com", path: path, query: query, headers: headers, body: [],
            unixSeconds: 1_369_353_600)
        return fields.first { $0.name == "authorization" }?.value.split(separator: "=").last.map(String.init)
    }

    @Test("are those of AWS' own examples")
    func examples() {
        #expect(
            Self.signature(path: "/test.txt", headers: [("Range", "bytes=0-9")])
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(
            Self.signature(path: "/", query: [("prefix", "J"), ("max-keys", "2")])
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
        #expect(
            Self.signature(path: "/", query: [("lifecycle", "")])
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    }
}
