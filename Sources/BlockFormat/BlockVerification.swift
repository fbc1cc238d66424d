public import MetricsModel

/// Checks every byte and every invariant of one block, without doing IO itself and without holding the block.
///
/// Fetch ``need`` and hand it to ``supply(_:)``, again and again until there is no more need; what is wrong is
/// then in ``damage``. Series are checked a page of labels at a time, with the pages of their samples: memory is
/// bounded by these, whatever the block's size. Pages that no series uses are read too.
public struct BlockVerification: Sendable {
    /// Bytes of a range as they came from the store.
    public enum Supply: Sendable {
        case bytes([UInt8])
        /// The store does not have them; the text says how it knows.
        case missing(String)
    }

    /// What is known of the block from elsewhere.
    public struct Facts: Sendable {
        public var seriesCount: Int
        public var sampleCount: Int
        /// Bytes of the body.
        public var size: Int
        /// Where in the body the directory stands.
        public var directory: Range<Int>
        /// From the first sample's time to one past the last sample's.
        public var range: TimeRange

        public init(
            seriesCount: Int,
            sampleCount: Int,
            size: Int,
            directory: Range<Int>,
            range: TimeRange
        ) {
            self.seriesCount = seriesCount
            self.sampleCount = sampleCount
            self.size = size
            self.directory = directory
            self.range = range
        }
    }

    /// Damage beyond this is counted only.
    public static let maximumListed = 100
    /// Pages that no series uses, read at once.
    private static let restPerStep = 64

    private let facts: Facts
    private let seed: TenantSeed
    private var phase = Phase.directory
    private var rows: RowVerification?
    private var pending: [NeededPage] = []
    private var seenPages: Set<BlockLocationKey> = []
    /// Those of them that cannot be read.
    private var unreadable: Set<BlockLocationKey> = []
    /// What was found, in the order in which it was met.
    public private(set) var damage: [BlockDamage] = []
    /// All that was found, listed or not.
    public private(set) var damageCount = 0
    /// Bytes of the body that were checked; each once.
    public private(set) var checkedSize = 0

    /// - Parameter seed: Of the block's tenant.
    public init(facts: Facts, seed: TenantSeed) {
        self.facts = facts
        self.seed = seed
    }

    /// The byte ranges of the body to be supplied next; empty once everything has been checked.
    public var need: [Range<Int>] {
        switch phase {
        case .directory: [facts.directory]
        case .labels, .samples, .rest: pending.map(\.range)
        case .done: []
        }
    }

    /// Checks what was read.
    ///
    /// - Parameter supplies: One for each range of ``need``, in that order. Not trusted.
    public mutating func supply(_ supplies: [Supply]) {
        precondition(supplies.count == need.count, "\(supplies.count) supplies for \(need.count)")
        switch phase {
        case .directory: checkDirectory(supplies[0])
        case .labels(let page): checkLabels(page, openPages(supplies))
        case .samples(let page, let series, let digests):
            let pages = openPages(supplies)
            rows?.check(series, digests, pages, allReadable: pages.count == supplies.count)
            takeRowDamage()
            begin(labelPage: page + 1)
        case .rest(let next):
            _ = openPages(supplies)
            begin(restAt: next)
        case .done: break
        }
    }

    private enum Phase: Sendable {
        case directory
        /// A page of labels, and the digests of its rows.
        case labels(Int)
        /// The samples of the rows of a page of labels.
        case samples(Int, [BlockSeries], [Int: SeriesDigest])
        /// Pages that no series has asked for; those from the number on come next.
        case rest(Int)
        case done
    }

    // MARK: Steps

    private mutating func checkDirectory(_ supply: Supply) {
        phase = .done
        let bytes: [UInt8]
        switch supply {
        case .missing(let what):
            add(BlockDamage(.missing(what), at: BlockLocation(section: .directory, page: 0)))
            return
        case .bytes(let supplied): bytes = supplied
        }
        let directory: BlockDirectory
        do throws(BlockFormatError) {
            directory = try BlockDirectory(decoding: bytes)
        } catch {
            add(BlockDamage(error))
            return
        }
        checkedSize = bytes.count
        compare("the number of series in the directory", facts.seriesCount, directory.seriesCount)
        compare("the number of samples in the directory", facts.sampleCount, directory.sampleCount)
        compare("the earliest time in the directory", facts.range.start, directory.minTime)
        compare("the latest time in the directory", facts.range.end &- 1, directory.maxTime)
        compare("the start of the directory", 0, facts.directory.lowerBound)
        compare("the end of the last page", facts.size, directory.bodySize)
        rows = RowVerification(directory: directory, seed: seed)
        begin(labelPage: 0)
    }

    private mutating func begin(labelPage page: Int) {
        guard let directory = rows?.directory else { return }
        guard page < directory.labelPages.count else {
            rows?.finish(isComplete: unreadable.isEmpty)
            takeRowDamage()
            begin(restAt: 0)
            return
        }
        let labels = directory.labelPages[page]
        pending =
            [NeededPage(page: labels)]
            + directory.digestPages.holding(labels.items).map { NeededPage(page: $0) }
        phase = .labels(page)
    }

    private mutating func checkLabels(_ page: Int, _ open: [OpenPage]) {
        guard let directory = rows?.directory else { return }
        if !open.contains(where: \.isLabels) { rows?.skipRows() }
        let selection = BlockSelection(directory: directory, matchers: [], seed: seed)
        let series = selection.series(in: open)
        var digests: [Int: SeriesDigest] = [:]
        for case .digests(let first, let list) in open.map(\.content) {
            for (index, digest) in list.enumerated() { digests[first + index] = digest }
        }
        do throws(BlockFormatError) {
            pending = try BlockSamples(directory: directory, series: series).neededPages
        } catch {
            add(BlockDamage(error))
            pending = []
        }
        phase = .samples(page, series, digests)
        if pending.isEmpty { supply([]) }
    }

    private mutating func begin(restAt start: Int) {
        guard let pages = rows?.directory.allPages else { return }
        var next = start
        pending = []
        while next < pages.count, pending.count < Self.restPerStep {
            if !seenPages.contains(BlockLocationKey(pages[next])) {
                pending.append(NeededPage(page: pages[next]))
            }
            next += 1
        }
        phase = pending.isEmpty ? .done : .rest(next)
    }

    /// The pages that can be read; the others are damage, once each.
    private mutating func openPages(_ supplies: [Supply]) -> [OpenPage] {
        guard let directory = rows?.directory else { return [] }
        var open: [OpenPage] = []
        for (needed, supply) in zip(pending, supplies) {
            let key = BlockLocationKey(needed.page)
            let isNew = seenPages.insert(key).inserted
            if isNew { checkedSize += needed.page.range.count }
            switch supply {
            case .missing(let what):
                unreadable.insert(key)
                if isNew { add(BlockDamage(.missing(what), at: needed.page.location)) }
            case .bytes(let bytes):
                do throws(BlockFormatError) {
                    open.append(try needed.open(bytes, directory: directory))
                } catch {
                    unreadable.insert(key)
                    if isNew { add(BlockDamage(error)) }
                }
            }
        }
        return open
    }

    // MARK: Findings

    private mutating func takeRowDamage() {
        for found in rows?.takeDamage() ?? [] { add(found) }
    }

    private mutating func compare<Value: Equatable>(
        _ what: String,
        _ expected: Value,
        _ found: Value
    ) {
        guard expected != found else { return }
        add(
            BlockDamage(
                .disagreement(what: what, expected: "\(expected)", found: "\(found)"),
                at: BlockLocation(section: .directory, page: 0)
            )
        )
    }

    private mutating func add(_ found: BlockDamage) {
        damageCount += 1
        if damage.count < Self.maximumListed { damage.append(found) }
    }
}

/// A page by section and number.
private struct BlockLocationKey: Hashable {
    let section: BlockSection
    let index: Int

    init(_ page: BlockPage) {
        section = page.section
        index = page.index
    }
}
