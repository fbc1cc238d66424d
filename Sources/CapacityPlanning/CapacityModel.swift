/// What a cluster needs to carry a load: processes, memory, network and what the database has to take.
///
/// Straight lines through measured points, with the room that ``ProcessSizes`` asks for. It knows of nothing that does
/// not grow with series, samples, tenants or processes.
public struct CapacityModel: Sendable, Equatable {
    public let load: ClusterLoad
    public let sizes: ProcessSizes
    public let figures: MeasuredFigures

    public init(
        load: ClusterLoad,
        sizes: ProcessSizes = ProcessSizes(),
        figures: MeasuredFigures = MeasuredFigures()
    ) {
        precondition(load.activeSeries > 0 && load.scrapeInterval > 0 && load.replicationFactor > 0)
        self.load = load
        self.sizes = sizes
        self.figures = figures
    }

    /// Copies that ingesters take, a second.
    public var copiesPerSecond: Double { load.samplesPerSecond * Double(load.replicationFactor) }

    // MARK: Distributors

    public var distributorCores: Double {
        // Measured with three copies; sending one costs about what taking it costs.
        let copies = Double(load.replicationFactor) / 3
        return millions(load.samplesPerSecond) * figures.distributorSecondsPerMillion
            * (0.5 + 0.5 * copies) / sizes.utilization
    }

    /// Two at least, so that one may be away.
    public var distributors: Int { max(2, count(distributorCores / sizes.coresPerProcess)) }

    /// Bytes of what each knows, where senders stay with their distributor.
    public var distributorMemory: Double {
        load.activeSeries / Double(distributors) * figures.knownSeriesBytes
    }

    // MARK: Ingesters

    public var ingesters: Int {
        let copies = load.activeSeries * Double(load.replicationFactor)
        let bySeries = count(copies / sizes.seriesPerIngester)
        let byCores = count(ingesterCores / sizes.coresPerProcess)
        return max(load.replicationFactor, bySeries, byCores)
    }

    public var ingesterCores: Double {
        let taken = millions(copiesPerSecond) * figures.ingesterSecondsPerMillionCopies
        let stored = millions(load.samplesPerSecond) * figures.flushSecondsPerMillion
        return (taken + stored) / sizes.utilization
    }

    /// Bytes of one ingester's memory, at the end of a window.
    public var ingesterMemory: Double {
        let series = load.activeSeries * Double(load.replicationFactor) / Double(ingesters)
        let samples = sizes.window / load.scrapeInterval
        return series * (figures.seriesBytes + samples * figures.sampleBytesInMemory)
            / sizes.memoryUtilization
    }

    /// Bytes of one ingester's log: the window that is open and the one that is flushed.
    public var ingesterDisk: Double {
        copiesPerSecond / Double(ingesters) * 2 * sizes.window * figures.logBytesPerSample
    }

    // MARK: Queriers

    public var querierCores: Double {
        let read = millions(load.samplesPerSecond) * load.samplesReadPerSampleWritten
        let merged = millions(load.samplesPerSecond) * figures.compactionSecondsPerMillion
        return (read * figures.querySecondsPerMillion + merged) / sizes.utilization
    }

    /// Two at least, so that one may be away.
    public var queriers: Int { max(2, count(querierCores / sizes.coresPerProcess)) }

    // MARK: Network, bytes a second

    public var bytesFromSenders: Double { load.samplesPerSecond * figures.requestBytesPerSample }

    public var bytesToIngesters: Double { copiesPerSecond * figures.copyBytesPerSample }

    // MARK: Database

    /// Bytes a second: windows as they are flushed, and days as they are merged.
    public var bytesIntoStore: Double {
        load.samplesPerSecond * (figures.flushedBytesPerSample + figures.mergedBytesPerSample)
    }

    /// Bytes kept, all days merged.
    public var storedBytes: Double {
        load.samplesPerSecond * figures.mergedBytesPerSample * 86_400 * load.retentionDays
    }

    /// Blocks flushed a second: one for each tenant, window and ingester that holds some of the tenant.
    public var blocksPerSecond: Double {
        let shard = min(load.shardSize ?? .infinity, Double(ingesters))
        return load.tenants * shard / sizes.window
    }

    /// Bytes a second that polls of the ring read.
    public var polledBytes: Double { polls * Double(ingesters) * figures.polledBytesPerMember }

    public var storeCores: Double {
        let stored = millions(load.samplesPerSecond) * figures.storeSecondsPerMillion
        let ring =
            polls * Double(ingesters) * figures.polledSecondsPerMember
            + Double(ingesters) / sizes.heartbeatInterval * figures.heartbeatSeconds
        return (stored + ring) / sizes.utilization
    }

    /// Polls of the ring a second.
    private var polls: Double {
        Double(distributors + ingesters + queriers) / sizes.ringPollInterval
    }

    private func millions(_ value: Double) -> Double { value / 1_000_000 }

    private func count(_ value: Double) -> Int { Int(value.rounded(.up)) }
}
