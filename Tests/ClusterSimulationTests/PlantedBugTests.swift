import ClusterSimulation
import Testing

/// The simulation is worth something only if it finds mistakes that are there.
@Suite(.timeLimit(.minutes(10))) struct PlantedBugTests {
    /// A mistake, the faults that bring it to light, and the seeds within which they have to.
    struct Case: Sendable, CustomTestStringConvertible {
        var bug: PlantedBug
        var faults: FaultKinds
        var seeds: ClosedRange<UInt64> = 1...40

        var testDescription: String { bug.rawValue }
    }

    static let cases = [
        Case(bug: .quorumOfOne, faults: [.crashes, .partitions]),
        Case(
            bug: .flushMarkedBeforeStored,
            faults: [.loss, .outages, .zoneLoss],
            // All replicas have to lose the same window: one seed in seventeen.
            seeds: 1...120
        ),
        Case(bug: .forgottenTooEarly, faults: [.crashes]),
        Case(bug: .tombstoneIgnored, faults: []),
        Case(bug: .acknowledgedBeforeSync, faults: [.crashes]),
        Case(bug: .tooManyMissingTolerated, faults: [.crashes]),
        Case(bug: .readsBeforeReplay, faults: [.crashes]),
    ]

    @Test func `there is a case for every bug that can be planted`() {
        #expect(Set(Self.cases.map(\.bug)) == Set(PlantedBug.allCases))
    }

    @Test(arguments: cases)
    func `a planted bug is found`(planted: Case) {
        var settings = SimulationSettings()
        settings.faults = planted.faults
        for seed in planted.seeds {
            settings.plantedBug = planted.bug
            guard !SimulatedCluster(seed: seed, settings: settings).run().isGood else { continue }
            // It is the bug that was found: without it the same seed is good.
            settings.plantedBug = nil
            let sound = SimulatedCluster(seed: seed, settings: settings).run()
            #expect(sound.isGood, "\(sound.text)")
            return
        }
        Issue.record("\(planted.bug) was not found within the seeds \(planted.seeds)")
    }
}
