// swift-tools-version: 6.2
import PackageDescription

/// The settings of every target of ours.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Core and roles call each other for each series: generic code is specialised across their borders.
let fast: [SwiftSetting] =
    strict + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

let package = Package(
    name: "engram",
    products: [
        .library(
            name: "Engram",
            targets: [
                "MetricsModel", "ChunkCoding", "BlockFormat", "HeadStorage", "WriteAheadLog",
                "HashRing",
                "RemoteWrite", "PromQL", "ClusterInterface", "Distribution", "Ingestion",
                "Querying", "QueryScripts", "Compaction",
            ]
        ),
        .executable(name: "engram", targets: ["engram"]),
        .executable(name: "engram-distributor", targets: ["engram-distributor"]),
        .executable(name: "engram-ingester", targets: ["engram-ingester"]),
        .executable(name: "engram-querier", targets: ["engram-querier"]),
    ],
    dependencies: [
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: ["YAML", "CommandLineArguments"]
        ),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries
        .target(name: "CHashing"),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // Pure core
        .target(name: "MetricsModel", dependencies: ["CHashing", "CRE2"], swiftSettings: fast),
        .target(name: "ChunkCoding", dependencies: ["MetricsModel"], swiftSettings: fast),
        .target(
            name: "BlockFormat",
            dependencies: ["CHashing", "CZstd", "ChunkCoding", "MetricsModel"],
            swiftSettings: fast
        ),
        .target(
            name: "HeadStorage",
            dependencies: ["CHashing", "ChunkCoding", "MetricsModel"],
            swiftSettings: fast
        ),
        .target(
            name: "WriteAheadLog",
            dependencies: ["CHashing", "MetricsModel"],
            swiftSettings: fast
        ),
        .target(name: "HashRing", dependencies: ["MetricsModel"], swiftSettings: fast),
        .target(
            name: "RemoteWrite",
            dependencies: ["CSnappy", "MetricsModel"],
            swiftSettings: fast
        ),
        .target(name: "PromQL", dependencies: ["CHashing", "MetricsModel"], swiftSettings: fast),

        // Seam
        .target(
            name: "ClusterInterface",
            dependencies: ["BlockFormat", "ChunkCoding", "HashRing", "MetricsModel"],
            swiftSettings: fast
        ),

        // Roles
        .target(
            name: "Distribution",
            dependencies: [
                "CHashing", "ClusterInterface", "HashRing", "MetricsModel", "RemoteWrite",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: fast
        ),
        .target(
            name: "Ingestion",
            dependencies: [
                "BlockFormat", "ChunkCoding", "ClusterInterface", "HashRing", "HeadStorage",
                "MetricsModel", "WriteAheadLog",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: fast
        ),
        .target(
            name: "Compaction",
            dependencies: [
                "BlockFormat", "ClusterInterface", "MetricsModel",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: fast
        ),
        .target(
            name: "Querying",
            dependencies: [
                "BlockFormat", "ChunkCoding", "ClusterInterface", "MetricsModel", "PromQL",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: fast
        ),
        .target(
            name: "QueryScripts",
            dependencies: [
                "BlockFormat", "ChunkCoding", "ClusterInterface", "HeadStorage", "MetricsModel",
                "PromQL", "Querying",
            ],
            swiftSettings: fast
        ),

        // Edges
        .target(
            name: "PrometheusAPI",
            dependencies: [
                "CZlib", "CZstd", "ClusterInterface", "Compaction", "Distribution", "HashRing",
                "Ingestion", "MetricsModel", "PromQL", "Querying", "RemoteWrite",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: fast
        ),
        .target(
            name: "BlockInspection",
            dependencies: ["BlockFormat", "ClusterInterface", "MetricsModel"],
            swiftSettings: strict
        ),
        .target(name: "CapacityPlanning", dependencies: ["HashRing"], swiftSettings: strict),
        .target(
            name: "QueryClient",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ClusterTransport",
            dependencies: [
                "ChunkCoding", "ClusterInterface", "MetricsModel",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: fast
        ),
        .target(
            name: "SchemaMigrations",
            path: "migrations",
            resources: [
                .embedInCode("0001_blocks.postgres.sql"), .embedInCode("0001_blocks.sqlite.sql"),
                .embedInCode("0002_ring.postgres.sql"), .embedInCode("0002_ring.sqlite.sql"),
                .embedInCode("0003_compaction.postgres.sql"),
                .embedInCode("0003_compaction.sqlite.sql"),
                .embedInCode("0004_deletions.postgres.sql"),
                .embedInCode("0004_deletions.sqlite.sql"),
                .embedInCode("0005_stored.postgres.sql"), .embedInCode("0005_stored.sqlite.sql"),
                .embedInCode("0006_distributors.postgres.sql"),
                .embedInCode("0006_distributors.sqlite.sql"),
                .embedInCode("0007_ha_elections.postgres.sql"),
                .embedInCode("0007_ha_elections.sqlite.sql"),
                .embedInCode("0008_tenant_overrides.postgres.sql"),
                .embedInCode("0008_tenant_overrides.sqlite.sql"),
                .embedInCode("0009_departures.postgres.sql"),
                .embedInCode("0009_departures.sqlite.sql"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "StorageSchema",
            dependencies: ["ClusterInterface", "MetricsModel", "SchemaMigrations"],
            swiftSettings: strict
        ),
        .target(
            name: "PostgresStorage",
            dependencies: [
                "CLibpq", "ClusterInterface", "HashRing", "MetricsModel", "SchemaMigrations",
                "StorageSchema",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "EmbeddedStorage",
            dependencies: [
                "ClusterInterface", "HashRing", "MetricsModel", "SchemaMigrations",
                "StorageSchema", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "LocalFiles",
            dependencies: [
                "CHashing", "ClusterInterface", "MetricsModel", "WriteAheadLog",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ServiceSupport",
            dependencies: [
                "MetricsModel",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),

        // Wiring
        .target(
            name: "Services",
            dependencies: [
                "BlockInspection", "CapacityPlanning", "ClusterInterface", "ClusterTransport",
                "Compaction", "Distribution",
                "EmbeddedStorage", "HashRing", "Ingestion", "LocalFiles", "MetricsModel",
                "PostgresStorage", "PromQL",
                "PrometheusAPI", "QueryClient", "QueryScripts", "Querying", "RemoteWrite",
                "ServiceSupport",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(name: "engram", dependencies: ["Services"], swiftSettings: strict),
        .executableTarget(
            name: "engram-distributor",
            dependencies: ["Services"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "engram-ingester",
            dependencies: ["Services"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "engram-querier",
            dependencies: ["Services"],
            swiftSettings: strict
        ),

        // Tests
        .target(name: "TestSupport", dependencies: ["CSnappy"], swiftSettings: strict),
        .target(
            name: "QueryFuzzing",
            dependencies: ["MetricsModel", "PromQL"],
            swiftSettings: strict
        ),
        .target(
            name: "ClusterSimulation",
            dependencies: [
                "ChunkCoding", "ClusterInterface", "Compaction", "Distribution",
                "HashRing", "Ingestion", "MetricsModel", "PromQL", "Querying", "TestSupport",
                "WriteAheadLog",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "engram-simulation",
            dependencies: ["ClusterSimulation"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ClusterSimulationTests",
            dependencies: ["ClusterSimulation"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "QueryFuzzingTests",
            dependencies: ["MetricsModel", "PromQL", "QueryFuzzing", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DifferentialTests",
            dependencies: ["MetricsModel", "PromQL", "QueryFuzzing", "RemoteWrite", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "BlockFormat", "ChunkCoding", "ClusterInterface", "ClusterTransport",
                "MetricsModel", "RemoteWrite", "TestSupport", "WriteAheadLog",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "MetricsModelTests",
            dependencies: ["MetricsModel", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ChunkCodingTests",
            dependencies: ["ChunkCoding", "MetricsModel", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BlockFormatTests",
            dependencies: ["BlockFormat", "CZstd", "MetricsModel", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BlockInspectionTests",
            dependencies: [
                "BlockFormat", "BlockInspection", "ClusterInterface", "MetricsModel",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HeadStorageTests",
            dependencies: ["ChunkCoding", "HeadStorage", "MetricsModel", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WriteAheadLogTests",
            dependencies: ["MetricsModel", "TestSupport", "WriteAheadLog"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HashRingTests",
            dependencies: ["HashRing", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CapacityPlanningTests",
            dependencies: ["CapacityPlanning", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RemoteWriteTests",
            dependencies: ["MetricsModel", "RemoteWrite", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PromQLTests",
            dependencies: ["MetricsModel", "PromQL", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DistributionTests",
            dependencies: [
                "ClusterInterface", "Distribution", "HashRing", "MetricsModel", "RemoteWrite",
                "TestSupport",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IngestionTests",
            dependencies: [
                "BlockFormat", "ChunkCoding", "ClusterInterface", "HeadStorage", "Ingestion",
                "MetricsModel", "TestSupport", "WriteAheadLog",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CompactionTests",
            dependencies: [
                "BlockFormat", "ClusterInterface", "Compaction", "EmbeddedStorage", "MetricsModel",
                "PromQL", "Querying", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "QueryingTests",
            dependencies: [
                "BlockFormat", "ChunkCoding", "ClusterInterface", "MetricsModel", "PromQL",
                "Querying", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "QueryScriptsTests",
            dependencies: ["MetricsModel", "PromQL", "QueryScripts", "Querying"],
            exclude: ["Scripts"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrometheusAPITests",
            dependencies: [
                "CZlib", "CZstd", "ChunkCoding", "ClusterInterface", "Distribution", "HashRing",
                "Ingestion",
                "MetricsModel", "PromQL", "PrometheusAPI", "QueryClient", "Querying",
                "RemoteWrite", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ClusterTransportTests",
            dependencies: [
                "ChunkCoding", "ClusterInterface", "ClusterTransport", "MetricsModel",
                "TestSupport",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Recorded"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "StorageSchemaTests",
            dependencies: [
                "ClusterInterface", "MetricsModel", "SchemaMigrations", "StorageSchema",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "ClusterInterface", "EmbeddedStorage", "HashRing", "MetricsModel",
                "PostgresStorage", "SchemaMigrations", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PostgresStorageTests",
            dependencies: [
                "ClusterInterface", "HashRing", "MetricsModel", "PostgresStorage",
                "SchemaMigrations", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "LocalFilesTests",
            dependencies: [
                "ClusterInterface", "LocalFiles", "MetricsModel", "TestSupport", "WriteAheadLog",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServiceSupportTests",
            dependencies: [
                "MetricsModel", "ServiceSupport", "TestSupport",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                "ClusterInterface", "MetricsModel", "PrometheusAPI", "ServiceSupport", "Services",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "MetricsModel", "RemoteWrite", "TestSupport", "engram", "engram-distributor",
                "engram-ingester", "engram-querier",
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
