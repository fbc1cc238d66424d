import ClusterInterface
import EmbeddedStorage
import Foundation
import GRDB
import HashRing
import MetricsModel
import TestSupport
import Testing

/// What is kept of the catalog in memory is never older than the file.
@Suite struct CatalogTests {
    private static let day: Int64 = 86_400_000

    private func withStore(
        foreignChangesWithin: Duration = .zero,
        _ body: (EmbeddedStore, String) async throws -> Void
    ) async throws {
        try await StoreKind.sqlite.withPlace { place in
            guard case .sqlite(let path) = place else { return }
            var settings = EmbeddedSettings()
            settings.foreignChangesWithin = foreignChangesWithin
            let store = try EmbeddedStore(path: path, settings: settings)
            try await store.migrate()
            try await body(store, path)
            await store.close()
        }
    }

    private func numbers(_ store: EmbeddedStore, _ range: TimeRange = .all) async throws -> [UInt64]
    {
        try await store.blocks(of: .anonymous, overlapping: range).map(\.id.low)
    }

    private func block(_ number: UInt64, _ range: TimeRange) -> NewBlock {
        SampleBlocks.block(tenant: .anonymous, number: number, range: range)
    }

    @Test func `a block is seen as soon as it is published`() async throws {
        try await withStore { store, _ in
            for number in 0..<20 as Range<UInt64> {
                #expect(try await numbers(store) == Array(0..<number))
                let start = Int64(number) * 1000
                try await store.publish(block(number, TimeRange(start: start, end: start + 1000)))
                #expect(try await numbers(store) == Array(0...number))
                #expect(try await numbers(store) == Array(0...number))
            }
        }
    }

    @Test func `a block that another connection publishes is seen as soon`() async throws {
        try await withStore { store, path in
            let other = try EmbeddedStore(path: path)
            for number in 0..<10 as Range<UInt64> {
                #expect(try await numbers(store) == Array(0..<number))
                try await other.publish(block(number, TimeRange(start: 0, end: 1000)))
                #expect(try await numbers(store) == Array(0...number))
            }
            await other.close()
            #expect(try await numbers(store) == Array(0..<10))
        }
    }

    @Test func `a process that is alone asks for changes of others now and then only`() async throws
    {
        try await withStore(foreignChangesWithin: .seconds(3600)) { store, path in
            let other = try EmbeddedStore(path: path)
            let range = TimeRange(start: 0, end: 1000)
            #expect(try await numbers(store) == [])
            for number in 0..<10 as Range<UInt64> {
                try await store.publish(block(2 * number, range))
                #expect(try await numbers(store) == Array(0...2 * number))
                try await other.publish(block(2 * number + 1, range))
                #expect(try await numbers(store) == Array(0...2 * number))
            }
            #expect(try await store.deletionsInForce(of: .anonymous, overlapping: range).isEmpty)
            try await store.publish(block(100, range))
            #expect(try await store.deletionsInForce(of: .anonymous, overlapping: range).isEmpty)
            let deletion = try await other.order(["{a=\"1\"}"], of: .anonymous, in: range)
            #expect(try await store.deletionsInForce(of: .anonymous, overlapping: range).isEmpty)
            let own = try await store.order(["{a=\"2\"}"], of: .anonymous, in: range)
            #expect(
                try await store.deletionsInForce(of: .anonymous, overlapping: range).map(\.number)
                    == [deletion.number, own.number]
            )
            await other.close()
        }
        try await withStore(foreignChangesWithin: .milliseconds(1)) { store, path in
            let other = try EmbeddedStore(path: path)
            #expect(try await numbers(store) == [])
            try await other.publish(block(1, TimeRange(start: 0, end: 1000)))
            let end = ContinuousClock.now + .milliseconds(1)
            while ContinuousClock.now <= end {}
            #expect(try await numbers(store) == [1])
            await other.close()
        }
    }

    @Test func `a block that another connection retires is gone as soon`() async throws {
        try await withStore { store, path in
            for number in 1...3 as ClosedRange<UInt64> {
                try await store.publish(block(number, TimeRange(start: 0, end: 1000)))
            }
            #expect(try await numbers(store) == [1, 2, 3])
            let database = try DatabaseQueue(path: path)
            try await database.write { database in
                try database.execute(
                    sql: "update blocks set state = 'retired' where substr(block_id, 16) = x'02'"
                )
            }
            #expect(try await numbers(store) == [1, 3])
            try await database.write { try $0.execute(sql: "delete from blocks") }
            #expect(try await numbers(store) == [])
            try database.close()
        }
    }

    @Test func `blocks are seen after a checkpoint and a fresh write-ahead log`() async throws {
        try await withStore { store, path in
            let database = try DatabaseQueue(path: path)
            for number in 0..<6 as Range<UInt64> {
                try await store.publish(block(number, TimeRange(start: 0, end: 1000)))
                _ = try await database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
                #expect(try await numbers(store) == Array(0...number))
            }
            try database.close()
        }
    }

    @Test(arguments: 0..<6)
    func `any ranges after any writes give what the file has`(seed: UInt64) async throws {
        try await withStore { store, path in
            var random = SeededGenerator(seed: seed)
            let other = try EmbeddedStore(path: path)
            let edges: [Int64] = [.min, .min + 1, .max - 1, .max]
            func time(_ random: inout SeededGenerator) -> Int64 {
                if Int.random(in: 0..<8, using: &random) == 0 {
                    return edges.randomElement(using: &random) ?? 0
                }
                return Int64.random(in: -3 * Self.day...3 * Self.day, using: &random)
            }
            var published: [BlockRecord] = []
            for step in 0..<150 as Range<UInt64> {
                let (first, second) = (time(&random), time(&random))
                let range = TimeRange(start: min(first, second), end: max(first, second))
                if !range.isEmpty, Int.random(in: 0..<4, using: &random) == 0 {
                    let target = Bool.random(using: &random) ? store : other
                    let new = block(step, range)
                    try await target.publish(new)
                    published.append(new.record)
                }
                let found = try await store.blocks(of: .anonymous, overlapping: range)
                let expected = published.filter { $0.range.overlaps(range) }
                    .sorted { ($0.range.start, $0.id.low) < ($1.range.start, $1.id.low) }
                #expect(found == expected, "step \(step), \(range)")
            }
            await other.close()
        }
    }

    @Test func `readers at the same time as a publisher never miss what was published`()
        async throws
    {
        try await withStore { store, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in 0..<4 as Range<UInt64> {
                    group.addTask {
                        for step in 0..<20 as Range<UInt64> {
                            let number = reader * 100 + step
                            let range = TimeRange(
                                start: Int64(number) * 1000,
                                end: Int64(number) * 1000 + 1000
                            )
                            try await store.publish(block(number, range))
                            #expect(try await numbers(store, range) == [number])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await numbers(store).count == 80)
        }
    }

    @Test func `a closed store answers no more, whatever it knew`() async throws {
        try await withStore { store, _ in
            try await store.publish(block(1, TimeRange(start: 0, end: 1000)))
            #expect(try await numbers(store) == [1])
            await store.close()
            await #expect(throws: StoreError.self) { try await numbers(store) }
        }
    }
}
