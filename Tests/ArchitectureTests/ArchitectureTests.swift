import Foundation
import Testing

/// Holds the directions of imports: lines of the target graph point down only.
@Suite struct ArchitectureTests {
    /// Which of our targets each target may import.
    ///
    /// ARCHITECTURE.md has the same table.
    static let allowed: [String: Set<String>] = {
        let model: Set = ["MetricsModel"]
        let core = model.union([
            "ChunkCoding", "BlockFormat", "HeadStorage", "WriteAheadLog", "HashRing", "RemoteWrite",
            "PromQL",
        ])
        let roles = core.union(["ClusterInterface", "CHashing"])
        return [
            "MetricsModel": ["CHashing", "CRE2"],
            "ChunkCoding": model,
            "BlockFormat": model.union(["ChunkCoding", "CHashing", "CZstd"]),
            "HeadStorage": model.union(["ChunkCoding", "CHashing"]),
            "WriteAheadLog": model.union(["CHashing"]),
            "HashRing": model,
            "RemoteWrite": model.union(["CSnappy"]),
            "PromQL": model.union(["CHashing"]),
            "ClusterInterface": model.union(["BlockFormat", "ChunkCoding", "HashRing"]),
            "Distribution": roles,
            "Ingestion": roles,
            "Querying": roles,
            "Compaction": roles,
            "QueryScripts": roles.union(["Querying"]),
            "PrometheusAPI": core.union([
                "CZlib", "CZstd", "ClusterInterface", "Compaction", "Distribution", "Ingestion",
                "Querying",
            ]),
            "ClusterTransport": core.union(["ClusterInterface"]),
            "BlockInspection": model.union(["BlockFormat", "ClusterInterface"]),
            "QueryClient": [],
            "CapacityPlanning": ["HashRing"],
            "StorageSchema": core.union(["ClusterInterface", "SchemaMigrations"]),
            "PostgresStorage": core.union([
                "ClusterInterface", "CLibpq", "SchemaMigrations", "StorageSchema",
            ]),
            "EmbeddedStorage": core.union(["ClusterInterface", "SchemaMigrations", "StorageSchema"]
            ),
            "LocalFiles": core.union(["ClusterInterface", "CHashing"]),
            "ServiceSupport": model,
            "TestSupport": ["CSnappy"],
            "QueryFuzzing": model.union(["PromQL"]),
            "ClusterSimulation": core.union([
                "ClusterInterface", "Compaction", "Distribution", "Ingestion", "Querying",
                "TestSupport",
            ]),
            "engram-simulation": ["ClusterSimulation"],
            "Services": core.union([
                "ClusterInterface", "Compaction", "Distribution", "Ingestion", "Querying",
                "PrometheusAPI", "BlockInspection", "CapacityPlanning", "ClusterTransport",
                "QueryClient",
                "QueryScripts",
                "PostgresStorage", "EmbeddedStorage", "LocalFiles", "ServiceSupport",
            ]),
            "engram": ["Services"],
            "engram-distributor": ["Services"],
            "engram-ingester": ["Services"],
            "engram-querier": ["Services"],
        ]
    }()

    /// Targets that do no IO, read no clock and draw no random number.
    static let core = [
        "MetricsModel", "ChunkCoding", "BlockFormat", "HeadStorage", "WriteAheadLog", "HashRing",
        "RemoteWrite",
        "PromQL", "ClusterInterface",
    ]

    @Test func `targets import only targets below them`() throws {
        let tree = try SourceTree.read()
        #expect(tree.files.count >= Self.allowed.count - 1, "sources were not found")
        for (target, files) in tree.files {
            guard let allowed = Self.allowed[target] else {
                Issue.record("the target \(target) is not in the table")
                continue
            }
            for file in files {
                for module in file.imports where isOurs(module, tree) && module != target {
                    #expect(allowed.contains(module), "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func `the core imports no Foundation`() throws {
        for file in try coreFiles() {
            for module in file.imports {
                #expect(!module.hasPrefix("Foundation"), "\(file.path) imports \(module)")
            }
        }
    }

    @Test(arguments: [
        "ContinuousClock", "SuspendingClock", "Date()", "clock_gettime", "gettimeofday",
        "Task.sleep",
        "SystemRandomNumberGenerator", ".random(in:", ".shuffled()", ".randomElement()", "open(",
        "socket(",
    ])
    func `the core has no clock, no chance and no files`(word: String) throws {
        for file in try coreFiles() {
            for (number, line) in file.code.enumerated() where line.contains(word) {
                // A generator that the caller passes in makes chance repeatable.
                guard !line.contains("using:") else { continue }
                guard !isPartOfLongerName(word, in: line) else { continue }
                Issue.record("\(file.path), code line \(number + 1) has \(word): \(line)")
            }
        }
    }

    @Test func `the check finds what is forbidden`() {
        let file = SourceTree.File(
            path: "PromQL/X.swift",
            lines: ["public import Querying", "import struct Foundation.Date", "// import Nothing"]
        )
        #expect(file.imports == ["Querying", "Foundation"])
        #expect(Self.allowed["PromQL"]?.contains("Querying") == false)
    }

    private func coreFiles() throws -> [SourceTree.File] {
        let tree = try SourceTree.read()
        let files = Self.core.flatMap { tree.files[$0] ?? [] }
        #expect(!files.isEmpty)
        return files
    }

    private func isOurs(_ module: String, _ tree: SourceTree) -> Bool {
        tree.files[module] != nil || module == "SchemaMigrations" || module == "CLibpq"
    }

    /// `reopen(` is not `open(`.
    private func isPartOfLongerName(_ word: String, in line: Substring) -> Bool {
        guard word.hasSuffix("("), let range = line.range(of: word),
            range.lowerBound > line.startIndex
        else {
            return false
        }
        let before = line[line.index(before: range.lowerBound)]
        return before.isLetter || before == "." || before == "_" || line.contains("func ")
    }
}
