// swift-tools-version: 6.2
import PackageDescription

// Layers, top to bottom: executables → jobs → shared machinery → core → C.
// Arrows point down only; ARCHITECTURE.md draws the map.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// MARK: Third-party products

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP2 = Target.Dependency.product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let grpcTransport = Target.Dependency.product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")

// MARK: Target shapes

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["Service", argumentParser], swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-Xlinker", "--build-id=sha1"])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
        swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// Links a system library from its archive: its soname, or its age, differs between the releases of Debian and Ubuntu
/// that one package serves. Its symbols stay inside, or libraries that use the same one (libsystemd uses zstd) would
/// be bound to ours.
func archive(_ name: String) -> [LinkerSetting] {
    [.linkedLibrary(":lib\(name).a"), .unsafeFlags(["-Xlinker", "--exclude-libs=lib\(name).a"])]
}

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet-metrics", targets: ["martlet-metrics"]),
        .executable(name: "martlet-logs", targets: ["martlet-logs"]),
        .executable(name: "martlet-traces", targets: ["martlet-traces"]),
        .executable(name: "martlet-dashboards", targets: ["martlet-dashboards"]),
        .executable(name: "martlet-alerts", targets: ["martlet-alerts"]),
        .executable(name: "martlet-agent", targets: ["martlet-agent"]),
        .executable(name: "martlet", targets: ["martlet"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    ],
    targets: [
        // MARK: Executables: flags and wiring, nothing else
        executable("martlet-metrics", ["MetricServer"]),
        executable("martlet-logs", ["LogServer", "SealedObjects"]),
        executable("martlet-traces", ["TraceServer", "SealedObjects"]),
        executable("martlet-dashboards", ["Dashboards"]),
        executable("martlet-alerts", ["Alerting"]),
        executable("martlet-agent", ["Collection"]),
        executable(
            "martlet",
            [
                "Supervision", "Checking", "MetricTools", "Certificates", "Backup", "Moving", "Querying", "Peers",
                "Benchmarking",
            ]),

        // MARK: The jobs
        library(
            "MetricServer",
            [
                "MartletCore", "SampleMath", "PromQL", "MetricStorage", "ObjectStorage", "RemoteStorage", "Scraping",
                "Rules", "Templates", "Durable", "Compression", "Wire", "Service",
                hummingbird, httpTypes, nioCore, argumentParser, logging, lifecycle,
            ]),
        library(
            "Scraping",
            [
                "MartletCore", "SampleMath", "PromQL", "MetricStorage", "RemoteStorage", "Durable", "Compression",
                "Wire", "Service", httpClient, nioCore, nioPosix, nioHTTP1, logging, lifecycle,
            ]),
        library(
            "RemoteStorage",
            [
                "MartletCore", "SampleMath", "PromQL", "MetricStorage", "Delivery", "Durable", "Compression", "Wire",
                "Service", httpClient, nioCore, nioPosix, nioHTTP1, logging, lifecycle,
            ]),
        library(
            "Rules",
            [
                "MartletCore", "SampleMath", "PromQL", "Templates", "Durable", "Service", httpClient, nioCore, nioPosix,
                nioHTTP1, logging, lifecycle,
            ]),
        library("LogRules", ["MartletCore", "SampleMath", "LogQL", "PromQL", "Rules"]),
        library(
            "Checking",
            [
                "MartletCore", "SampleMath", "PromQL", "PromQLTesting", "Templates", "Rules", "LogRules", "Scraping",
                "LogServer", "TraceServer", "Collection", "Alerting", "Durable", "Service", argumentParser, logging,
            ]),
        library(
            "MetricStorage",
            ["MartletCore", "CPlatform", "SampleMath", "PromQL", "Durable", "Compression", logging]),
        library("PromQL", ["MartletCore", "SampleMath"]),
        library("PromQLTesting", ["MartletCore", "SampleMath", "PromQL"]),
        library(
            "LogServer",
            [
                "MartletCore", "Compression", "Durable", "LogQL", "LogStorage", "ObjectStorage", "SealedObjects",
                "Rules", "LogRules", "MetricStorage", "RemoteStorage", "Templates", "Wire", "Service", hummingbird,
                httpTypes, nioCore, argumentParser, logging, metrics, lifecycle,
            ]),
        library("LogStorage", ["MartletCore", "LogQL", "Bolt", "Durable", "Compression", "Wire", logging]),
        library("LogQL", ["MartletCore", "SampleMath", "Templates"]),
        library(
            "SpanMetrics",
            [
                "MartletCore", "PromQL", "MetricStorage", "RemoteStorage", "Durable", "Wire", "Service", lifecycle,
                logging,
            ]),
        library(
            "TraceServer",
            [
                "MartletCore", "TraceQL", "TraceSampling", "TraceStorage", "SpanMetrics", "RemoteStorage",
                "ObjectStorage", "SealedObjects", "Durable", "OTLPReceiver", "Wire", "Service", hummingbird, httpTypes,
                nioCore, lifecycle, logging, metrics,
            ]),
        library(
            "TraceStorage", ["MartletCore", "TraceQL", "TraceSampling", "Durable", "Compression", "Wire", logging]),
        library("TraceSampling", ["MartletCore", "Wire"]),
        library("TraceQL", ["MartletCore", "SampleMath"]),
        library(
            "Alerting",
            [
                "MartletCore", "Durable", "Wire", "Service", hummingbird, httpClient, httpTypes, nioCore, nioHTTP1,
                nioPosix,
                lifecycle,
                logging,
                metrics,
            ]),
        library(
            "Collection",
            [
                "MartletCore", "CPlatform", "CSystemd", "Durable", "Delivery", "OTLPReceiver", "Wire", "Service",
                hummingbird, lifecycle, logging, metrics, httpTypes, nioCore,
            ]),
        library(
            "Dashboards",
            [
                "MartletCore", "BoardModels", "Compression", "Durable", "Service", grdb, crypto, hummingbird, httpTypes,
                httpClient,
                logging, lifecycle, nioCore, nioPosix, nioHTTP1,
            ]),
        library(
            "MetricTools",
            [
                "MartletCore", "MetricStorage", "PromQL", "SampleMath", "Durable", "Wire", "Service", argumentParser,
                logging,
            ]),
        library(
            "Backup",
            [
                "MartletCore", "Durable", "ObjectStorage", "Service", argumentParser, crypto, httpClient, nioCore,
                nioPosix, nioHTTP1, lifecycle,
            ]),
        library(
            "Certificates",
            ["MartletCore", "Durable", "Service", "Supervision", argumentParser, crypto, x509, asn1]),
        library(
            "Moving",
            [
                "MartletCore", "BoardModels", "Wire", "Durable", "Delivery", "Peers", "Service", argumentParser,
            ]),
        library(
            "Querying",
            [
                "MartletCore", "Alerting", "Peers", "TraceQL", "Wire", "Service", argumentParser, nioCore, nioPosix,
                nioHTTP1, nioSSL, nioWebSocket,
            ]),
        library(
            "Benchmarking",
            [
                "MartletCore", "Compression", "Durable", "Wire", "Delivery", "Peers", "Service", httpClient, nioCore,
                nioHTTP1, lifecycle,
            ]),
        library(
            "Supervision",
            ["MartletCore", "CPlatform", "Durable", "Service", argumentParser, crypto, httpClient, nioCore, nioPosix]),

        // MARK: Shared machinery
        library(
            "Peers",
            ["MartletCore", "Wire", "Delivery", "Service", argumentParser, httpClient, nioCore, nioHTTP1]),
        library(
            "OTLPReceiver",
            [
                "MartletCore", "Compression", "Wire", "Service", logging, metrics, lifecycle, httpTypes, nioCore,
                nioPosix,
                nioHTTP2, nioHPACK, hummingbird, grpcCore, grpcTransport,
            ]),
        library(
            "ObjectStorage",
            [
                "MartletCore", "Durable", "Delivery", "Service", argumentParser, metrics, nioCore, nioHTTP1, httpClient,
                crypto,
            ]),
        library(
            "SealedObjects",
            [
                "MartletCore", "Compression", "Durable", "Delivery", "ObjectStorage", "Service", argumentParser,
                logging, lifecycle,
            ]),
        library(
            "Delivery",
            [
                "MartletCore", "Wire", "Compression", "Durable", "Service", logging, metrics, lifecycle, nioCore,
                nioHTTP1,
                httpClient,
            ]),
        library(
            "Service",
            [
                "MartletCore", "CPlatform", "CSystemd", "CCrypt", "Compression", "Durable", "Wire", argumentParser,
                logging,
                metrics,
                tracing, lifecycle, hummingbird, hummingbirdTLS, httpTypes, httpClient, nioCore, nioPosix, nioHTTP1,
                nioHTTP2, nioHTTPTypes, nioHTTPTypesHTTP2, nioSSL,
                crypto, yams,
            ]),
        library("Templates", ["MartletCore"]),
        library("SampleMath", ["MartletCore"]),
        library("Bolt", ["MartletCore", "Durable", "CPlatform"]),
        library("Durable", ["MartletCore", "CPlatform", "Compression", logging]),
        library("Wire", ["MartletCore", "Compression", "CMessages"]),
        .target(
            name: "Compression", dependencies: ["MartletCore", "CSnappy", "CZlib", "CZstd"], swiftSettings: strict,
            linkerSettings: archive("snappy") + archive("zstd")),
        library("BoardModels", ["MartletCore"]),

        // MARK: Core
        library("MartletCore", ["CPlatform", "CRE2"]),

        // MARK: C
        .target(name: "CPlatform"),
        .target(name: "CRE2", linkerSettings: archive("re2")),
        .target(name: "CMessages", dependencies: ["CProtobufC"], linkerSettings: archive("protobuf-c")),
        system("CProtobufC", apt: "libprotobuf-c-dev"),
        system("CSnappy", apt: "libsnappy-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("CZstd", apt: "libzstd-dev"),
        system("CSystemd", pkgConfig: "libsystemd", apt: "libsystemd-dev"),
        system("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),

        // MARK: Tests
        tests("MartletCore"),
        tests("Compression"),
        tests("Wire", ["Compression", "CMessages"]),
        tests("Durable", [logging]),
        tests("Bolt", ["Durable"]),
        tests("Templates", ["MartletCore"], exclude: ["GoTemplates.jsonl"]),
        tests("SampleMath", ["MartletCore"]),
        tests("PromQL", ["MartletCore", "SampleMath", "PromQLTesting"], exclude: ["Corpus"]),
        tests(
            "Rules",
            [
                "MartletCore", "SampleMath", "PromQL", "PromQLTesting", "Checking", "Wire", "Service", hummingbird,
                nioCore, logging,
            ]),
        tests(
            "Checking", ["MartletCore", "PromQL", "LogRules", "Rules", "Durable", "Service"],
            exclude: ["Configurations"]),
        tests("MetricStorage", ["PromQL", "SampleMath", "Durable", logging]),
        tests(
            "Scraping",
            [
                "MartletCore", "MetricStorage", "RemoteStorage", "PromQL", "SampleMath", "Durable", "Wire", "Service",
                hummingbird, logging,
            ]),
        tests(
            "RemoteStorage",
            [
                "MartletCore", "MetricStorage", "PromQL", "SampleMath", "Durable", "Compression", "Wire", "Service",
                hummingbird, httpTypes, nioCore, nioPosix, logging,
            ]),
        tests(
            "MetricServer",
            [
                "MartletCore", "SampleMath", "PromQL", "MetricStorage", "RemoteStorage", "Scraping", "Durable",
                "Compression", "Wire", "Service", httpClient, nioCore, nioHTTP1,
                logging, argumentParser,
            ]),
        tests("LogQL"),
        tests("LogRules", ["MartletCore", "LogQL", "PromQL", "Rules", "SampleMath"]),
        tests("LogStorage", ["LogQL", "Bolt", "Compression", "Durable", "Wire"]),
        tests("LogServer", ["Durable", "RemoteStorage", "Rules", "Service", argumentParser]),
        tests("TraceQL"),
        tests("TraceSampling", ["MartletCore", "Wire"]),
        tests("TraceStorage", ["TraceQL", "TraceSampling", "Durable", "Wire"]),
        tests(
            "SpanMetrics",
            ["MartletCore", "MetricStorage", "PromQL", "RemoteStorage", "Durable", "Wire", "Service", logging]),
        tests(
            "TraceServer",
            [
                "MartletCore", "Durable", "TraceSampling", "TraceStorage", "SpanMetrics", "RemoteStorage",
                "OTLPReceiver",
                "Wire", "CMessages", "Service", hummingbird, httpClient, nioCore, nioHTTP1, logging,
            ]),
        tests("Alerting", ["MartletCore", "Durable", "Service", hummingbird, httpClient, nioCore, nioHTTP1, logging]),
        tests("Collection", ["MartletCore", "Durable", "Delivery", "OTLPReceiver", "Wire", "Service", logging]),
        tests(
            "Dashboards",
            ["MartletCore", "Service", grdb, hummingbird, httpTypes, httpClient, logging, nioCore, nioHTTP1]),
        tests("Supervision"),
        tests("Backup", ["MartletCore", "Durable", "ObjectStorage", "Service"]),
        tests("Certificates", ["Durable"]),
        tests("MetricTools", ["MetricStorage", "Durable"]),
        tests("BoardModels", ["MartletCore"]),
        tests("Peers", ["MartletCore", "Service", argumentParser]),
        tests("Moving", ["MartletCore", "BoardModels", "Peers", "Wire", "Durable", "Service"]),
        tests("Querying", ["MartletCore", "Peers", "Wire", "Service"]),
        tests("Benchmarking", ["MartletCore", "Compression", "Wire"]),
        tests(
            "OTLPReceiver",
            [
                "MartletCore", "Compression", "Wire", "Service", logging, nioCore, nioHTTP1, httpClient, grpcCore,
                grpcTransport,
            ]),
        tests(
            "ObjectStorage",
            [
                "MartletCore", "Durable", "Delivery", "Service", hummingbird, httpTypes, httpClient, nioCore, nioPosix,
                logging,
            ]),
        tests(
            "SealedObjects", ["MartletCore", "Durable", "ObjectStorage", "Service", logging]),
        tests(
            "Delivery",
            [
                "MartletCore", "Wire", "Compression", "Durable", "Service", logging, lifecycle, httpTypes, nioCore,
                httpClient,
                hummingbird,
            ]),
        tests("Service"),
    ],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
