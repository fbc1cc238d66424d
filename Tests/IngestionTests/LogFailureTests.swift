import ClusterInterface
import MetricsModel
import Testing
import WriteAheadLog

@testable import Ingestion

/// A full disk, a read-only one, a failed sync: what the ingester does until its log is written again.
@Suite(.timeLimit(.minutes(1))) struct LogFailureTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `while the log fails, writes are refused with the cause and reads go on`()
        async throws
    {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch(start))
        fixture.log.fail(forGood: true)
        let refusal = IngesterError.notAcceptingWrites(
            state: "read only, its log failed: the test says so"
        )
        for _ in 0..<2 {
            await #expect(throws: refusal) { try await fixture.ingester.write(batch(start + 1)) }
        }
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 1)
        #expect(fixture.ingester.logFailure == "the test says so")
    }

    @Test func `a recovery stores all, drops the old segments and takes writes again`()
        async throws
    {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch(start))
        // In memory, not in the log, not acknowledged.
        fixture.log.hold()
        let lost = Task { try await fixture.ingester.write(batch(start + 1)) }
        await eventually { fixture.log.waitingCount == 1 }
        fixture.log.fail()
        fixture.log.release()
        await #expect(throws: IngesterError.self) { try await lost.value }

        let recovery = await fixture.ingester.recoverLog()
        guard case .recovered(let report) = recovery else {
            Issue.record("\(String(describing: recovery))")
            return
        }
        #expect(report.samples == 2)
        #expect(fixture.log.records.isEmpty)
        // The sender tries again, and is told that it is safe: it is, in a block.
        #expect(try await fixture.ingester.write(batch(start + 1)) == WriteAnswer())
        #expect(try SampleSet.stored(in: fixture.store.blocks).count == 2)
        let before = fixture.log.records.count
        _ = try await fixture.ingester.write(batch(start + 2))
        #expect(fixture.log.records.count == before + 1)
        #expect(await fixture.ingester.recoverLog() == nil)
    }

    @Test func `no write is taken before all of memory is stored`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch(start))
        fixture.log.fail()
        fixture.store.fail(for: nil)
        guard case .notFlushed(let report) = await fixture.ingester.recoverLog() else {
            Issue.record("recovered although nothing could be stored")
            return
        }
        #expect(report.failures.count == 1)
        await #expect(throws: IngesterError.self) {
            try await fixture.ingester.write(batch(start + 1))
        }
        #expect(fixture.log.records.count == 1)
        fixture.store.fail(for: [])
        guard case .recovered = await fixture.ingester.recoverLog() else {
            Issue.record("not recovered")
            return
        }
        _ = try await fixture.ingester.write(batch(start + 1))
    }

    @Test func `a disk that stays full is reported, and asked again later`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch(start))
        fixture.log.fail(forGood: true)
        let stays = LogRecovery.notRestarted(cause: "the test says so")
        for _ in 0..<2 { #expect(await fixture.ingester.recoverLog() == stays) }
        #expect(try SampleSet.stored(in: fixture.store.blocks).count == 1)
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 0)
    }

    @Test func `an ingester whose log failed can still flush and leave`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch(start))
        fixture.log.fail(forGood: true)
        fixture.ingester.setLife(.leaving)
        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        #expect(try SampleSet.stored(in: fixture.store.blocks).count == 1)
    }

    private func batch(_ time: Int64) -> WriteBatch {
        WriteBatch(tenant, Fixture.labels(1), [(time, Double(time % 1000))])
    }
}
