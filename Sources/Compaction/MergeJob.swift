internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// Runs one merge: reads pages, computes on worker threads, and stages each block that is done.
struct MergeJob {
    let store: any BlockMaintenance
    let workers: any WorkerPool
    let settings: CompactionSettings
    let filter: SampleFilter
    let parents: [BlockRecord]
    let level: Int
    let lease: Lease

    /// Changes nothing that queries see until the last call, which changes all at once.
    ///
    /// - Parameter onProgress: Told how much is done, from 0 to 1.
    /// - Throws: ``CompactionError``, ``StoreError``, `CancellationError`.
    func run(
        day: CompactionDay,
        onProgress: @Sendable (Double) -> Void
    ) async throws -> CompactionReport {
        let began = ContinuousClock.now
        var report = CompactionReport(day: day)
        let (children, peakMemory) = try await stageChildren(onProgress: onProgress)
        try await store.replace(parents, with: children, under: lease, grace: settings.grace)
        report.peakMemory = peakMemory
        report.blocksIn = parents.count
        report.bytesIn = parents.reduce(0) { $0 + $1.size }
        report.samplesIn = parents.reduce(0) { $0 + $1.sampleCount }
        report.blocksOut = children.count
        report.bytesOut = children.reduce(0) { $0 + $1.size }
        report.seriesOut = children.reduce(0) { $0 + $1.seriesCount }
        report.samplesOut = children.reduce(0) { $0 + $1.sampleCount }
        report.duration = ContinuousClock.now - began
        return report
    }

    /// Makes the blocks that are to stand in place of the parents, and shows none of them yet.
    ///
    /// - Returns: them, and the most bytes that were held at a time, about.
    func stageChildren(
        onProgress: @Sendable (Double) -> Void
    ) async throws -> (children: [BlockRecord], peakMemory: Int) {
        let directories = try await directories()
        let merge = SharedMerge(
            BlockMerge(
                directories,
                of: lease.tenant,
                metadata: try await metadata(directories),
                filter: filter,
                settings: settings
            )
        )
        var peakMemory = 0
        var children: [BlockRecord] = []
        // What a parent has not seen does not mean it: see Compactor.
        let seen = parents.map(\.deletionsSeen).max() ?? 0
        while true {
            try Task.checkCancellation()
            try await supply(merge)
            let step = try await workers.run {
                try merge.state.withLock { try $0.advance() }
            }
            let (progress, memory) = merge.state.withLock { merge in
                (Double(merge.passedCount) / Double(max(1, merge.seriesCount)), merge.memory)
            }
            onProgress(progress)
            peakMemory = max(peakMemory, memory)
            if case .end = step { break }
            guard case .block(let encoded) = step else { continue }
            var child = NewBlock(encoded, of: lease.tenant, level: level)
            child.record.deletionsSeen = seen
            peakMemory = max(peakMemory, memory + 2 * child.body.count)
            if !parents.contains(where: { $0.id == child.record.id }) {
                try await store.stage(child, under: lease)
            }
            children.append(child.record)
        }
        return (children, peakMemory)
    }

    private func directories() async throws -> [BlockDirectory] {
        var directories: [BlockDirectory] = []
        for parent in parents {
            let bytes = try await store.read(parent, ranges: [parent.directory])
            let directory = try Self.reading(parent) { () throws(BlockFormatError) in
                try BlockDirectory(decoding: bytes.first ?? [])
            }
            guard directory.foreignSections.isEmpty else {
                throw CompactionError.foreignSections(
                    block: parent.id,
                    numbers: directory.foreignSections
                )
            }
            directories.append(directory)
        }
        return directories
    }

    /// The metadata of all parents; where they differ, what the latest says.
    private func metadata(_ directories: [BlockDirectory]) async throws -> [MetricMetadata] {
        var all: [(end: Int64, entries: [MetricMetadata])] = []
        for (parent, directory) in zip(parents, directories) {
            let pages = directory.metadataPagesNeeded
            guard !pages.isEmpty else { continue }
            let bytes = try await store.read(parent, ranges: pages.map(\.range))
            let entries = try Self.reading(parent) { () throws(BlockFormatError) in
                try directory.metadata(in: bytes)
            }
            all.append((parent.range.end, entries))
        }
        return MetricMetadata.merge(all.sorted { $0.end < $1.end }.map(\.entries))
    }

    private func supply(_ merge: SharedMerge) async throws {
        for (number, pages) in merge.state.withLock({ $0.need }) {
            let parent = parents[number]
            let bytes = try await store.read(parent, ranges: pages.map(\.range))
            try merge.state.withLock { merge in
                try Self.reading(parent) { () throws(BlockFormatError) in
                    try merge.supply(number, bytes)
                }
            }
        }
    }

    private static func reading<Value>(
        _ block: BlockRecord,
        _ body: () throws(BlockFormatError) -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            throw CompactionError.damaged(block: block.id, cause: "\(error)")
        }
    }
}

/// A merge that is handed from thread to thread; only one uses it at a time.
private final class SharedMerge: Sendable {
    let state: Mutex<BlockMerge>

    init(_ merge: consuming BlockMerge) { state = Mutex(merge) }
}
