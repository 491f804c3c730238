package import ArgumentParser

/// The flags of servers that receive Zipkin's and Jaeger's spans when asked.
package struct SpanReceiverOptions: ParsableArguments, Sendable {
    @Option(
        name: .customLong("zipkin.listen-address"),
        help: ArgumentHelp("Address that receives Zipkin's spans; usually on port 9411.", value: .address))
    package var zipkin: ListenAddress?

    @Option(
        name: .customLong("jaeger.grpc-listen-address"),
        help: ArgumentHelp("Address that receives Jaeger's spans over gRPC; usually on port 14250.", value: .address))
    package var jaegerGRPC: ListenAddress?

    @Option(
        name: .customLong("jaeger.http-listen-address"),
        help: ArgumentHelp(
            "Address that receives Jaeger's spans as Thrift over HTTP; usually on port 14268.", value: .address))
    package var jaegerHTTP: ListenAddress?

    package init() {}
}
