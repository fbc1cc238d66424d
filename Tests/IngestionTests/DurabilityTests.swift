import ClusterInterface
import Ingestion
import MetricsModel
import Testing
import WriteAheadLog

@Suite(.timeLimit(.minutes(1))) struct DurabilityTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `no write is answered before its record is durable`() async throws {
        let fixture = Fixture()
        fixture.log.hold()
        let answered = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await fixture.ingester.write(
                    WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
                )
                answered.increment()
            }
            await eventually { fixture.log.waitingCount == 1 }
            #expect(fixture.log.records.count == 1)
            #expect(answered.count == 0)
            fixture.log.release()
            try await group.waitForAll()
        }
        #expect(answered.count == 1)
    }

    @Test func `a repeated sample waits until the first copy is durable, and is stored once`()
        async throws
    {
        let fixture = Fixture()
        fixture.log.hold()
        let answered = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for turn in 1...2 {
                group.addTask {
                    let answer = try await fixture.ingester.write(
                        WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
                    )
                    #expect(answer == WriteAnswer())
                    answered.increment()
                }
                await eventually { fixture.log.waitingCount == turn }
            }
            #expect(answered.count == 0)
            fixture.log.release()
            try await group.waitForAll()
        }
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 1)
    }

    @Test func `what is refused or unknown altogether needs no record`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        )
        fixture.log.hold()
        let batch = WriteBatch(
            tenant,
            [
                .init(labels: Fixture.labels(1), samples: [(start, 2)]),
                .init(labels: Fixture.labels(2), samples: [(start, 2)], hasKey: false),
            ]
        )
        let answer = try await fixture.ingester.write(batch)
        #expect(answer.unknownRows == [1])
        #expect(answer.refusals.map(\.reason) == [.newValueForTimestamp])
        #expect(fixture.log.records.count == 1)
    }

    @Test func `a log that fails answers no write with success`() async throws {
        let fixture = Fixture()
        fixture.log.fail()
        let batch = WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        for _ in 0..<2 {
            let error = await #expect(throws: IngesterError.self) {
                try await fixture.ingester.write(batch)
            }
            guard case .notAcceptingWrites = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a log that fails while a write waits ends the write`() async throws {
        let fixture = Fixture()
        fixture.log.hold()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: IngesterError.self) {
                    try await fixture.ingester.write(
                        WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
                    )
                }
            }
            await eventually { fixture.log.waitingCount == 1 }
            fixture.log.fail()
        }
    }

    @Test func `each segment defines the series that it names`() async throws {
        let fixture = Fixture(log: MemoryLog(recordsPerSegment: 2))
        for step in 0..<7 {
            _ = try await fixture.ingester.write(
                WriteBatch(
                    tenant,
                    (0...step % 3).map {
                        .init(
                            labels: Fixture.labels($0),
                            samples: [(start + Int64(step), Double($0))]
                        )
                    }
                )
            )
        }
        try expectSegmentsStandAlone(fixture.log, samples: 1 + 2 + 3 + 1 + 2 + 3 + 1)
    }

    @Test func `a record that its segment did not take any more is encoded for the next`()
        async throws
    {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        )
        fixture.log.rotateUnderway()
        _ = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start + 1, 1)])
        )
        #expect(fixture.log.records.map(\.segment) == [1, 2])
        try expectSegmentsStandAlone(fixture.log, samples: 2)
    }

    /// Every sample of every segment names a series that the segment defines before.
    private func expectSegmentsStandAlone(_ log: MemoryLog, samples: Int) throws {
        var defined: [UInt64: Set<UInt32>] = [:]
        var found = 0
        for (segment, bytes) in log.records {
            guard
                case .samples(let record) = try bytes.withUnsafeBytes({
                    try LogRecord(decoding: $0)
                })
            else { continue }
            defined[segment, default: []].formUnion(record.definitions.map(\.reference))
            #expect(defined[segment, default: []].isSuperset(of: record.references))
            found += record.references.count
        }
        #expect(found == samples)
    }
}
