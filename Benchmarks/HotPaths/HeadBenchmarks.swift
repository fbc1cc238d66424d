import Benchmark
import HeadStorage
import Measuring
import MetricsModel

/// What an ingester does in memory.
enum HeadBenchmarks {
    static func register() {
        append()
        create()
        select()
    }

    /// Finds the series of full requests by fingerprint, in random order, and appends a sample to
    /// each.
    ///
    /// Expected: 80 ns a sample at 100,000 series, the closing of chunks included; 78 to 150 at a
    /// million.
    private static func append() {
        measure("Head: append to 100 k series, per 1000 samples") {
            (benchmark, fixture: HeadFixture) in
            for _ in 0..<10 where !fixture.appendOneOfEach() {
                benchmark.error("the head refused a sample")
            }
        } setup: {
            try HeadFixture(seriesCount: 100_000)
        }
    }

    /// Creates series in a new head, and frees the head of the last iteration.
    ///
    /// Expected: 3 µs a series: ten labels are looked up, checked and entered into the index.
    private static func create() {
        measure("Head: create a series") {
            (_, fixture: NewSeriesFixture) in
            try fixture.createAll()
        } setup: {
            NewSeriesFixture(seriesCount: 1000)
        }
    }

    /// Selects the 1000 series of one metric among 100,000, each with a closed and an open chunk.
    ///
    /// Expected: 1.5 µs a series: the open chunk is encoded, labels are put together and sorted.
    private static func select() {
        measure("Head: select, per series") {
            (benchmark, fixture: HeadFixture) in
            let count = fixture.selectOneMetric()
            if count != 1000 { benchmark.error("found \(count) series") }
        } setup: {
            let fixture = try HeadFixture(seriesCount: 100_000)
            for _ in 0..<180 { _ = fixture.appendOneOfEach() }
            return fixture
        }
    }
}

/// A head, and full requests that have a sample for each of its series.
private final class HeadFixture {
    private var head: Head
    private let requests: [[Fingerprint]]
    private var references: [SeriesReference?] = []
    /// Values over time, of as many kinds of series.
    private let values: [[Double]]
    private var round = 0

    init(seriesCount: Int) throws {
        var generator = SeededGenerator(seed: 2)
        let seed = TenantSeed(.anonymous)
        var head = Head(settings: HeadSettings())
        var fingerprints: [Fingerprint] = []
        for index in 0..<seriesCount {
            let labels = SyntheticSeries.labels(index)
            let fingerprint = Fingerprint(seed: seed, labels: labels)
            _ = try labels.key.withUnsafeBufferPointer {
                try head.createSeries(fingerprint, key: $0)
            }
            fingerprints.append(fingerprint)
        }
        self.head = head
        fingerprints.shuffle(using: &generator)
        requests = stride(from: 0, to: seriesCount, by: Workload.requestSize).map {
            Array(fingerprints[$0..<min($0 + Workload.requestSize, seriesCount)])
        }
        values = (0..<48).map {
            SyntheticValues.values(ofSeries: $0, count: 128, using: &generator)
        }
    }

    /// Says whether all samples were stored.
    func appendOneOfEach() -> Bool {
        let timestamp = Workload.start + Int64(round) * Workload.interval
        let step = round % 128
        var areStored = true
        for request in requests {
            head.lookUp(request, into: &references)
            for index in references.indices {
                guard let series = references[index] else { return false }
                let outcome = head.append(
                    timestamp: timestamp,
                    value: values[index % values.count][step],
                    to: series,
                    lateWindow: 0,
                    now: timestamp,
                    segment: 1
                )
                areStored = areStored && outcome == .stored
            }
        }
        round += 1
        return areStored
    }

    /// Returns how many series were found.
    func selectOneMetric() -> Int {
        let name = LabelMatcher(name: Labels.metricName, equals: SyntheticSeries.metricName(7))
        let series = head.select([name], .all)
        blackHole(series)
        return series.count
    }
}

/// Series that no head has yet.
private final class NewSeriesFixture {
    private var head = Head(settings: HeadSettings())
    private let series: [(fingerprint: Fingerprint, labels: Labels)]

    init(seriesCount: Int) {
        let seed = TenantSeed(.anonymous)
        series = (0..<seriesCount).map { index in
            let labels = SyntheticSeries.labels(index)
            return (Fingerprint(seed: seed, labels: labels), labels)
        }
    }

    func createAll() throws {
        head = Head(settings: HeadSettings())
        for (fingerprint, labels) in series {
            blackHole(
                try labels.key.withUnsafeBufferPointer {
                    try head.createSeries(fingerprint, key: $0)
                }
            )
        }
    }
}
