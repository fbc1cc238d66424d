public import BlockFormat
public import MetricsModel

/// Merges blocks series by series, in the order of blocks, without doing IO itself.
///
/// ```
/// while true {
///     for (block, pages) in merge.need { try merge.supply(block, await fetch(block, pages)) }
///     switch try merge.advance() {
///     case .needsPages: continue
///     case .block(let block): keep(block)
///     case .end: return
///     }
/// }
/// ```
/// A timestamp that several blocks have counts once, with the sample of the first of them. The blocks that come out
/// depend on nothing but those that go in, their order and the settings.
public struct BlockMerge: ~Copyable, Sendable {
    /// What ``advance()`` came to.
    public enum Step: Sendable {
        /// ``need`` is not empty.
        case needsPages
        /// A block is done; there may be more.
        case block(EncodedBlock)
        /// All blocks are done.
        case end
    }

    /// A block that goes in.
    private struct Source {
        var scan: BlockScan
        /// Of the next series; nil until they are asked for.
        var labels: Labels?
    }

    private var sources: [Source]
    /// Numbers of the sources with series left.
    private var open: [Int]
    private let range: TimeRange
    private let filter: SampleFilter
    private let settings: CompactionSettings
    private let metadata: [MetricMetadata]
    private var builder: SortedBlockBuilder?
    private var columns = SampleColumns()
    /// Series that went in so far, those of every block counted.
    public private(set) var passedCount = 0
    /// The same at the end.
    public let seriesCount: Int

    /// - Parameters:
    ///   - blocks: In the order in which samples win; at least one.
    ///   - metadata: Of the metrics of all blocks; each block that comes out gets that of its metrics.
    public init(
        _ blocks: [BlockDirectory],
        of tenant: TenantID,
        metadata: [MetricMetadata] = [],
        filter: SampleFilter,
        settings: CompactionSettings
    ) {
        let seed = TenantSeed(tenant)
        sources = blocks.map { Source(scan: BlockScan(directory: $0, seed: seed)) }
        open = blocks.indices.filter { blocks[$0].seriesCount > 0 }
        range = blocks.map(\.range).reduce(TimeRange(start: 0, end: 0)) { $0.union($1) }
        seriesCount = blocks.reduce(0) { $0 + $1.seriesCount }
        self.filter = filter
        self.settings = settings
        self.metadata = metadata
    }

    /// The pages that are needed now, by number of the block.
    public var need: [(block: Int, pages: [NeededPage])] {
        open.compactMap { number in
            let pages = sources[number].scan.neededPages
            return pages.isEmpty ? nil : (number, pages)
        }
    }

    private var needsPages: Bool { open.contains { sources[$0].scan.current == nil } }

    /// Bytes in memory, about: pages of the blocks that are read, and the block that is made.
    public var memory: Int {
        var size = open.reduce(0) { $0 + sources[$1].scan.memory }
        size += 8 * (columns.timestamps.capacity + columns.values.capacity)
        size += 8 * columns.startTimestamps.capacity
        switch builder {
        case .some(let builder): size += builder.memory
        case .none: break
        }
        return size
    }

    /// Takes the stored bytes of pages of ``need``.
    ///
    /// - Parameter stored: Not trusted.
    public mutating func supply(_ block: Int, _ stored: [[UInt8]]) throws(BlockFormatError) {
        try sources[block].scan.supply(stored)
    }

    /// Merges until pages are needed or a block is full.
    ///
    /// - Throws: ``BlockFormatError`` where a block is damaged, ``BlockBuildError``.
    public mutating func advance() throws -> Step {
        var builder: SortedBlockBuilder
        if let begun = self.builder.take() {
            builder = begun
        } else {
            builder = try newBuilder()
        }
        while !open.isEmpty {
            guard !needsPages else {
                self.builder = consume builder
                return .needsPages
            }
            try mergeNext(into: &builder)
            if builder.seriesCount >= settings.maximumSeries
                || builder.size >= settings.maximumBlockSize
            {
                return .block(try builder.finish(metadata: metadata))
            }
        }
        if builder.seriesCount > 0 { return .block(try builder.finish(metadata: metadata)) }
        return .end
    }

    private func newBuilder() throws -> SortedBlockBuilder {
        try SortedBlockBuilder(
            range: range,
            merging: sources.map(\.scan.directory),
            compressionLevel: settings.compressionLevel
        )
    }

    /// Merges the series that is next in all blocks that have it.
    private mutating func mergeNext(into builder: inout SortedBlockBuilder) throws {
        guard let first = lowestSource(), let series = sources[first].scan.current,
            let labels = sources[first].labels
        else { return }
        // Moved, so that the memory is used again.
        var memory = SampleColumns()
        swap(&memory, &columns)
        var merge = SampleMerge(emptying: &memory)
        var exemplars: [[Exemplar]] = []
        for number in open
        where sources[number].scan.current?.fingerprint == series.fingerprint {
            try merge.add { try sources[number].scan.decode(into: &$0) }
            let more = sources[number].scan.exemplars
            if !more.isEmpty { exemplars.append(more) }
            try sources[number].scan.advance()
            sources[number].labels = nil
            passedCount += 1
        }
        columns = merge.columns
        filter.apply(to: &columns, of: labels, series.fingerprint)
        if !columns.isEmpty {
            try builder.add(
                labels: labels,
                fingerprint: series.fingerprint,
                samples: columns,
                exemplars: exemplars.isEmpty ? [] : Exemplar.merge(exemplars)
            )
        }
        open.removeAll { sources[$0].scan.isAtEnd }
    }

    /// The first of the sources whose next series stands before all others.
    private mutating func lowestSource() -> Int? {
        var lowest: Int?
        for number in open {
            guard let series = sources[number].scan.current else { continue }
            if let known = lowest, let other = sources[known].scan.current,
                other.fingerprint == series.fingerprint
            {
                continue
            }
            let labels = sources[number].labels ?? series.labels
            sources[number].labels = labels
            guard let known = lowest, let others = sources[known].labels else {
                lowest = number
                continue
            }
            let precedes = sources[number].scan.precedes(
                sources[known].scan,
                labels: labels,
                otherLabels: others
            )
            if precedes { lowest = number }
        }
        return lowest
    }
}
