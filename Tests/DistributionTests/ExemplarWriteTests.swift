import ClusterInterface
import Distribution
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

@Suite struct ExemplarWriteTests {
    private static let limits: WriteLimits = {
        var limits = WriteLimits()
        limits.keepsExemplars = true
        return limits
    }()
    private static let now = TestCluster.now
    private static let up: Labels = ["__name__": "up", "job": "a"]
    private static let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: up)

    private static func trace(_ timestamp: Int64, _ id: String = "a") -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: timestamp, value: 0.5)
    }

    @Test(arguments: [(1, 1), (3, 3), (6, 3)])
    func `exemplars go with their series, metadata by its metric's name`(
        ingesters: Int,
        factor: Int
    ) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: factor)
        var writer = TestCluster.request(series: 0..<30)
        for number in 0..<30 {
            writer.message(1) { series in
                series.label("__name__", "up")
                series.label("pod", "pod-\(number)")
                series.exemplar(Self.trace(Self.now, "t\(number)"))
            }
            writer.metadata(MetricMetadata(name: "metric_\(number)", kind: .gauge, help: "h"))
        }
        let outcome = try await cluster.push(writer, limits: Self.limits)
        await cluster.distributor.waitForBackgroundWrites()
        #expect(outcome.isComplete)
        #expect(outcome.note == nil)
        #expect(outcome.samplesWritten == 30)
        #expect(outcome.exemplarsWritten == 30)
        #expect(outcome.metadataWritten == 30)
        var copies: [String: Int] = [:]
        for ingester in cluster.ingesters {
            // With the samples of the series.
            #expect(Set(ingester.exemplars.keys) == Set(ingester.samples.map(\.fingerprint)))
            for exemplars in ingester.exemplars.values { #expect(exemplars.count == 1) }
            for entry in ingester.metadata { copies[entry.name, default: 0] += 1 }
        }
        #expect(copies.count == 30)
        #expect(copies.values.allSatisfy { $0 == factor })
        if ingesters > factor {
            #expect(cluster.ingesters.allSatisfy { $0.metadata.count < 30 })
        }
    }

    @Test func `a series of exemplars alone is sent, and again with labels if unknown`()
        async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.label("job", "a")
            series.exemplar(Self.trace(Self.now))
        }
        #expect(try await cluster.push(writer, limits: Self.limits).exemplarsWritten == 1)
        cluster.ingesters[0].set { $0.keys = [:] }
        #expect(try await cluster.push(writer, limits: Self.limits).exemplarsWritten == 1)
        #expect(
            cluster.ingesters[0].exemplars[Self.fingerprint]
                == [Self.trace(Self.now), Self.trace(Self.now)]
        )
    }

    @Test func `exemplars that cannot be stored are counted and told, samples are stored`()
        async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.label("job", "a")
            series.sample(Self.now, 1)
            series.exemplar(Self.trace(Self.now))
            series.exemplar(
                Exemplar(
                    labels: ["trace_id": String(repeating: "x", count: 200)],
                    timestamp: Self.now,
                    value: 1
                )
            )
            series.exemplar(Exemplar(labels: .empty, timestamp: Self.now, value: 1))
            series.exemplar(Self.trace(0))
            series.exemplar(Self.trace(.max))
            series.message(3, [0x09])
        }
        // A series that is refused takes its exemplars along.
        writer.message(1) { series in
            series.label("job", "nameless")
            series.exemplar(Self.trace(Self.now))
        }
        let outcome = try await cluster.push(writer, limits: Self.limits)
        #expect(outcome.isComplete)
        #expect(outcome.message == nil)
        #expect(outcome.samplesWritten == 1)
        #expect(outcome.exemplarsWritten == 1)
        #expect(
            outcome.exemplarsRefused == [
                .exemplarLabelsTooLong: 1, .exemplarLabelsMissing: 1,
                .exemplarTimestampInvalid: 1, .exemplarTooFarInFuture: 1, .exemplarMalformed: 1,
                .missingMetricName: 1,
            ]
        )
        let note = try #require(outcome.note)
        #expect(
            note.hasPrefix(
                "labels of the exemplar have 208 characters, limit 128 (exemplar_labels_too_long), "
                    + "series {__name__=\"up\", job=\"a\"}; refused 6 of 7, the rest is stored"
            )
        )
        #expect(cluster.ingesters[0].exemplars[Self.fingerprint] == [Self.trace(Self.now)])
    }

    @Test func `without a limit for exemplars they are dropped silently`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.sample(Self.now, 1)
            series.exemplar(Self.trace(Self.now))
            series.message(3, [0x09])
        }
        let outcome = try await cluster.push(writer)
        #expect(outcome.isComplete)
        #expect(outcome.note == nil)
        #expect(outcome.exemplarsRefused == [.exemplarsDisabled: 2])
        #expect(cluster.ingesters[0].exemplars.isEmpty)
    }

    @Test func `exemplars beyond a request's limit are counted`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.requestLimits.maximumExemplars = 2
            $0.requestLimits.maximumMetadata = 1
        }
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.sample(Self.now, 1)
            for number in 1...5 { series.exemplar(Self.trace(Self.now, "\(number)")) }
        }
        for name in ["a", "b"] { writer.metadata(MetricMetadata(name: name, kind: .gauge)) }
        let outcome = try await cluster.push(writer, limits: Self.limits)
        #expect(outcome.exemplarsWritten == 2)
        #expect(outcome.exemplarsRefused == [.tooManyExemplars: 3])
        #expect(outcome.metadataWritten == 1)
        #expect(outcome.metadataRefused == [.tooMuchMetadata: 1])
        #expect(outcome.samplesWritten == 1)
    }

    @Test(arguments: [(1, 1), (5, 3)])
    func `what ingesters refuse is found again among samples and histograms`(
        ingesters: Int,
        factor: Int
    ) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: factor)
        for ingester in cluster.ingesters {
            ingester.set { $0.refused[Self.now + 7] = .exemplarOutOfOrder }
        }
        var writer = WireWriter()
        for number in 0..<8 {
            writer.message(1) { series in
                series.label("__name__", "up")
                series.label("pod", "pod-\(number)")
                series.sample(Self.now, 1)
                series.sample(Self.now + 1, 1)
                series.histogram(Self.now + 2, count: 1)
                series.exemplar(Self.trace(Self.now + 3))
                if number % 4 == 1 { series.exemplar(Self.trace(Self.now + 7)) }
            }
        }
        let outcome = try await cluster.push(writer, limits: Self.limits)
        #expect(outcome.isComplete)
        #expect(outcome.samplesWritten == 16)
        #expect(outcome.histogramsWritten == 8)
        #expect(outcome.exemplarsWritten == 8)
        #expect(outcome.exemplarsRefused == [.exemplarOutOfOrder: 2])
        #expect(
            outcome.note
                == "exemplar with timestamp \(Self.now + 7) is refused (exemplar_out_of_order), "
                + "series {__name__=\"up\", pod=\"pod-1\"}; refused 2 of 10, the rest is stored: "
                + "exemplar_out_of_order 2"
        )
    }

    @Test func `metadata that cannot be stored is counted and told`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.metadata(MetricMetadata(name: "", kind: .gauge))
        writer.metadata(
            MetricMetadata(name: "a", kind: .gauge, help: String(repeating: "h", count: 2000))
        )
        writer.message(3, [0x12])
        writer.metadata(MetricMetadata(name: "good", kind: .counter))
        let outcome = try await cluster.push(writer)
        #expect(outcome.isComplete)
        #expect(outcome.metadataWritten == 1)
        #expect(
            outcome.metadataRefused == [
                .missingMetricName: 1, .metadataHelpTooLong: 1, .metadataMalformed: 1,
            ]
        )
        #expect(
            outcome.note?.hasPrefix(
                "metadata names no metric (missing_metric_name); refused 3 of 4"
            )
                == true
        )
        #expect(cluster.ingesters[0].metadata == [MetricMetadata(name: "good", kind: .counter)])
    }

    @Test func `metadata is as long as the tenant's limit allows`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.metadata(MetricMetadata(name: "name", kind: .gauge, help: "four", unit: "unit"))
        writer.metadata(MetricMetadata(name: "names", kind: .gauge))
        writer.metadata(MetricMetadata(name: "a", kind: .gauge, help: "helps"))
        writer.metadata(MetricMetadata(name: "b", kind: .gauge, unit: "units"))
        var limits = WriteLimits()
        limits.maximumMetadataLength = 4
        let outcome = try await cluster.push(writer, limits: limits)
        #expect(outcome.metadataWritten == 1)
        #expect(
            outcome.metadataRefused == [
                .metadataNameTooLong: 1, .metadataHelpTooLong: 1, .metadataUnitTooLong: 1,
            ]
        )
        #expect(outcome.refused.isEmpty)
        #expect(outcome.note?.contains("names has 5 bytes, limit 4 (limits.max") == true)
    }

    @Test(arguments: [(1, 1), (3, 3), (6, 3)])
    func `metadata that ingesters refuse is told where no quorum keeps it`(
        ingesters: Int,
        factor: Int
    ) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: factor)
        for (number, ingester) in cluster.ingesters.enumerated() {
            ingester.set { state in
                state.refusedMetadata = [
                    "metric_7": .perTenantMetadataLimit, "metric_9": .perMetricMetadataLimit,
                ]
                // One of several is not enough.
                if number == 0, factor > 1 {
                    state.refusedMetadata["metric_3"] = .perTenantMetadataLimit
                }
            }
        }
        var writer = TestCluster.request(series: 0..<30)
        writer.message(1) { series in
            series.label("__name__", "up")
            series.exemplar(Self.trace(Self.now))
        }
        for number in 0..<30 {
            writer.metadata(MetricMetadata(name: "metric_\(number)", kind: .gauge, help: "h"))
        }
        var limits = Self.limits
        limits.maximumMetadata = 5
        limits.maximumGlobalMetadataPerMetric = 2
        let outcome = try await cluster.push(writer, limits: limits)
        // Senders are not to send it again.
        #expect(outcome.isComplete)
        #expect(outcome.samplesWritten == 30)
        #expect(outcome.exemplarsWritten == 1)
        #expect(outcome.metadataWritten == 28)
        #expect(
            outcome.metadataRefused == [.perTenantMetadataLimit: 1, .perMetricMetadataLimit: 1]
        )
        #expect(
            outcome.note?.hasPrefix(
                "metric is new, and the tenant has metadata of as many as it may "
                    + "(limits.maxMetadata 5 on each ingester) (per_user_metadata_limit), series metric_7"
            ) == true
        )
        let listed = cluster.distributor.discarded(of: .anonymous, reason: nil)
        let told = listed.filter { $0.kind == .metadata }.map { ($0.series, $0.limit) }
        #expect(Set(told.map(\.0)) == ["metric_7", "metric_9"])
        #expect(
            Set(told.map { "\($0.1?.name ?? "") \($0.1?.value ?? "")" }) == [
                "limits.maxMetadata 5", "limits.maxGlobalMetadataPerMetric 2",
            ]
        )
    }

    @Test func `a refusal of metadata that was not sent is no answer`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        cluster.ingesters[0].set { state in
            state.answer = WriteAnswer(
                refusals: [
                    .init(
                        row: WriteAnswer.Refusal.noRow,
                        sample: 1,
                        reason: .perTenantMetadataLimit
                    )
                ]
            )
        }
        var writer = WireWriter()
        writer.metadata(MetricMetadata(name: "a", kind: .gauge))
        await #expect(throws: PushError.self) { try await cluster.push(writer) }
    }

    @Test func `metadata needs a quorum of its ingesters`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        for ingester in cluster.ingesters.prefix(2) { ingester.set { $0.fails = true } }
        var writer = WireWriter()
        writer.metadata(MetricMetadata(name: "a", kind: .gauge))
        await #expect(throws: PushError.self) { try await cluster.push(writer) }
    }
}

extension WireWriter {
    fileprivate mutating func exemplar(_ exemplar: Exemplar) {
        self.exemplar(
            exemplar.labels.pairs.map { ($0.name, $0.value) },
            exemplar.timestamp,
            exemplar.value
        )
    }

    fileprivate mutating func metadata(_ metadata: MetricMetadata) {
        self.metadata(
            kind: UInt64(metadata.kind.rawValue),
            name: metadata.name,
            help: metadata.help,
            unit: metadata.unit
        )
    }
}
