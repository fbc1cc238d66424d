// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A program of benchmarks, in the folder of its name.
func benchmarks(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "Measuring",
            .product(name: "Benchmark", package: "benchmark"),
            .product(name: "Engram", package: "engram"),
        ],
        path: name,
        swiftSettings: settings,
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
    )
}

/// The benchmarks of the hot paths and of whole queries.
///
/// A package of its own, so that nobody who builds Engram has to fetch what only they need.
let package = Package(
    name: "engram-benchmarks",
    dependencies: [
        // Without its traits: these need a malloc of their own, which is not everywhere.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        // Named, as the folder of a checkout may have any name.
        .package(name: "engram", path: ".."),
    ],
    targets: [
        .target(name: "CAllocationCounting", path: "CAllocationCounting"),
        .target(name: "CInstructionCounting", path: "CInstructionCounting"),
        .target(
            name: "Measuring",
            dependencies: ["CAllocationCounting", "CInstructionCounting"],
            path: "Measuring",
            swiftSettings: settings
        ),
        benchmarks("HotPaths"),
        benchmarks("EngineBenchmarks"),
    ],
    swiftLanguageModes: [.v6]
)
