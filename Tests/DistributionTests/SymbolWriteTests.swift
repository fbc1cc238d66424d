import ClusterInterface
import Distribution
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Requests of remote write 2.0 on their way to the ingesters.
@Suite struct SymbolWriteTests {
    private static let now = TestCluster.now

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `the same series by 1.0 and by 2.0 make the same batch`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let series = (0..<Int.random(in: 0...20, using: &random)).map { _ in
            RandomSeries(using: &random)
        }
        var one = WireWriter()
        var two = SymbolWriter()
        for series in series {
            series.write(to: &one)
            series.write(to: &two)
        }
        for series in series { series.writeMetadata(to: &one) }
        var limits = TenantLimits()
        limits.maxExemplars = 10
        let writeLimits = WriteLimits(limits)
        // A second time the series are known, which takes another way.
        let clusters = (0..<2).map { _ in TestCluster(ingesters: 1, replicationFactor: 1) }
        for _ in 0..<2 {
            let first = try await clusters[0].push(one, limits: writeLimits)
            let second = try await clusters[1].push(two, limits: writeLimits)
            #expect(first == second)
        }
        #expect(clusters[0].ingesters[0].batches == clusters[1].ingesters[0].batches)
    }

    @Test(arguments: [1, 5])
    func `starts reach the ingesters of their samples`(ingesters: Int) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: 1)
        var writer = SymbolWriter()
        for number in 0..<20 {
            writer.series(
                [("__name__", "up"), ("pod", "pod-\(number)")],
                [(Self.now + 2, 2, number % 2 == 0 ? Self.now : 0), (Self.now + 1, 1, 0)]
            )
            writer.series([("__name__", "latency"), ("pod", "pod-\(number)")]) { series in
                series.startedHistogram(Self.now + 9, count: 2, start: Self.now + 8)
                series.startedHistogram(Self.now + 5, count: 1)
            }
        }
        // The second time all series are known.
        for _ in 0..<2 {
            let outcome = try await cluster.push(writer)
            #expect(outcome.isComplete)
            #expect((outcome.samplesWritten, outcome.histogramsWritten) == (40, 40))
        }
        var starts = 0
        for batch in cluster.ingesters.flatMap(\.batches) {
            #expect(batch.isConsistent)
            for row in 0..<batch.rowCount {
                for sample in batch.sampleRange(ofRow: row) {
                    let isFirst = batch.timestamps[sample] == Self.now + 1
                    let start =
                        batch.startTimestamps.isEmpty ? 0 : batch.startTimestamps[sample]
                    #expect(start == 0 || (start == Self.now && !isFirst))
                    starts += start == 0 ? 0 : 1
                }
                for index in batch.histogramRange(ofRow: row) {
                    let isFirst = batch.histograms.timestamps[index] == Self.now + 5
                    let start = batch.histograms.startTimestamps[index]
                    #expect(start == (isFirst ? 0 : Self.now + 8))
                }
            }
        }
        #expect(starts == 20)
    }

    @Test func `a batch of known series without histograms has its starts, too`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = SymbolWriter()
        writer.series([("__name__", "a")], [(Self.now, 1, 0)])
        writer.series([("__name__", "b")], [(Self.now, 1, 5)])
        for _ in 0..<2 { _ = try await cluster.push(writer) }
        #expect(cluster.ingesters[0].batches.map(\.startTimestamps) == [[0, 5], [0, 5]])
    }

    @Test func `a column of starts is gone with the samples that had them`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = SymbolWriter()
        writer.series([("__name__", "a")], [(Self.now, 1, 0), (.max, 1, 5)])
        let outcome = try await cluster.push(writer)
        #expect(outcome.refused == [.tooFarInFuture: 1])
        #expect(cluster.ingesters[0].batches.map(\.startTimestamps) == [[]])
    }

    @Test func `a series with samples and histograms is refused, the rest is stored`() async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = SymbolWriter()
        writer.series([("__name__", "both")]) { series in
            series.started(Self.now, 1, 0)
            series.startedHistogram(Self.now + 1, count: 1)
        }
        writer.series([("__name__", "up")], [(Self.now, 1, 0)])
        for _ in 0..<2 {
            let outcome = try await cluster.push(writer)
            #expect(outcome.samplesWritten == 1)
            #expect(outcome.histogramsWritten == 0)
            #expect(outcome.refused == [.samplesAndHistograms: 2])
            #expect(
                outcome.message?.hasPrefix(
                    "series has samples as well as native histograms, which remote write 2.0 does "
                        + "not allow (samples_and_histograms), series {__name__=\"both\"}"
                ) == true
            )
        }
        #expect(cluster.ingesters[0].keys == [(["__name__": "up"] as Labels).key])
    }

    @Test func `the metadata of a classic histogram's series is one entry`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = SymbolWriter()
        for suffix in ["_bucket", "_count", "_sum"] {
            for pod in 0..<5 {
                writer.series(
                    [("__name__", "latency" + suffix), ("pod", "\(pod)")],
                    [(Self.now, 1, 0)],
                    kind: 3,
                    help: "How long."
                )
            }
        }
        #expect(try await cluster.push(writer).metadataWritten == 1)
        #expect(
            cluster.ingesters[0].metadata == [
                MetricMetadata(name: "latency", kind: .histogram, help: "How long.")
            ]
        )
    }

    @Test func `series of exemplars alone are taken as Prometheus sends them`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var limits = TenantLimits()
        limits.maxExemplars = 10
        var writer = SymbolWriter()
        let trace = writer.numbers(of: [("trace_id", "1")])
        writer.series([("__name__", "up")], [(Self.now, 1, 0)])
        writer.series([("__name__", "up")]) {
            $0.exemplar(references: trace, Self.now, 1)
            $0.exemplar(references: [99, 1], Self.now, 1)
        }
        let outcome = try await cluster.push(writer, limits: WriteLimits(limits))
        #expect(outcome.isComplete)
        #expect((outcome.samplesWritten, outcome.exemplarsWritten) == (1, 1))
        #expect(outcome.exemplarsRefused == [.exemplarMalformed: 1])
    }

    @Test func `labels put together count as bytes in flight`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.maximumInFlightBytes = 10_000
        }
        var writer = SymbolWriter()
        let long = String(repeating: "x", count: 500)
        for number in 0..<30 {
            writer.series([("__name__", "up"), ("a", long), ("n", "\(number)")], [(1, 1, 0)])
        }
        let error = await #expect(throws: PushError.self) { try await cluster.push(writer) }
        guard case .overloaded(what: "bytes of requests in flight", _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // What was taken is given back.
        var small = SymbolWriter()
        small.series([("__name__", "up")], [(1, 1, 0)])
        #expect(try await cluster.push(small).samplesWritten == 1)
    }

    @Test func `hostile references are malformed, and too much is too large`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.requestLimits.maximumKeyBytes = 1000
        }
        var writer = WireWriter([0x22, 0])
        writer.message(5) { $0.references(1, [0, 7]) }
        let malformed = await #expect(throws: PushError.self) {
            try await cluster.push(compressed: writer.compressed)
        }
        #expect(
            malformed?.description
                == "malformed write request: reference to symbol 7 where the request has 1 at byte 7"
        )
        var large = SymbolWriter()
        large.series([("__name__", String(repeating: "x", count: 2000))], [(1, 1, 0)])
        let tooLarge = await #expect(throws: PushError.self) { try await cluster.push(large) }
        #expect(
            tooLarge?.description == "write request is too large: "
                + "labels of all series have more than 1000 bytes in one request"
        )
        #expect(cluster.ingesters[0].batches.isEmpty)
    }
}

/// A series that both versions can say.
private struct RandomSeries {
    private let labels: [(String, String)]
    private let samples: [(Int64, Double)]
    private let histograms: [(Int64, UInt64)]
    private let exemplars: [([(String, String)], Int64, Double)]
    private let kind: UInt64
    private let help: String

    init(using random: inout SeededGenerator) {
        let number = random.next()
        var labels = [("__name__", "metric_\(number)")]
        let names = ["zone", "job", "a", "Z", "empty", "ü", String(repeating: "n", count: 130)]
        for name in names where Bool.random(using: &random) {
            let size = name == "empty" ? 0 : Int.random(in: 1...40, using: &random)
            labels.append((name, String(repeating: "v", count: size)))
        }
        if Bool.random(using: &random) { labels.shuffle(using: &random) }
        if Int.random(in: 0..<8, using: &random) == 0 { labels.append(("__name__", "twice")) }
        self.labels = labels
        let now = TestCluster.now
        let count = Int.random(in: 0...4, using: &random)
        let times = (0..<count).map { _ in now + Int64.random(in: -9...9, using: &random) }
        let isHistogram = Bool.random(using: &random)
        samples = isHistogram ? [] : times.map { ($0, Double($0 - now)) }
        histograms = isHistogram ? times.map { ($0, UInt64($0 - now + 10)) } : []
        exemplars = times.prefix(2).map { ([("trace_id", "\($0)"), ("a", "b")], $0, 1) }
        kind = UInt64.random(in: 1...7, using: &random)
        help = "Help of \(number)."
    }

    func write(to writer: inout WireWriter) {
        writer.message(1) { series in
            for (name, value) in labels { series.label(name, value) }
            for (timestamp, value) in samples { series.sample(timestamp, value) }
            for (timestamp, count) in histograms { series.histogram(timestamp, count: count) }
            for (labels, timestamp, value) in exemplars {
                series.exemplar(labels, timestamp, value)
            }
        }
    }

    func writeMetadata(to writer: inout WireWriter) {
        guard let name = labels.first(where: { $0.0 == "__name__" })?.1 else { return }
        writer.metadata(kind: kind, name: name, help: help)
    }

    func write(to writer: inout SymbolWriter) {
        let helpNumber = writer.number(of: help)
        let references = exemplars.map { writer.numbers(of: $0.0) }
        writer.series(labels) { series in
            for (timestamp, value) in samples { series.started(timestamp, value, 0) }
            for (timestamp, count) in histograms {
                series.startedHistogram(timestamp, count: count)
            }
            for ((_, timestamp, value), references) in zip(exemplars, references) {
                series.exemplar(references: references, timestamp, value)
            }
            series.seriesMetadata(kind: kind, help: helpNumber)
        }
    }
}
