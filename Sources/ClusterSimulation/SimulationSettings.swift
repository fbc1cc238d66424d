internal import Ingestion

/// What one run of a simulation is like, besides its seed.
public struct SimulationSettings: Sendable {
    /// What may go wrong.
    public var faults = FaultKinds.all
    /// A mistake in the wiring that the checks must find.
    public var plantedBug: PlantedBug?
    /// How long clients write and query while things go wrong, in seconds of virtual time.
    public var stormSeconds: Int64 = 750
    /// Whether all lines of the trace are kept, not only the last ones.
    public var keepsWholeTrace = false

    public init() {}

    var replicationFactor: Int { 3 }
    /// Few, since each copy of the ring is made anew with each poll.
    var tokenCount: Int { 16 }
    /// Milliseconds.
    var heartbeatTimeout: Int64 { 30_000 }

    /// Windows of five minutes, so that a run has several.
    var ingestion: IngestionSettings {
        var settings = IngestionSettings()
        settings.blockDuration = 300_000
        settings.flushDelay = 15_000
        settings.flushSpread = 10_000
        settings.replicaDelay = 30_000
        // So that most answers are several pieces.
        settings.pieceSize = 512
        return settings
    }
}

/// Kinds of faults.
public struct FaultKinds: OptionSet, Sendable, CustomStringConvertible {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Messages are lost.
    public static let loss = FaultKinds(rawValue: 1 << 0)
    /// Messages come late, and behind others.
    public static let delay = FaultKinds(rawValue: 1 << 1)
    /// Requests arrive twice.
    public static let repetition = FaultKinds(rawValue: 1 << 2)
    /// Some processes do not reach others for a while.
    public static let partitions = FaultKinds(rawValue: 1 << 3)
    /// Processes end and start again; what an ingester had not synced may be lost.
    public static let crashes = FaultKinds(rawValue: 1 << 4)
    /// Clocks differ by seconds, and are set.
    public static let clockSkew = FaultKinds(rawValue: 1 << 5)
    /// The database is away for a while, or another server with another clock takes over.
    public static let outages = FaultKinds(rawValue: 1 << 6)
    /// Single processes answer late for a while.
    public static let slowness = FaultKinds(rawValue: 1 << 7)
    /// Ingesters join, leave, become read-only.
    public static let scaling = FaultKinds(rawValue: 1 << 8)
    /// All ingesters of a zone end at once.
    public static let zoneLoss = FaultKinds(rawValue: 1 << 9)
    /// Disks are full for a while.
    public static let fullDisks = FaultKinds(rawValue: 1 << 10)
    /// One ingester's log is damaged, or its disk is lost; once in a run.
    ///
    /// Nothing else loses a witness in such a run, which is all that the design promises.
    public static let damage = FaultKinds(rawValue: 1 << 11)

    public static let all = FaultKinds(rawValue: 1 << 12 - 1)

    /// Kinds by their names, with commas between them; `none` are no faults.
    ///
    /// - Returns: nil where a name is unknown.
    public init?(names: String) {
        self = []
        for name in names.split(separator: ",") where name != "none" {
            guard let number = Self.names.firstIndex(of: String(name)) else { return nil }
            insert(FaultKinds(rawValue: 1 << number))
        }
    }

    public static let names = [
        "loss", "delay", "repetition", "partitions", "crashes", "clock-skew", "outages",
        "slowness", "scaling", "zone-loss", "full-disks", "damage",
    ]

    public var description: String {
        let names = Self.names.indices.filter { rawValue >> $0 & 1 == 1 }.map { Self.names[$0] }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
