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
        try await expectPass(path, ScriptRunner())
    }

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
