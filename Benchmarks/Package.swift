// swift-tools-version: 6.2
import PackageDescription

/// The benchmarks of the hot paths.
///
/// A package of its own, so that nobody who builds Engram has to fetch what only they need.
let package = Package(
    name: "engram-benchmarks",
    dependencies: [
        // Without its traits: these replace malloc and count its calls.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        // Named, as the folder of a checkout may have any name.
        .package(name: "engram", path: ".."),
    ],
    targets: [
        .executableTarget(
            name: "HotPaths",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Engram", package: "engram"),
            ],
            path: "HotPaths",
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ],
    swiftLanguageModes: [.v6]
)
