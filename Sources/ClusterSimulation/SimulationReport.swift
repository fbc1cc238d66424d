/// What came of one run.
public struct SimulationReport: Sendable {
    public var seed: UInt64
    /// What must not be so; empty where all checks held.
    public var failures: [String] = []
    /// The last lines of what happened, or all of them.
    public var trace: [String] = []
    /// Stands for all that happened.
    public var traceHash: UInt64 = 0
    public var figures = SimulationFigures()
    /// In words, what the run was like.
    public var scene = ""

    public init(seed: UInt64) { self.seed = seed }

    public var isGood: Bool { failures.isEmpty }

    /// For people: what failed, what went before, and how to see it again.
    public var text: String {
        var lines = ["seed \(seed) failed: \(scene)"]
        lines += failures.map { "  " + $0 }
        lines.append("What happened last (seconds of virtual time):")
        lines += trace.map { "  " + $0 }
        lines.append("To run it again with all that happened: make simulate SEED=\(seed)")
        return lines.joined(separator: "\n")
    }
}

/// How much happened in a run.
public struct SimulationFigures: Sendable, Equatable {
    public var writesAcknowledged = 0
    public var writesFailed = 0
    public var samplesAcknowledged = 0
    public var queriesAnswered = 0
    public var queriesFailed = 0
    public var deletions = 0
    public var crashes = 0
    public var faults = 0
    public var blocksStored = 0
    public var merges = 0
    public var steps = 0

    public init() {}

    public mutating func add(_ other: SimulationFigures) {
        writesAcknowledged += other.writesAcknowledged
        writesFailed += other.writesFailed
        samplesAcknowledged += other.samplesAcknowledged
        queriesAnswered += other.queriesAnswered
        queriesFailed += other.queriesFailed
        deletions += other.deletions
        crashes += other.crashes
        faults += other.faults
        blocksStored += other.blocksStored
        merges += other.merges
        steps += other.steps
    }
}
