import Glibc
import TestSupport

/// Breaks a cluster in many ways, one after the other, while tenants write and read.
final class ChaosRun {
    /// What is done to the cluster.
    enum Event: CaseIterable {
        case killIngester
        case stopIngester
        case restartIngester
        case addIngester
        case removeIngester
        case restartDatabase
        case crashDatabase
        case killDistributor
        case killQuerier
        case cutOffHost
    }

    private let cluster: ChaosCluster
    private let report: ChaosReport
    private var random: SeededGenerator
    private(set) var counts: [Event: Int] = [:]

    /// Ingesters that may be there beside the first three.
    private static let mostAdded = 2

    init(_ cluster: ChaosCluster, _ report: ChaosReport, seed: UInt64) {
        self.cluster = cluster
        self.report = report
        random = SeededGenerator(seed: seed)
    }

    /// Lets events happen for so many seconds, each kind at least once if there is time, and heals the cluster.
    func run(seconds: Double) throws {
        let end = report.seconds + seconds
        var waiting: [Event] = []
        while report.seconds < end {
            if waiting.isEmpty { waiting = Event.allCases.shuffled(using: &random) }
            let event = waiting.removeFirst()
            guard isPossible(event) else { continue }
            counts[event, default: 0] += 1
            try carryOut(event)
            let began = report.seconds
            try cluster.awaitReady()
            report.note("  all are ready again after \(Int(report.seconds - began)) s")
            breathe(.random(in: 0.5...2, using: &random))
        }
    }

    private func isPossible(_ event: Event) -> Bool {
        switch event {
        case .addIngester: cluster.ingesters.count < 3 + Self.mostAdded
        case .removeIngester: cluster.hasAdded
        case .cutOffHost: cluster.host != nil
        default: true
        }
    }

    private func carryOut(_ event: Event) throws {
        switch event {
        case .killIngester:
            let number = Int.random(in: cluster.ingesters.indices, using: &random)
            report.note("kill -9 of ingester \(number)")
            try kill(cluster.ingesters[number])
        case .stopIngester:
            let number = Int.random(in: cluster.ingesters.indices, using: &random)
            let pause = Double.random(in: 1...6, using: &random)
            report.note("ingester \(number) hangs for \(Int(pause)) s")
            cluster.ingesters[number].pause()
            breathe(pause)
            cluster.ingesters[number].resume()
        case .restartIngester:
            let number = Int.random(in: cluster.ingesters.indices, using: &random)
            report.note("restart of ingester \(number)")
            let status = try cluster.ingesters[number].stop(within: 120)
            report.note("  it stored everything and ended with \(status)")
            guard status == 0 else { throw TestSupportError("ended with \(status)") }
            try cluster.ingesters[number].launch()
        case .addIngester:
            report.note("one more ingester: \(try cluster.addIngester())")
        case .removeIngester:
            report.note("the newest ingester leaves")
            let status = try cluster.removeIngester()
            guard status == 0 else { throw TestSupportError("ended with \(status)") }
        case .restartDatabase:
            report.note("restart of PostgreSQL")
            cluster.postgres.stopImmediately()
            try cluster.postgres.startAgain()
        case .crashDatabase:
            let pause = Double.random(in: 3...12, using: &random)
            report.note("PostgreSQL is gone for \(Int(pause)) s")
            cluster.postgres.stopImmediately()
            breathe(pause)
            try cluster.postgres.startAgain()
        case .killDistributor:
            report.note("kill -9 of a distributor")
            try kill(cluster.distributors.randomElement(using: &random))
        case .killQuerier:
            report.note("kill -9 of a querier")
            try kill(cluster.queriers.randomElement(using: &random))
        case .cutOffHost:
            let pause = Double.random(in: 2...8, using: &random)
            report.note("the host of ingester 2 is cut off for \(Int(pause)) s")
            try cluster.host?.cutOff()
            breathe(pause)
            try cluster.host?.connect()
        }
    }

    /// Kills a process, and starts it a little later.
    private func kill(_ process: EngramProcess?) throws {
        process?.killNow()
        breathe(.random(in: 0.2...3, using: &random))
        try process?.launch()
    }
}
