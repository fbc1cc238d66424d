internal import BlockFormat
internal import ChunkCoding
internal import ClusterInterface
internal import MetricsModel
internal import PromQL

/// The series of one selector and one tenant from all places, joined by fingerprint and decoded when read.
///
/// Series are in the order of their fingerprints: it is the same whatever places hold them.
struct GatheredSeries: SizedSource {
    /// A series in one place.
    private struct Part {
        let fingerprint: Fingerprint
        /// Blocks first, oldest first, then ingesters' lists, then pages of what was merged.
        let place: Int32
        let index: Int32

        init(_ fingerprint: Fingerprint, _ place: Int, _ index: Int) {
            self.fingerprint = fingerprint
            self.place = Int32(place)
            self.index = Int32(index)
        }

        static func precedes(_ left: Part, _ right: Part) -> Bool {
            left.fingerprint == right.fingerprint
                ? (left.place, left.index) < (right.place, right.index)
                : left.fingerprint < right.fingerprint
        }
    }

    private let stored: [StoredSelection]
    private let recent: [[SelectedSeries]]
    private let merged: [PackedSeries]
    private let range: TimeRange
    private let oldest: Int64?
    private let rules: DeletionRules
    private let parts: [Part]
    /// Where in `parts` each series' parts end.
    private let ends: [Int]
    private let rename: (@Sendable (Labels) -> Labels)?
    private let isCancelled: @Sendable () -> Bool
    /// See ``SizedSource``.
    let size: Int

    /// - Parameters:
    ///   - merged: What several ingesters have beside those lists.
    ///   - oldest: Samples before this time are left out; nil takes all.
    ///   - rules: What deletions hide.
    ///   - rename: What becomes of labels, such as the tenant's in a federated query.
    ///   - isCancelled: Asked while a long series is read.
    init(
        stored: [StoredSelection],
        recent: [[SelectedSeries]],
        merged: MergedSeries = MergedSeries(),
        seed: TenantSeed,
        range: TimeRange,
        oldest: Int64? = nil,
        rules: DeletionRules = .none,
        rename: (@Sendable (Labels) -> Labels)? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        var parts: [Part] = []
        var size = merged.floatCount + merged.histogramCount * Self.histogramSize
        parts.reserveCapacity(
            stored.reduce(0) { $0 + $1.series.count } + recent.reduce(0) { $0 + $1.count }
                + merged.pages.reduce(0) { $0 + $1.count }
        )
        for (place, selection) in stored.enumerated() {
            for (index, series) in selection.series.enumerated() {
                parts.append(Part(series.fingerprint, place, index))
                size += series.floatCount + series.histogramCount * Self.histogramSize
            }
        }
        for (place, answer) in recent.enumerated() {
            for (index, series) in answer.enumerated() {
                let fingerprint = Fingerprint(seed: seed, labels: series.labels)
                parts.append(Part(fingerprint, stored.count + place, index))
                for chunk in series.chunks {
                    size += chunk.count * (chunk.kind == .histograms ? Self.histogramSize : 1)
                }
            }
        }
        for (place, page) in merged.pages.enumerated() {
            for (index, fingerprint) in page.fingerprints.enumerated() {
                parts.append(Part(fingerprint, stored.count + recent.count + place, index))
            }
        }
        parts = Self.sorted(parts)
        var ends: [Int] = []
        for index in parts.indices.dropFirst()
        where parts[index].fingerprint != parts[index - 1].fingerprint {
            ends.append(index)
        }
        if !parts.isEmpty { ends.append(parts.count) }
        self.stored = stored
        self.recent = recent
        self.merged = merged.pages
        self.range = range
        self.oldest = oldest
        self.rules = rules
        self.parts = parts
        self.ends = ends
        self.rename = rename
        self.isCancelled = isCancelled
        self.size = size
    }

    /// What a native histogram counts as, in floats.
    private static let histogramSize = 32

    /// Sorts parts by fingerprint, then by place and index.
    ///
    /// Fingerprints are spread evenly: with about as many buckets as parts, by their first bits, each bucket has few.
    private static func sorted(_ parts: [Part]) -> [Part] {
        guard parts.count > 1 else { return parts }
        let shift = UInt64(parts.count.leadingZeroBitCount)
        func bucket(_ part: Part) -> Int { Int(part.fingerprint.high >> shift) }
        var ends = [Int](repeating: 0, count: Int(UInt64.max >> shift) + 1)
        for part in parts { ends[bucket(part)] += 1 }
        var total = 0
        for index in ends.indices {
            let count = ends[index]
            ends[index] = total
            total += count
        }
        var sorted = parts
        for part in parts {
            let bucket = bucket(part)
            sorted[ends[bucket]] = part
            ends[bucket] += 1
        }
        var start = 0
        for end in ends {
            if end - start > 1 { sorted[start..<end].sort(by: Part.precedes) }
            start = end
        }
        return sorted
    }

    var count: Int { ends.count }

    /// Those of a series in blocks alone are made each time.
    func labels(at index: Int) -> Labels {
        let labels = storedLabels(at: index)
        return rename?(labels) ?? labels
    }

    /// The labels that the series has in its places.
    private func storedLabels(at index: Int) -> Labels {
        switch newest(index) {
        case .recent(let series): series.labels
        case .merged(let page, let index): page.labels(at: index)
        case .stored(let series, _): series.labels
        }
    }

    func withName(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch newest(index) {
        case .recent(let series): series.labels.withValue(of: Labels.metricName, body)
        case .merged(let page, let index): page.withName(at: index, body)
        case .stored(let series, _): series.withName(body)
        }
    }

    func keys(_ projection: LabelProjection) -> any SeriesKeys {
        GatheredKeys(
            series: self,
            projection: projection,
            stored: rename == nil ? stored.map { $0.tables.keys(projection) } : []
        )
    }

    func hasLabels(in names: LabelNameSet) -> Bool {
        stored.contains { $0.tables.hasLabels(in: names) }
            || recent.contains { answer in
                answer.contains { $0.labels.key.withUnsafeBufferPointer(names.containsName) }
            }
            || merged.contains { page in
                (0..<page.count).contains { page.withKey(at: $0, names.containsName) }
            }
    }

    /// Where the newest samples of a series are.
    private enum Place {
        case stored(BlockSeries, number: Int)
        case recent(SelectedSeries)
        case merged(PackedSeries, Int)
    }

    private func newest(_ index: Int) -> Place {
        let part = parts[ends[index] - 1]
        let place = Int(part.place) - stored.count
        guard place < recent.count else {
            return .merged(merged[place - recent.count], Int(part.index))
        }
        guard place < 0 else { return .recent(recent[place][Int(part.index)]) }
        return .stored(stored[Int(part.place)].series[Int(part.index)], number: Int(part.place))
    }

    /// The keys of the series, each without some labels.
    private struct GatheredKeys: SeriesKeys {
        let series: GatheredSeries
        let projection: LabelProjection
        /// For each block what writes the keys of its series; empty where labels are renamed.
        let stored: [BlockSeriesKeys?]

        func append(_ index: Int, to key: inout [UInt8]) {
            guard !projection.isEmpty else { return }
            switch series.newest(index) {
            case .stored(let found, let number) where !stored.isEmpty:
                stored[number]?.append(found, to: &key)
            case .merged(let page, let index) where series.rename == nil:
                page.withKey(at: index) { projection.project($0, into: &key) }
            default:
                series.labels(at: index).key.withUnsafeBufferPointer {
                    projection.project($0, into: &key)
                }
            }
        }
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        try read(index, needed: .all, into: &columns)
    }

    func read(_ index: Int, needed: NeededValues, into columns: inout SampleColumns) throws {
        guard rules.isEmpty else { return try readAllowed(index, needed, into: &columns) }
        var merge = SampleMerge(emptying: &columns)
        for part in parts[(index == 0 ? 0 : ends[index - 1])..<ends[index]] {
            let place = Int(part.place) - stored.count
            if place >= 0 {
                try decodeRecent(place, Int(part.index), needed, into: &merge)
            } else {
                try merge.add {
                    try stored[Int(part.place)].decode(
                        Int(part.index),
                        needed,
                        isCancelled: isCancelled,
                        into: &$0
                    )
                }
            }
        }
        columns = merge.columns
        if let oldest { columns.removeAll(before: oldest) }
    }

    /// The same where deletions are in force: each part loses what they hide in its place.
    private func readAllowed(
        _ index: Int,
        _ needed: NeededValues,
        into columns: inout SampleColumns
    ) throws {
        var merge = SampleMerge(emptying: &columns)
        var part = SampleColumns()
        let labels = storedLabels(at: index)
        for one in parts[(index == 0 ? 0 : ends[index - 1])..<ends[index]] {
            part.removeAll()
            let number = Int(one.place) - stored.count
            let hidden: [TimeRange]
            if number >= 0 {
                hidden = rules.hidden(of: labels, in: .memory)
                var chunks = SampleMerge(emptying: &part)
                try decodeRecent(number, Int(one.index), needed, into: &chunks)
                part = chunks.columns
            } else {
                let selection = stored[Int(one.place)]
                hidden = rules.hidden(
                    of: labels,
                    in: .block(seen: selection.block.deletionsSeen)
                )
                try selection.decode(
                    Int(one.index),
                    needed,
                    isCancelled: isCancelled,
                    into: &part
                )
            }
            if !hidden.isEmpty {
                part.removeAll { time in hidden.contains { $0.contains(time) } }
            }
            merge.add { $0.append(part) }
        }
        columns = merge.columns
        if let oldest { columns.removeAll(before: oldest) }
    }

    /// Adds the samples that ingesters have of a series.
    ///
    /// - Parameter place: Of the lists, then of the pages.
    private func decodeRecent(
        _ place: Int,
        _ index: Int,
        _ needed: NeededValues,
        into merge: inout SampleMerge
    ) throws {
        guard place >= recent.count else {
            for chunk in recent[place][index].chunks
            where chunk.maxTime >= range.start && chunk.minTime < range.end {
                try merge.add { try Self.decode(chunk, needed, into: &$0) }
            }
            return
        }
        let page = merged[place - recent.count]
        var cursor = try page.chunks(at: index)
        while let chunk = try page.next(&cursor) {
            guard chunk.maxTime >= range.start, chunk.minTime < range.end else { continue }
            try merge.add { try Self.decode(page.encoded(chunk), needed, into: &$0) }
        }
    }

    /// No chunk of ours is near it; one that claims more is damaged.
    private static let maximumSamplesPerChunk = 1 << 20

    private static func decode(
        _ chunk: EncodedChunk,
        _ needed: NeededValues,
        into columns: inout SampleColumns
    ) throws {
        do {
            try chunk.decode(
                maximumCount: maximumSamplesPerChunk,
                needed: needed,
                into: &columns
            )
        } catch {
            throw QueryError.damaged("a chunk from an ingester cannot be read: \(error)")
        }
    }
}
