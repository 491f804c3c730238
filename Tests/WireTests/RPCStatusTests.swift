import Testing
import Wire

@Suite("google.rpc.Status")
struct RPCStatusTests {
    @Test("survives protobuf, with its delay", arguments: [nil, 0, 1, 1000, 2500] as [Int64?])
    func roundTrip(delay: Int64?) throws {
        let status = RPCStatus(.resourceExhausted, "slow", retryAfterMilliseconds: delay)
        #expect(try status.protobuf().withUnsafeBytes { try RPCStatus(protobuf: $0) } == status)
    }

    @Test("JSON")
    func json() {
        #expect(
            String(decoding: RPCStatus(.invalidArgument, "bad \"x\"").json(), as: UTF8.self)
                == #"{"code":3,"message":"bad \"x\""}"#)
        #expect(
            String(decoding: RPCStatus(.unavailable, "", retryAfterMilliseconds: 1050).json(), as: UTF8.self)
                == #"{"code":14,"message":"","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.050s"}]}"#
        )
    }

    @Test("gRPC's fields: the message is percent-encoded, a delay is in the details")
    func fields() throws {
        let plain = RPCStatus(.ok, "").grpcFields
        #expect(plain.map(\.name) == ["grpc-status"])
        #expect(plain.map(\.value) == ["0"])
        let told = RPCStatus(.invalidArgument, "50% ü\n").grpcFields
        #expect(told.map(\.name) == ["grpc-status", "grpc-message"])
        #expect(told.map(\.value) == ["3", "50%25 %C3%BC%0A"])
        let delayed = RPCStatus(.unavailable, "m", retryAfterMilliseconds: 1000).grpcFields
        #expect(delayed.map(\.name) == ["grpc-status", "grpc-message", "grpc-status-details-bin"])
    }

    @Test("hostile bytes are refused or read, never a crash")
    func hostile() {
        let body = RPCStatus(.unavailable, "m", retryAfterMilliseconds: 2500).protobuf()
        var random = SplitMix64(seed: 5)
        for _ in 0..<3000 {
            _ = random.mutate(body).withUnsafeBytes { try? RPCStatus(protobuf: $0) }
        }
    }

    @Test("export responses survive protobuf and write JSON")
    func responses() throws {
        for signal in OTLP.Signal.allCases {
            let response = OTLP.ExportResponse(signal, .init(rejected: 5, message: "m"))
            #expect(
                try response.protobuf().withUnsafeBytes { try OTLP.ExportResponse(signal, protobuf: $0) } == response)
            #expect(OTLP.ExportResponse(signal).protobuf().isEmpty)
        }
        #expect(
            String(decoding: OTLP.ExportResponse(.logs, .init(rejected: 5, message: "m")).json(), as: UTF8.self)
                == #"{"partialSuccess":{"rejectedLogRecords":"5","errorMessage":"m"}}"#)
    }
}
