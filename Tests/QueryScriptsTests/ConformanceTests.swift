import PromQL
import QueryScripts
import Querying
import Testing

/// Scripts in files: ours, and those that Prometheus tests itself with.
@Suite struct ConformanceTests {
    @Test(arguments: try ScriptFiles.paths(in: ScriptFiles.own))
    func `our scripts pass in every storage`(path: String) async throws {
        try await expectPass(path, ScriptRunner())
    }

    @Test(arguments: try ScriptFiles.paths(in: ScriptFiles.own + "/ImmediateNames"))
    func `our scripts about names that are dropped at once pass`(path: String) async throws {
        let features = QueryFeatures(language: .all, evaluation: [])
        try await expectPass(path, ScriptRunner(features: features))
    }

    @Test(
        .enabled(
            if: ScriptFiles.exist(in: ScriptFiles.reference),
            "no reference scripts at \(ScriptFiles.reference)"
        ),
        arguments: (try? ScriptFiles.paths(in: ScriptFiles.reference)) ?? []
    )
    func `the scripts of Prometheus pass in every storage`(path: String) async throws {
        guard Self.incomplete.contains(ScriptFiles.name(path)) else {
            try await expectPass(path, ScriptRunner())
            return
        }
        await withKnownIssue("histograms and start timestamps are not stored and evaluated") {
            try await expectPass(path, ScriptRunner())
        }
    }

    /// Scripts that cannot pass before histograms and start timestamps are stored and evaluated.
    private static let incomplete: Set = [
        "aggregators.test", "extended_vectors.test", "functions.test", "histograms.test",
        "info.test", "limit.test", "native_histograms.test", "operators.test",
        "start_timestamps.test",
    ]

    private func expectPass(_ path: String, _ runner: ScriptRunner) async throws {
        let name = ScriptFiles.name(path)
        let report = await runner.run(try ScriptFiles.text(path), name: name)
        print("\(name): \(report.passed) passed, \(report.failed) failed")
        #expect(report.passed > 0)
        #expect(
            report.failed == 0,
            "\(report.failures.map(\.description).joined(separator: "\n"))"
        )
    }
}
