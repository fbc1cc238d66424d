public import MetricsModel

/// One tenant's newest exemplars in memory, up to a bound; where it is full, the oldest makes room.
///
/// The rules are those of Prometheus: of one series, an exemplar with the same labels, time and value as one that
/// is there is a duplicate, and one older than the newest is out of order. An exemplar that is not stored in a block
/// yet is *pending*.
public struct ExemplarRing: Sendable {
    private struct Entry: Sendable {
        var exemplar: Exemplar
        var series: Int
        /// Sequence number of the series' exemplar before this one, plus one; 0 for its first.
        var previous: UInt64
        /// Log segment that it is in.
        var segment: UInt64
        var isPending: Bool
    }

    private struct Series: Sendable {
        var fingerprint: Fingerprint
        var labels: Labels
        /// Entries in the ring.
        var count: Int
        /// Sequence number of its newest exemplar.
        var newest: UInt64
    }

    /// Exemplars that are kept at most.
    public private(set) var limit: Int
    /// Pending exemplars that left, or wait no longer, since they were counted last.
    private var lostCount = 0
    /// The entry with sequence number s is at `s % entries.count`.
    private var entries: [Entry?] = []
    /// Sequence numbers of the oldest entry, and of the next one.
    private var first: UInt64 = 0
    private var end: UInt64 = 0
    private var series: [Int: Series] = [:]
    private var numbers: [Fingerprint: Int] = [:]
    private var nextNumber = 0

    public init(limit: Int = 0) { self.limit = limit }

    public var count: Int { Int(end - first) }

    /// Changes the bound; what is too much leaves, the oldest first.
    public mutating func setLimit(_ limit: Int) {
        guard limit != self.limit else { return }
        self.limit = limit
        while count > limit { removeOldest() }
        if entries.count > limit { resize(to: count) }
    }

    /// The labels of a series that has exemplars here.
    public func labels(of fingerprint: Fingerprint) -> Labels? {
        numbers[fingerprint].flatMap { series[$0]?.labels }
    }

    // MARK: Appending

    /// - Parameters:
    ///   - labels: Those of the series; only asked for its first exemplar.
    ///   - segment: The log segment that the exemplar goes to.
    public mutating func append(
        _ exemplar: Exemplar,
        to fingerprint: Fingerprint,
        labels: @autoclosure () -> Labels,
        segment: UInt64
    ) -> ExemplarOutcome {
        guard limit > 0 else { return .disabled }
        var previous: UInt64 = 0
        if let number = numbers[fingerprint], let known = series[number] {
            if let outcome = compare(exemplar, with: known) { return outcome }
            previous = known.newest + 1
        }
        if count >= limit { removeOldest() }
        if count == entries.count { resize(to: min(limit, max(16, 2 * entries.count))) }
        // Only now: the oldest may have been the last one of the series.
        let number = number(of: fingerprint, labels)
        entries[slot(end)] = Entry(
            exemplar: exemplar,
            series: number,
            previous: previous,
            segment: segment,
            isPending: true
        )
        series[number]?.newest = end
        series[number]?.count += 1
        end += 1
        return .stored
    }

    /// Exemplars of a series that a duplicate is looked for among; an older one counts as out of order.
    private static let maximumLookBack = 256

    /// Why an exemplar cannot follow those of its series; nil if it can.
    private func compare(_ exemplar: Exemplar, with series: Series) -> ExemplarOutcome? {
        guard let newest = entries[slot(series.newest)]?.exemplar.timestamp else { return nil }
        var next = series.newest + 1
        for _ in 0..<Self.maximumLookBack {
            guard next > first, let entry = entries[slot(next - 1)],
                entry.exemplar.timestamp >= exemplar.timestamp
            else { break }
            if entry.exemplar == exemplar { return .duplicate }
            next = entry.previous
        }
        return exemplar.timestamp < newest ? .outOfOrder : nil
    }

    private mutating func number(
        of fingerprint: Fingerprint,
        _ labels: () -> Labels
    ) -> Int {
        if let number = numbers[fingerprint] { return number }
        let number = nextNumber
        nextNumber += 1
        numbers[fingerprint] = number
        series[number] = Series(
            fingerprint: fingerprint,
            labels: labels(),
            count: 0,
            newest: 0
        )
        return number
    }

    private func slot(_ sequence: UInt64) -> Int { Int(sequence % UInt64(entries.count)) }

    private mutating func removeOldest() {
        let slot = slot(first)
        guard let entry = entries[slot] else { return }
        if entry.isPending { lostCount += 1 }
        entries[slot] = nil
        first += 1
        guard let count = series[entry.series]?.count, count == 1 else {
            series[entry.series]?.count -= 1
            return
        }
        if let fingerprint = series[entry.series]?.fingerprint { numbers[fingerprint] = nil }
        series[entry.series] = nil
    }

    private mutating func resize(to size: Int) {
        var resized = [Entry?](repeating: nil, count: size)
        for sequence in first..<end {
            resized[Int(sequence % UInt64(size))] = entries[slot(sequence)]
        }
        entries = resized
    }

    // MARK: Reading

    /// Exemplars in a range of the series that match, sorted by labels, those of one series by time.
    public func select(
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> [(labels: Labels, exemplars: [Exemplar])] {
        let wanted = series.filter { matchers.allMatch($0.value.labels) }
        guard !wanted.isEmpty else { return [] }
        var found: [Int: [Exemplar]] = [:]
        for entry in live where range.contains(entry.exemplar.timestamp) {
            guard wanted[entry.series] != nil else { continue }
            found[entry.series, default: []].append(entry.exemplar)
        }
        var answer: [(labels: Labels, exemplars: [Exemplar])] = []
        for (number, exemplars) in found {
            guard let labels = wanted[number]?.labels else { continue }
            answer.append((labels: labels, exemplars: exemplars))
        }
        return answer.sorted { $0.labels < $1.labels }
    }

    private var live: some Sequence<Entry> {
        (first..<end).lazy.compactMap { entries[slot($0)] }
    }

    // MARK: Storing in blocks

    /// The pending exemplars before a time, which follow their series into its next block.
    public func pending(before end: Int64) -> PendingExemplars {
        var pending = PendingExemplars(before: end, sequence: self.end)
        for entry in live where entry.isPending && entry.exemplar.timestamp < end {
            guard let fingerprint = series[entry.series]?.fingerprint else { continue }
            pending.exemplars[fingerprint, default: []].append(entry.exemplar)
        }
        return pending
    }

    /// Notes which exemplars in ``pending(before:)`` are stored.
    ///
    /// - Parameter stored: By series, the times between which all are, both included.
    public mutating func markStored(
        _ pending: PendingExemplars,
        _ stored: [Fingerprint: ClosedRange<Int64>]
    ) {
        guard !stored.isEmpty else { return }
        for sequence in first..<max(first, pending.sequence) {
            guard let entry = entries[slot(sequence)], entry.isPending,
                entry.exemplar.timestamp < pending.end,
                let fingerprint = series[entry.series]?.fingerprint,
                stored[fingerprint]?.contains(entry.exemplar.timestamp) == true
            else { continue }
            entries[slot(sequence)]?.isPending = false
        }
    }

    /// Lets pending exemplars before a time wait no longer for a block of their series; they stay readable.
    public mutating func expirePending(before time: Int64) {
        for sequence in first..<end {
            guard let entry = entries[slot(sequence)], entry.isPending,
                entry.exemplar.timestamp < time
            else { continue }
            entries[slot(sequence)]?.isPending = false
            lostCount += 1
        }
    }

    /// How many exemplars will not be stored in a block, since this was asked last.
    public mutating func takeLostCount() -> Int {
        defer { lostCount = 0 }
        return lostCount
    }

    /// The oldest log segment with exemplars that are pending; nil if there are none.
    public var oldestSegmentNeeded: UInt64? {
        live.filter(\.isPending).map(\.segment).min()
    }
}

/// What became of an exemplar.
public enum ExemplarOutcome: Sendable, Equatable {
    case stored
    case duplicate
    /// Older than the newest exemplar of the series.
    case outOfOrder
    /// None are kept.
    case disabled
}

/// Exemplars that are to go into blocks.
public struct PendingExemplars: Sendable {
    /// By series, in order of time.
    public fileprivate(set) var exemplars: [Fingerprint: [Exemplar]] = [:]
    /// All are before it.
    fileprivate let end: Int64
    /// Those that came later have this sequence number or a larger one.
    fileprivate let sequence: UInt64

    fileprivate init(before end: Int64, sequence: UInt64) {
        self.end = end
        self.sequence = sequence
    }
}
