import ChunkCoding
import HeadStorage
import MetricsModel

extension HeadSettings {
    /// Windows of a second and chunks of a few samples, so that little data makes many of both.
    static var small: HeadSettings {
        var settings = HeadSettings()
        settings.windowDuration = 1000
        settings.samplesPerChunk = 8
        settings.chunksPerMerge = 3
        settings.firstChunkSpread = 0
        return settings
    }

    /// As usual, but all first chunks are whole.
    static var aligned: HeadSettings {
        var settings = HeadSettings()
        settings.firstChunkSpread = 0
        return settings
    }
}

/// A head behind a reference: test macros cannot call methods of a type that cannot be copied.
final class TestHead {
    var head: Head
    /// Answers about labels that are kept, by name; nil is the question for names.
    var labelAnswers: [String?: LabelAnswer] = [:]
    /// How often one of them was given again.
    var labelAnswersHeld = 0

    init(settings: HeadSettings) { head = Head(settings: settings) }

    var statistics: HeadStatistics { head.statistics }
    var oldestSegmentNeeded: UInt64? { head.oldestSegmentNeeded }
    var pendingCuts: [UInt64] { head.pendingCuts.map(\.id) }

    /// Finds or creates a series by its labels.
    func series(_ labels: Labels) throws -> SeriesReference {
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: labels)
        if let known = head.reference(of: fingerprint) { return known }
        return try create(fingerprint, labels.key)
    }

    func create(_ fingerprint: Fingerprint, _ key: [UInt8]) throws -> SeriesReference {
        try key.withUnsafeBufferPointer { try head.createSeries(fingerprint, key: $0) }
    }

    func reference(of labels: Labels) -> SeriesReference? {
        head.reference(of: Fingerprint(seed: TenantSeed(.anonymous), labels: labels))
    }

    /// Appends with a wide window for late samples, in segment 1 unless told.
    func add(
        _ timestamp: Int64,
        _ value: Double,
        to labels: Labels,
        segment: UInt64 = 1
    ) throws -> AppendOutcome {
        try add(timestamp, value, to: labels, lateWindow: 1 << 60, now: 0, segment: segment)
    }

    func add(
        _ timestamp: Int64,
        _ value: Double,
        to labels: Labels,
        lateWindow: Int64,
        now: Int64,
        segment: UInt64 = 1
    ) throws -> AppendOutcome {
        let series = try series(labels)
        return head.append(
            timestamp: timestamp,
            value: value,
            to: series,
            lateWindow: lateWindow,
            now: now,
            segment: segment
        )
    }

    func select(_ matchers: [LabelMatcher], _ range: TimeRange) -> [HeadSeries] {
        head.select(matchers, range)
    }

    func series(_ matchers: [LabelMatcher], _ range: TimeRange) -> [Labels] {
        head.series(matchers, range)
    }

    func labelNames(_ matchers: [LabelMatcher], _ range: TimeRange) -> [String] {
        head.labelNames(matchers, range)
    }

    func labelValues(
        _ name: String,
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> [String] {
        head.labelValues(name, matchers, range)
    }

    /// What a search without matchers finds, if it holds for other ranges; nil asks for names.
    func lastingAnswer(_ name: String?, _ range: TimeRange) -> LabelAnswer? {
        var search = head.searchLabelNames([], range)
        if let name {
            guard let values = head.searchLabelValues(name, [], range) else { return nil }
            search = values
        }
        while head.continueSearch(&search, limit: 2) {}
        return head.lasting(search, head.strings(of: search).sortedByBytes())
    }

    func holds(_ answer: LabelAnswer, in range: TimeRange) -> Bool {
        head.holds(answer, in: range)
    }

    func beginCut(id: UInt64, before end: Int64) -> Bool { head.beginCut(id: id, before: end) }
    func cutWindows(_ id: UInt64) -> [Int64] { head.cutWindows(id) }
    func cutSeriesCount(_ id: UInt64) -> Int { head.cutSeriesCount(id) }

    func cutSeries(_ id: UInt64, window: Int64, slice: Range<Int>) -> [CutSeries] {
        head.cutSeries(id, window: window, slice: slice)
    }

    /// Appends a sample of any kind.
    func add(
        _ sample: HeadSample,
        to labels: Labels,
        lateWindow: Int64 = 1 << 60,
        now: Int64 = 0,
        segment: UInt64 = 1
    ) throws -> AppendOutcome {
        let series = try series(labels)
        switch sample.value {
        case .float(let bits):
            return head.append(
                timestamp: sample.timestamp,
                value: Double(bitPattern: bits),
                start: sample.start,
                to: series,
                lateWindow: lateWindow,
                now: now,
                segment: segment
            )
        case .histogram(let histogram):
            return head.append(
                timestamp: sample.timestamp,
                histogram: histogram,
                start: sample.start,
                to: series,
                lateWindow: lateWindow,
                now: now,
                segment: segment
            )
        }
    }

    /// What a cut holds in one window.
    func cutSamples(_ id: UInt64, window: Int64) -> [Labels: [HeadSample]] {
        var found: [Labels: [HeadSample]] = [:]
        head.forEachCutSeries(id, window: window) { labels, _, samples in
            found[labels] = samples.headSamples
        }
        return found
    }

    /// All samples of all kinds of an answer's series by labels, as they come out of the chunks.
    func everything(
        _ matchers: [LabelMatcher] = [],
        _ range: TimeRange = .all
    ) throws -> [Labels: [HeadSample]] {
        var found: [Labels: [HeadSample]] = [:]
        for series in select(matchers, range) {
            var samples: [HeadSample] = []
            for chunk in series.chunks {
                var columns = SampleColumns()
                try chunk.decode(maximumCount: chunk.count, into: &columns)
                samples += columns.headSamples
            }
            let inRange = samples.filter { range.contains($0.timestamp) }
            // A chunk may reach over a range in which it has no sample.
            guard !inRange.isEmpty else { continue }
            found[series.labels] = inRange.sorted { $0.timestamp < $1.timestamp }
        }
        return found
    }

    /// All samples of an answer's series of plain floats by labels, as they come out of the chunks.
    func samples(
        _ matchers: [LabelMatcher] = [],
        _ range: TimeRange = .all
    ) throws -> [Labels: [Sample]] {
        var found: [Labels: [Sample]] = [:]
        for series in select(matchers, range) {
            found[series.labels] = try series.chunks.flatMap { try $0.samples() }
                .sorted { $0.timestamp < $1.timestamp }
                .filter { range.contains($0.timestamp) }
        }
        return found
    }
}

extension EncodedChunk {
    func samples() throws -> [Sample] {
        var timestamps: [Int64] = []
        var values: [Double] = []
        try decode(maximumCount: count, appendingTo: &timestamps, &values)
        return zip(timestamps, values).map { Sample(timestamp: $0, value: $1) }
    }
}
