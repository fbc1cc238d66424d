import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import Distribution

/// Some distributors around one store, on virtual time: senders come and go, what is known travels slowly.
@Suite struct HAElectionSimulation {
    /// One distributor: its election, its clock, and when it polls and writes.
    private struct Distributor {
        var election: HAElection
        var jitter: Int64
        var nextPoll: Int64
    }

    /// What is true, whoever knows it.
    private struct Truth {
        var receivedAt: Int64
        var storedSample: Int64
    }

    private static let start: Int64 = 1_700_000_000_000
    private static let tick: Int64 = 1000

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `one replica is elected, for one silence once, after both timeouts, and all agree`(
        seed: UInt64
    ) throws {
        let (faults, electionCount) = try Self.run(seed: seed, by: HATrackerSettings())
        #expect(faults.isEmpty, "seed \(seed): \(faults.prefix(3))")
        #expect(electionCount > 1)
    }

    /// What must be found: rules that elect too early, and one that tells the others too late.
    @Test(arguments: ["silence", "samples", "telling"])
    func `the simulation finds a fault that is planted`(rule: String) throws {
        var settings = HATrackerSettings()
        switch rule {
        case "silence": settings.failoverTimeoutMilliseconds = 10_000
        case "samples": settings.sampleFailoverTimeoutMilliseconds = 0
        default: settings.updateTimeoutMilliseconds = 40_000
        }
        let faults = try (1...20 as ClosedRange<UInt64>).flatMap { seed in
            try Self.run(seed: seed, by: settings).faults
        }
        #expect(!faults.isEmpty)
    }

    /// - Parameter settings: What is decided by; what must hold is judged by those that are right.
    private static func run(
        seed: UInt64,
        by settings: HATrackerSettings
    ) throws -> (faults: [String], electionCount: Int) {
        let right = HATrackerSettings()
        var faults: [String] = []
        func require(_ isRight: Bool, _ what: String, _ step: Int) {
            if !isRight { faults.append("\(what) in step \(step)") }
        }
        var generator = SeededGenerator(seed: seed)
        let store = MemoryElections()
        let cluster = HAClusterID(tenant: .anonymous, cluster: "eu")
        var distributors = (0..<3).map { number in
            Distributor(
                election: HAElection(cluster),
                jitter: .random(in: 0...5000, using: &generator),
                nextPoll: Self.start + Int64(number) * 700
            )
        }
        let replicas = ["a", "b"]
        var isAlive = [true, true]
        // How far each sender's samples are behind.
        let lag = [Int64.random(in: 0...20_000, using: &generator), 0]
        var truth: [String: Truth] = [:]
        var elections: [(at: Int64, replica: String)] = []
        var deadSince: Int64?

        for step in 0..<1200 {
            let now = Self.start + Int64(step) * Self.tick
            store.set(now: now)
            if step % 150 == 100 {
                // One goes away, or both are there again.
                let isElected = Int.random(in: 0..<4, using: &generator) > 0 || step == 100
                let elected = elections.last?.replica == "a" ? 0 : 1
                let loser = isElected ? elected : 1 - elected
                isAlive = isAlive == [true, true] ? [loser != 0, loser != 1] : [true, true]
                deadSince = isAlive == [true, true] ? nil : now
            }
            for (number, replica) in replicas.enumerated() where isAlive[number] {
                guard Int.random(in: 0..<3, using: &generator) == 0 else { continue }
                let index = Int.random(in: distributors.indices, using: &generator)
                let newest = now - lag[number]
                let decision = distributors[index].election.receive(
                    from: replica,
                    newestSample: newest,
                    at: now,
                    by: settings
                )
                switch decision {
                case .accept:
                    distributors[index].election.noteStored(from: replica, newestSample: newest)
                    truth[replica] = Truth(receivedAt: now, storedSample: newest)
                case .deduplicate: break
                case .elect:
                    let answer = try store.write(
                        distributors[index].election.change(electing: replica)
                    )
                    if answer.isWritten {
                        if let last = elections.last, let old = truth[last.replica] {
                            // What was heard within the last tick may be nobody's knowledge yet.
                            let silence = now - old.receivedAt + 2 * Self.tick
                            require(
                                silence > right.failoverTimeoutMilliseconds,
                                "an election after a short silence",
                                step
                            )
                            let distance = newest - old.storedSample + 2 * Self.tick
                            require(
                                distance > right.sampleFailoverTimeoutMilliseconds,
                                "an election of samples that lag",
                                step
                            )
                            require(last.replica != replica, "the same replica again", step)
                            require(
                                now - last.at > right.failoverTimeoutMilliseconds,
                                "two elections for one silence",
                                step
                            )
                        }
                        elections.append((now, replica))
                    }
                    if let row = answer.row {
                        _ = distributors[index].election.adopt(row, at: now)
                    }
                }
            }
            for index in distributors.indices {
                if now >= distributors[index].nextPoll {
                    distributors[index].nextPoll = now + .random(in: 4000...6000, using: &generator)
                    for row in try store.read() {
                        _ = distributors[index].election.adopt(row, at: now)
                    }
                }
                let due = distributors[index].election.refresh(
                    at: now,
                    jitter: distributors[index].jitter,
                    by: settings
                )
                guard let due else { continue }
                if let row = try store.write(due).row {
                    _ = distributors[index].election.adopt(row, at: now)
                }
            }
            // Who is alive is elected soon after the other one went away.
            if let since = deadSince, now - since > 75_000, elections.last != nil {
                let survivor = replicas[isAlive[0] ? 0 : 1]
                require(elections.last?.replica == survivor, "the survivor is not elected", step)
            }
        }
        for row in try store.read() {
            for index in distributors.indices {
                _ = distributors[index].election.adopt(row, at: Self.start + 1_200_000)
                require(
                    distributors[index].election.elected?.replica == row.replica,
                    "distributors that disagree",
                    1200
                )
            }
        }
        let versions = store.history.map(\.row.version)
        require(versions == versions.sorted(), "versions out of order", 1200)
        return (faults, elections.count)
    }
}
