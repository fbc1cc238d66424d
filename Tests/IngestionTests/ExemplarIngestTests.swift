import BlockFormat
import ClusterInterface
import HeadStorage
import Ingestion
import MetricsModel
import Testing
import WriteAheadLog

@Suite(.timeLimit(.minutes(1))) struct ExemplarIngestTests {
    private let tenant = TenantID.anonymous
    private let start = Fixture.start

    private func fixture(
        log: MemoryLog = MemoryLog(),
        store: MemoryBlockStore = MemoryBlockStore(),
        life: MemberLife? = .active,
        limit: Int = 100
    ) -> Fixture {
        Fixture(log: log, store: store, life: life) { $0.maximumExemplars = limit }
    }

    private static func exemplar(_ time: Int64, _ id: String = "a") -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: time, value: 0.5)
    }

    /// One row for each series, with samples and exemplars at the times.
    private func batch(
        _ series: Range<Int> = 0..<1,
        samples: [Int64],
        exemplars: [Exemplar],
        hasKeys: Bool = true
    ) -> WriteBatch {
        var batch = WriteBatch(
            tenant,
            series.map { number in
                WriteBatch.Row(
                    labels: Fixture.labels(number),
                    samples: samples.map { ($0, 1) },
                    hasKey: hasKeys
                )
            }
        )
        for _ in series {
            batch.exemplars += exemplars
            batch.exemplarEnds.append(UInt32(batch.exemplars.count))
        }
        return batch
    }

    private func memory(
        _ fixture: Fixture,
        _ range: TimeRange = .all
    ) async throws -> [Labels: [Exemplar]] {
        let request = SelectRequest(tenant: tenant, matchers: [], range: range)
        let found = try await fixture.ingester.exemplars(request)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.labels, $0.exemplars) })
    }

    /// What blocks hold, each as often as it is there.
    private func stored(_ store: MemoryBlockStore) throws -> [Labels: [Exemplar]] {
        var found: [Labels: [Exemplar]] = [:]
        for block in store.blocks {
            let directory = try BlockDirectory(decoding: Array(block.body[block.record.directory]))
            var selection = BlockSelection(
                directory: directory,
                matchers: [],
                seed: TenantSeed(tenant)
            )
            try selection.supply(selection.need.map { Array(block.body[$0]) })
            var exemplars = BlockExemplars(
                directory: directory,
                series: selection.series,
                range: .all
            )
            while !exemplars.need.isEmpty {
                try exemplars.supply(exemplars.need.map { Array(block.body[$0]) })
            }
            for series in selection.series {
                let list = exemplars.exemplars(of: series)
                if !list.isEmpty { found[series.labels, default: []] += list }
            }
        }
        return found
    }

    private func replay(_ log: MemoryLog, into fixture: Fixture) throws {
        for (segment, bytes) in log.records {
            fixture.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.active)
    }

    // MARK: Exemplars

    @Test func `exemplars are there with and after the samples of their series`() async throws {
        let fixture = fixture()
        let first = batch(0..<2, samples: [start], exemplars: [Self.exemplar(start)])
        #expect(try await fixture.ingester.write(first) == WriteAnswer())
        let alone = batch(samples: [], exemplars: [Self.exemplar(start + 9)], hasKeys: false)
        #expect(try await fixture.ingester.write(alone) == WriteAnswer())
        #expect(
            try await memory(fixture) == [
                Fixture.labels(0): [Self.exemplar(start), Self.exemplar(start + 9)],
                Fixture.labels(1): [Self.exemplar(start)],
            ]
        )
        #expect(
            try await memory(fixture, TimeRange(start: start + 1, end: .max))
                == [Fixture.labels(0): [Self.exemplar(start + 9)]]
        )
    }

    @Test func `a series that is not known is asked for, and not made by an exemplar`() async throws
    {
        let fixture = fixture()
        let alone = batch(samples: [], exemplars: [Self.exemplar(start)], hasKeys: false)
        #expect(try await fixture.ingester.write(alone) == WriteAnswer(unknownRows: [0]))
        let withKey = batch(samples: [], exemplars: [Self.exemplar(start)])
        #expect(try await fixture.ingester.write(withKey) == WriteAnswer())
        #expect(try await memory(fixture) == [Fixture.labels(0): [Self.exemplar(start)]])
        let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
        #expect(try await fixture.ingester.series(request).isEmpty)
        // Both are asked for once.
        var unknown = batch(1..<2, samples: [start], exemplars: [Self.exemplar(start)])
        unknown.keys = []
        unknown.keyEnds = [0]
        #expect(try await fixture.ingester.write(unknown) == WriteAnswer(unknownRows: [0]))
        var wrong = batch(2..<3, samples: [], exemplars: [Self.exemplar(start)])
        wrong.keys = Fixture.labels(3).key
        wrong.keyEnds = [UInt32(wrong.keys.count)]
        #expect(
            try await fixture.ingester.write(wrong)
                == WriteAnswer(refusals: [.init(row: 0, sample: 0, reason: .invalidSeriesKey)])
        )
    }

    @Test func `refusals name exemplars behind samples and histograms`() async throws {
        let fixture = fixture()
        _ = try await fixture.ingester.write(
            batch(samples: [start], exemplars: [Self.exemplar(start + 5)])
        )
        let late = batch(
            0..<2,
            samples: [start + 1, start + 2],
            exemplars: [Self.exemplar(start + 4), Self.exemplar(start + 5)]
        )
        #expect(
            try await fixture.ingester.write(late)
                == WriteAnswer(refusals: [.init(row: 0, sample: 4, reason: .exemplarOutOfOrder)])
        )
        let disabled = self.fixture(limit: 0)
        #expect(
            try await disabled.ingester.write(
                batch(samples: [start], exemplars: [Self.exemplar(start)])
            ) == WriteAnswer(refusals: [.init(row: 0, sample: 1, reason: .exemplarsDisabled)])
        )
        #expect(try await SampleSet.memory(of: disabled.ingester, [tenant]).count == 1)
    }

    @Test func `an answer waits until exemplars and metadata are in the log`() async throws {
        let fixture = fixture()
        fixture.log.hold()
        var batch = batch(samples: [], exemplars: [Self.exemplar(start)])
        batch.metadata = [MetricMetadata(name: "a", kind: .gauge)]
        let sent = batch
        let answered = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    _ = try await fixture.ingester.write(sent)
                    answered.increment()
                }
            }
            // The second is a duplicate, and waits for the first one's record all the same.
            await eventually { fixture.log.waitingCount == 2 }
            #expect(answered.count == 0)
            fixture.log.release()
            try await group.waitForAll()
        }
        #expect(try await memory(fixture)[Fixture.labels(0)]?.count == 1)
    }

    @Test func `a crash loses neither exemplars nor metadata`() async throws {
        let old = self.fixture(log: MemoryLog(recordsPerSegment: 3))
        var batch = batch(0..<3, samples: [start], exemplars: [Self.exemplar(start)])
        batch.metadata = [MetricMetadata(name: "requests", kind: .counter, help: "h", unit: "s")]
        _ = try await old.ingester.write(batch)
        _ = try await old.ingester.write(
            self.batch(samples: [], exemplars: [Self.exemplar(start + 1, "b")], hasKeys: false)
        )
        let fixture = fixture(life: nil)
        try replay(old.log, into: fixture)
        let expected = try await memory(old)
        #expect(expected.count == 3)
        #expect(try await memory(fixture) == expected)
        let request = MetadataRequest(tenant: tenant)
        let kept = try await fixture.ingester.metadata(request)
        let before = try await old.ingester.metadata(request)
        #expect(kept == before)
        #expect(kept.map(\.metadata) == batch.metadata)
    }

    @Test func `a flush stores the exemplars of a window with the samples of their series`()
        async throws
    {
        let fixture = fixture()
        let next = start + Fixture.window
        _ = try await fixture.ingester.write(
            batch(
                0..<2,
                samples: [start + 10, next],
                exemplars: [
                    Self.exemplar(start + 10), Self.exemplar(next - 1, "b"), Self.exemplar(next),
                ]
            )
        )
        fixture.clock.set(next + Fixture.flushDelay)
        _ = await fixture.ingester.flushDue()
        let first = [Self.exemplar(start + 10), Self.exemplar(next - 1, "b")]
        #expect(
            try stored(fixture.store) == [Fixture.labels(0): first, Fixture.labels(1): first]
        )
        // They stay in memory, and are not stored again.
        #expect(try await memory(fixture)[Fixture.labels(0)]?.count == 3)
        _ = await fixture.ingester.flushAll()
        let all = first + [Self.exemplar(next)]
        #expect(try stored(fixture.store) == [Fixture.labels(0): all, Fixture.labels(1): all])
        let refused = batch(samples: [], exemplars: [Self.exemplar(start + 11)], hasKeys: false)
        #expect(
            try await fixture.ingester.write(refused)
                == WriteAnswer(refusals: [.init(row: 0, sample: 0, reason: .exemplarTooOld)])
        )
    }

    @Test func `an exemplar waits for the first samples of its series, for a while`() async throws {
        let fixture = fixture()
        let next = start + Fixture.window
        _ = try await fixture.ingester.write(batch(1..<2, samples: [start], exemplars: []))
        for (number, time) in [(0, next - 5), (2, start)] {
            _ = try await fixture.ingester.write(
                batch(number..<number + 1, samples: [], exemplars: [Self.exemplar(time)])
            )
        }
        fixture.log.rotate()
        fixture.clock.set(next + Fixture.flushDelay)
        _ = await fixture.ingester.flushDue()
        #expect(try stored(fixture.store).isEmpty)
        // The log keeps what waits.
        #expect(fixture.log.records.map(\.segment).min() == 1)
        _ = try await fixture.ingester.write(
            batch(0..<3, samples: [next + 60_000], exemplars: [])
        )
        fixture.clock.set(next + Fixture.window + Fixture.flushDelay)
        _ = await fixture.ingester.flushDue()
        #expect(try stored(fixture.store) == [Fixture.labels(0): [Self.exemplar(next - 5)]])
        #expect(fixture.log.records.isEmpty || fixture.log.records.map(\.segment).min() ?? 0 > 1)
        // The one that was too far from any sample is readable as long as memory has it.
        #expect(try await memory(fixture)[Fixture.labels(2)] == [Self.exemplar(start)])
    }

    @Test func `a flush that is repeated after a crash stores the same block`() async throws {
        let old = self.fixture()
        _ = try await old.ingester.write(
            batch(0..<2, samples: [start], exemplars: [Self.exemplar(start)])
        )
        old.store.fail(for: nil)
        _ = await old.ingester.flushAll()
        let store = MemoryBlockStore()
        let fixture = fixture(store: store, life: nil)
        try replay(old.log, into: fixture)
        _ = await fixture.ingester.flushAll()
        #expect(store.calls == old.store.calls)
        #expect(try stored(store)[Fixture.labels(0)] == [Self.exemplar(start)])
    }

    @Test func `the limit of a tenant holds, and can change`() async throws {
        let fixture = fixture(limit: 3)
        for step: Int64 in 0..<10 {
            _ = try await fixture.ingester.write(
                batch(samples: [start + step], exemplars: [Self.exemplar(start + step)])
            )
        }
        #expect(
            try await memory(fixture)[Fixture.labels(0)]?.map(\.timestamp)
                == [start + 7, start + 8, start + 9]
        )
    }

    // MARK: Metadata

    private func metadata(_ name: String, _ help: String = "") -> WriteBatch {
        var batch = WriteBatch(tenant: tenant)
        batch.metadata = [MetricMetadata(name: name, kind: .gauge, help: help)]
        return batch
    }

    @Test func `metadata is kept without samples, and logged once`() async throws {
        let fixture = fixture()
        for _ in 0..<3 { _ = try await fixture.ingester.write(metadata("up", "x")) }
        _ = try await fixture.ingester.write(metadata("up", "y"))
        let found = try await fixture.ingester.metadata(MetadataRequest(tenant: tenant))
        #expect(Set(found.map(\.metadata.help)) == ["x", "y"])
        let logged = try fixture.log.records.map { record in
            try record.bytes.withUnsafeBytes { try LogRecord(decoding: $0) }
        }
        var entries = 0
        for case .metadata(_, let list) in logged { entries += list.count }
        #expect(entries == 2)
    }

    @Test func `metadata outlives the segments that it was written to`() async throws {
        let fixture = fixture()
        _ = try await fixture.ingester.write(metadata("requests_total", "x"))
        _ = try await fixture.ingester.write(batch(samples: [start], exemplars: []))
        _ = await fixture.ingester.flushAll()
        #expect(fixture.log.records.allSatisfy { $0.segment == fixture.log.currentSegment })
        let again = self.fixture(life: nil)
        try replay(fixture.log, into: again)
        let found = try await again.ingester.metadata(MetadataRequest(tenant: tenant))
        #expect(found.map(\.metadata.help) == ["x"])
        let block = try #require(fixture.store.blocks.first)
        let directory = try BlockDirectory(decoding: Array(block.body[block.record.directory]))
        let pages = directory.metadataPagesNeeded.map { Array(block.body[$0.range]) }
        #expect(try directory.metadata(in: pages).map(\.name) == ["requests_total"])
    }

    @Test func `a log that fails keeps the segments with metadata`() async throws {
        let fixture = fixture()
        _ = try await fixture.ingester.write(metadata("up", "x"))
        fixture.log.fail()
        _ = await fixture.ingester.flushAll()
        #expect(fixture.log.records.map(\.segment).min() == 1)
    }

    @Test func `metadata that nobody repeats for a day is forgotten`() async throws {
        let fixture = fixture()
        _ = try await fixture.ingester.write(metadata("old"))
        fixture.clock.advance(by: 86_400_001)
        _ = try await fixture.ingester.write(metadata("new"))
        _ = await fixture.ingester.flushDue()
        let found = try await fixture.ingester.metadata(MetadataRequest(tenant: tenant))
        #expect(found.map(\.metadata.name) == ["new"])
    }
}
