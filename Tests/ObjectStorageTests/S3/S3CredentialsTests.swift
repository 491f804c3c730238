import Durable
import ObjectStorage
import Service
import Testing

@Suite("Where credentials come from")
struct S3CredentialsTests {
    private static func find(_ variables: [String: String]) -> S3Credentials? {
        S3Credentials.Source.environment { variables[$0] }?.current
    }

    @Test("the environment's keys come before the file, whose profile is read anew with every question")
    func order() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("credentials")
        func write(_ secret: String) throws {
            let text = """
                [other]
                aws_access_key_id = o
                aws_secret_access_key = p

                # the one
                [ default ]
                [default]
                aws_access_key_id = a
                aws_secret_access_key=\(secret)
                aws_session_token = t

                """
            try AtomicFile.publish(file, Array(text.utf8))
        }
        try write("one")
        let named = ["AWS_SHARED_CREDENTIALS_FILE": file]
        let source = try #require(S3Credentials.Source.environment { named[$0] })
        #expect(
            source.current
                == S3Credentials(accessKey: "a", secretKey: Secret("one"), sessionToken: Secret("t")))
        try write("two")
        #expect(source.current?.secretKey == Secret("two"))
        var variables = named
        variables["AWS_PROFILE"] = "other"
        #expect(Self.find(variables) == S3Credentials(accessKey: "o", secretKey: Secret("p")))
        variables["AWS_PROFILE"] = "none"
        #expect(Self.find(variables) == nil)
        variables["AWS_ACCESS_KEY_ID"] = "k"
        variables["AWS_SECRET_ACCESS_KEY"] = "s"
        #expect(Self.find(variables) == S3Credentials(accessKey: "k", secretKey: Secret("s")))
        #expect(Self.find([:]) == nil)
    }
}
