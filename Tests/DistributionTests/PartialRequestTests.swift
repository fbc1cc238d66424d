import ClusterInterface
import Distribution
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Requests of which a part is refused: the rest is stored, counts are exact, the first fault is named.
@Suite struct PartialRequestTests {
    @Test func `valid series of a partly bad request are stored`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = TestCluster.request(series: 0..<3)
        writer.series([("job", "nameless")], [(TestCluster.now, 1), (TestCluster.now + 1, 1)])
        writer.series(
            [("__name__", "up"), ("a", String(repeating: "v", count: 2049))],
            [(TestCluster.now, 1)]
        )
        writer.series([("__name__", "up"), ("zone", "z")], [(TestCluster.now, 1)])
        let outcome = try await cluster.push(writer)
        #expect(outcome.samplesWritten == 4)
        #expect(outcome.refused == [.missingMetricName: 2, .labelValueTooLong: 1])
        #expect(!outcome.isComplete)
        #expect(cluster.ingesters[0].samples.count == 4)
        #expect(
            outcome.message
                == "series has no metric name (missing_metric_name), series {job=\"nameless\"}; "
                + "refused 3 of 7, the rest is stored: missing_metric_name 2, label_value_too_long 1"
        )
    }

    @Test func `series that were refused are refused again, though others are known`() async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = TestCluster.request(series: 0..<3)
        writer.series([("job", "nameless")], [(TestCluster.now, 1)])
        for _ in 0..<3 {
            let outcome = try await cluster.push(writer)
            #expect(outcome.samplesWritten == 3)
            #expect(outcome.refused == [.missingMetricName: 1])
        }
    }

    @Test func `known series are checked again when limits change`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let writer = TestCluster.request(series: 0..<3)
        #expect(try await cluster.push(writer).samplesWritten == 3)
        var limits = WriteLimits()
        limits.maximumLabelNamesPerSeries = 1
        let outcome = try await cluster.push(writer, limits: limits)
        #expect(outcome.samplesWritten == 0)
        #expect(outcome.refused == [.tooManyLabelNames: 3])
    }

    @Test func `timestamps out of bounds are refused one by one`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var limits = WriteLimits()
        limits.maximumSampleAgeMilliseconds = 1000
        let now = TestCluster.now
        let times = [now - 1001, now - 1000, now + 600_000, now + 600_001, .min, .max]
        for _ in 0..<2 {
            var writer = WireWriter()
            writer.series([("__name__", "up")], times.map { ($0, 1) })
            let outcome = try await cluster.push(writer, limits: limits)
            #expect(outcome.samplesWritten == 2)
            #expect(outcome.refused == [.tooFarInFuture: 2, .tooOldByAge: 2])
        }
        #expect(Set(cluster.ingesters[0].samples.map(\.timestamp)) == [now - 1000, now + 600_000])
    }

    @Test func `labels in any order are one series, twice the same name is refused`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.series([("__name__", "up"), ("job", "a")], [(1, 1)])
        writer.series([("job", "a"), ("__name__", "up"), ("empty", "")], [(2, 1)])
        writer.series([("__name__", "up"), ("job", "a"), ("job", "b")], [(3, 1)])
        for _ in 0..<2 {
            let outcome = try await cluster.push(writer)
            #expect(outcome.samplesWritten == 2)
            #expect(outcome.refused == [.duplicateLabelNames: 1])
        }
        #expect(cluster.ingesters[0].keys == [(["__name__": "up", "job": "a"] as Labels).key])
        #expect(Set(cluster.ingesters[0].samples.map(\.timestamp)) == [1, 2])
    }

    @Test(arguments: [1, 3])
    func `sound native histograms are stored, others counted and refused`(
        ingesters: Int
    ) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: ingesters)
        var writer = TestCluster.request(series: 0..<2)
        writer.message(1) { series in
            series.label("__name__", "latency")
            series.histogram(20, count: 3)
            series.histogram(10, count: 2)
            series.histogram(30, count: 5, inBucket: 4)
            series.message(4) { $0.signed(4, -5) }
            series.sample(15, 1)
        }
        writer.message(1) { series in
            series.label("__name__", "bad")
            series.histogram(30, count: 5, inBucket: -4)
        }
        for _ in 0..<2 {
            let outcome = try await cluster.push(writer)
            #expect(outcome.samplesWritten == 3)
            #expect(outcome.histogramsWritten == 2)
            #expect(
                outcome.refused == [
                    .histogramCountMismatch: 1, .histogramSchemaInvalid: 1,
                    .histogramCountNegative: 1,
                ]
            )
            #expect(outcome.message?.contains("native_histogram_count_mismatch") == true)
            #expect(outcome.message?.contains("refused 3 of 8") == true)
        }
        for ingester in cluster.ingesters {
            #expect(ingester.samples.count == 3)
            #expect(ingester.histograms.count == 1)
            let stored = try #require(ingester.histograms.values.first)
            #expect(stored.keys.sorted() == [10, 20])
            #expect(stored[20]?.positive.counts == [3])
        }
    }

    @Test func `histograms that ingesters refuse are counted as such`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        var writer = TestCluster.request(series: 0..<5)
        for name in ["a", "b"] {
            writer.message(1) { series in
                series.label("__name__", name)
                series.histogram(101, count: 3)
                series.histogram(102, count: 3)
            }
        }
        for ingester in cluster.ingesters { ingester.set { $0.refused[102] = .tooOld } }
        let outcome = try await cluster.push(writer)
        #expect(outcome.samplesWritten == 5)
        #expect(outcome.histogramsWritten == 2)
        #expect(outcome.refused == [.tooOld: 2])
        #expect(outcome.message?.contains("timestamp 102") == true)
        #expect(outcome.message?.contains("\"a\"") == true)
    }

    @Test func `histograms outside the accepted times and damaged ones are no part of a write`()
        async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "latency")
            series.histogram(.max, count: 1)
        }
        let outcome = try await cluster.push(writer)
        #expect(outcome.refused == [.tooFarInFuture: 1])
        #expect(outcome.histogramsWritten == 0)
        writer.message(1) { series in
            series.label("__name__", "latency")
            series.message(4, [0x09])
        }
        await #expect(throws: PushError.self) { try await cluster.push(writer) }
    }

    @Test func `exemplars and metadata do not make a request fail`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.sample(1, 1)
            series.message(3) { $0.label("trace_id", "a") }
        }
        writer.message(3) { $0.message(2, Array("up".utf8)) }
        let outcome = try await cluster.push(writer)
        #expect(outcome.isComplete)
        #expect(outcome.samplesWritten == 1)
        #expect(outcome.exemplarsDiscarded == 1)
        var metadata = WireWriter()
        metadata.message(3) { $0.message(2, Array("up".utf8)) }
        #expect(try await cluster.push(metadata) == PushOutcome.nothing)
    }

    @Test func `samples refused by a quorum are refused, by one replica only written`() async throws
    {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        var writer = WireWriter()
        writer.series([("__name__", "up")], [(1, 1), (2, 2), (3, 3)])
        for ingester in cluster.ingesters { ingester.set { $0.refused[2] = .tooOld } }
        cluster.ingesters[0].set { $0.refused[3] = .newValueForTimestamp }
        let outcome = try await cluster.push(writer)
        #expect(outcome.samplesWritten == 2)
        #expect(outcome.refused == [.tooOld: 1])
        #expect(
            outcome.message
                == "timestamp 2 is out of order and older than the late window of 86400s "
                + "(limits.lateWindow) (sample-too-old), series {__name__=\"up\"}; "
                + "refused 1 of 3, the rest is stored: sample-too-old 1"
        )
    }

    @Test(arguments: [
        (
            RefusalReason.outOfOrder,
            "timestamp 2 is out of order, which the late window of 90s does not allow "
                + "(limits.lateWindow) (sample-out-of-order), series {__name__=\"up\""
        ),
        (
            .tooOld,
            "timestamp 2 is out of order and older than the late window of 90s "
                + "(limits.lateWindow) (sample-too-old), series {__name__=\"up\""
        ),
        (
            .newValueForTimestamp,
            "timestamp 2 has another value already, which stays (new-value-for-timestamp), "
                + "series {__name__=\"up\""
        ),
    ])
    func `a refusal of an ingester names series, timestamp and window in few bytes`(
        reason: RefusalReason,
        message: String
    ) async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        cluster.ingesters[0].set { $0.refused[2] = reason }
        var limits = TenantLimits()
        limits.lateWindowMilliseconds = 90_000
        var writer = WireWriter()
        var labels = [("__name__", "up")]
        for number in 10..<40 { labels.append(("l\(number)", String(repeating: "v", count: 99))) }
        writer.series(labels, [(1, 1), (2, 2)])
        let outcome = try await cluster.push(writer, limits: WriteLimits(limits))
        #expect(outcome.message?.hasPrefix(message) == true, "\(outcome.message ?? "")")
        #expect(outcome.message?.contains("; refused 1 of 2, the rest is stored: ") == true)
        #expect((outcome.message ?? "").utf8.count < 1024)
    }

    @Test func `samples outside the accepted ages are refused with the limit in words`()
        async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var limits = TenantLimits()
        limits.maxSampleAgeMilliseconds = 1500
        limits.creationGracePeriodMilliseconds = 60_000
        for (timestamp, message) in [
            (
                TestCluster.now - 1501,
                "timestamp 1699999998499 is more than 1500ms old (limits.maxSampleAge)"
            ),
            (
                TestCluster.now + 60_001,
                "timestamp 1700000060001 is more than 60s in the future "
                    + "(limits.creationGracePeriod)"
            ),
        ] {
            let request = TestCluster.request(series: 0..<1, timestamp: timestamp)
            let outcome = try await cluster.push(request, limits: WriteLimits(limits))
            #expect(outcome.message?.hasPrefix(message) == true, "\(outcome.message ?? "")")
        }
    }

    @Test func `refusals are found in batches of some rows and after a resend`() async throws {
        let cluster = TestCluster(ingesters: 5, replicationFactor: 1)
        _ = try await cluster.push(TestCluster.request(series: 0..<20))
        var writer = WireWriter()
        for number in 0..<20 {
            writer.series(
                [("__name__", "up"), ("pod", "pod-\(number)")],
                [(TestCluster.now + Int64(number), 1), (TestCluster.now + 100 + Int64(number), 1)]
            )
        }
        for ingester in cluster.ingesters {
            ingester.set { state in
                state.keys = [:]
                state.refused = [TestCluster.now + 107: .outOfOrder]
            }
        }
        let outcome = try await cluster.push(writer)
        #expect(outcome.samplesWritten == 39)
        #expect(outcome.message?.contains("timestamp \(TestCluster.now + 107) ") == true)
        #expect(outcome.message?.contains("pod-7") == true)
    }

    @Test(
        arguments: [
            ([], "malformed write request: snappy block has no valid length"),
            ([1, 0, 0xff], "malformed write request: message is truncated at byte 0"),
            (
                [4, 0x0c, 0x0a, 2, 0x0a, 9],
                "malformed write request: field of 9 bytes where 0 are left at byte 3"
            ),
            (
                [4, 0x0c, 0x0a, 2, 0x0a, 0x80],
                "malformed write request: message is truncated at byte 3"
            ),
            (
                [5, 0x10, 0x0a, 3, 0x0a, 1, 9],
                "malformed write request: in the labels of a series: "
                    + "field 1 has the unexpected wire type 1 at byte 3"
            ),
        ] as [([UInt8], String)]
    )
    func `malformed bodies are refused as a whole`(body: [UInt8], message: String) async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let error = await #expect(throws: PushError.self) {
            try await cluster.distributor.push(
                tenant: .anonymous,
                body: body,
                now: TestCluster.now,
                limits: WriteLimits()
            )
        }
        #expect(error?.description == message)
        #expect(error?.retryAfterSeconds == nil)
        #expect(cluster.ingesters[0].batches.isEmpty)
    }

    @Test func `requests over a limit are too large`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.requestLimits.maximumBodySize = 200
            $0.requestLimits.maximumSeries = 2
        }
        #expect(try await cluster.push(TestCluster.request(series: 0..<2)).samplesWritten == 2)
        for count in [3, 30] {
            let error = await #expect(throws: PushError.self) {
                try await cluster.push(TestCluster.request(series: 0..<count))
            }
            guard case .tooLarge = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func `messages stay short whatever was sent`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        let long = String(repeating: "ü", count: 50_000)
        writer.series([("__name__", "up"), (long, long)], [(1, 1)])
        let message = try #require(try await cluster.push(writer).message)
        #expect(message.utf8.count < 1024)
        #expect(message.hasPrefix("label name \"üüü"))
        #expect(message.contains("label_name_too_long 1"))
        let error = PushError.unavailable(
            accepted: 0,
            required: 2,
            cause: long,
            retryAfterSeconds: 1
        )
        #expect(error.description.utf8.count < 1024)
    }
}

extension PushOutcome {
    /// What an empty request comes to.
    fileprivate static let nothing = PushOutcome()
}
