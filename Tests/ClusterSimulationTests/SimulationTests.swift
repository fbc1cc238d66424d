import ClusterSimulation
import Testing

@Suite(.timeLimit(.minutes(10))) struct SimulationTests {
    /// A few, since each takes a second in a debug build; `make simulate` runs many.
    static let seeds: [UInt64] = Array(1...12)

    @Test(arguments: seeds)
    func `all checks hold`(seed: UInt64) {
        let report = SimulatedCluster(seed: seed).run()
        #expect(report.isGood, "\(report.text)")
        #expect(report.figures.writesAcknowledged > 20)
        #expect(report.figures.queriesAnswered > 8)
    }

    @Test(arguments: [3, 77] as [UInt64])
    func `a seed gives the same run each time`(seed: UInt64) {
        let first = SimulatedCluster(seed: seed).run()
        let second = SimulatedCluster(seed: seed).run()
        #expect(first.traceHash == second.traceHash)
        #expect(first.figures == second.figures)
        #expect(SimulatedCluster(seed: seed + 1).run().traceHash != first.traceHash)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `without faults nothing fails and each sample is stored once`(seed: UInt64) {
        var settings = SimulationSettings()
        settings.faults = []
        let report = SimulatedCluster(seed: seed, settings: settings).run()
        #expect(report.isGood, "\(report.text)")
        #expect(report.figures.writesFailed == 0)
        #expect(report.figures.queriesFailed == 0)
        #expect(report.figures.steps > 1000)
    }

    @Test func `a failure says how to run it again`() {
        var report = SimulationReport(seed: 42)
        report.failures = ["3 acknowledged samples are missing"]
        #expect(report.text.contains("make simulate SEED=42"))
        #expect(report.text.contains("3 acknowledged samples are missing"))
    }
}
