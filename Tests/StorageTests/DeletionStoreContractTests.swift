import ClusterInterface
import MetricsModel
import Testing

@Suite struct DeletionStoreContractTests {
    private let red: TenantID
    private let blue: TenantID
    private let range = TimeRange(start: 100, end: 500)

    init() throws {
        red = try TenantID("red")
        blue = try TenantID("blue")
    }

    @Test(arguments: StoreKind.available)
    func `an order is in force for its tenant and range until it is done`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let selectors = [#"{__name__="up",path="a\nb"}"#, "down"]
            let first = try await store.order(selectors, of: red, in: range)
            #expect(first.selectors == selectors && first.range == range && first.phase == .ordered)
            #expect(first.number > 0 && first.requestedAt > 1_600_000_000_000)
            let second = try await store.order([], of: red, in: .init(start: .min, end: 50))
            #expect(second.number > first.number && second.selectors.isEmpty)
            #expect(
                try await store.deletionsInForce(of: red, overlapping: .all) == [first, second]
            )
            #expect(
                try await store.deletionsInForce(of: red, overlapping: .init(start: 499, end: 600))
                    == [first]
            )
            #expect(
                try await store.deletionsInForce(of: red, overlapping: .init(start: 500, end: 600))
                    .isEmpty
            )
            #expect(try await store.deletionsInForce(of: blue, overlapping: .all).isEmpty)
            #expect(try await store.tenantsWithDeletions() == [red])

            try await store.advance(first, to: .stored)
            #expect(
                try await store.deletionsInForce(of: red, overlapping: range).map(\.phase)
                    == [.stored]
            )
            try await store.advance(first, to: .done)
            // A late worker does not bring it back.
            try await store.advance(first, to: .stored)
            try await store.advance(second, to: .done)
            #expect(try await store.deletionsInForce(of: red, overlapping: .all).isEmpty)
            #expect(try await store.tenantsWithDeletions().isEmpty)
            let all = try await store.deletions(of: red, limit: 10)
            #expect(all.map(\.number) == [second.number, first.number])
            #expect(all.allSatisfy { $0.phase == .done && $0.finishedAt != nil })
            #expect(try await store.deletions(of: red, limit: 1).count == 1)
            #expect(try await store.deletions(of: blue, limit: 10).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a block has seen the deletions that no ingester could hold samples of`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            func block(_ number: UInt64) -> NewBlock {
                SampleBlocks.block(
                    tenant: red,
                    number: number,
                    range: TimeRange(start: 0, end: 1000)
                )
            }
            try await store.publish(block(1))
            let deletion = try await store.order(["up"], of: red, in: range)
            try await store.publish(block(2))
            try await store.advance(deletion, to: .stored)
            try await store.publish(block(3))
            let seen = try await store.blocks(of: red, overlapping: .all).map(\.deletionsSeen)
            #expect(seen == [0, 0, deletion.number])
            func unseen(_ range: TimeRange) async throws -> [UInt64] {
                try await store.blocks(
                    of: red,
                    overlapping: range,
                    notSeen: deletion.number,
                    limit: 10
                ).map(\.id.low)
            }
            #expect(try await unseen(range) == [1, 2])
            #expect(try await unseen(TimeRange(start: 1000, end: 2000)).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a late block that has not seen deletions brings them into force again`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let early = try await store.order(["up"], of: red, in: range)
            try await store.advance(early, to: .done)
            let late = try await store.order(["up"], of: red, in: range)
            let elsewhere = try await store.order([], of: red, in: .init(start: 5000, end: 6000))
            let foreign = try await store.order([], of: blue, in: range)
            for deletion in [late, elsewhere, foreign] {
                #expect(try await store.advance(deletion, to: .stored))
                #expect(try await store.advance(deletion, to: .done))
                #expect(try await store.advance(deletion, to: .done) == false)
            }
            var block = SampleBlocks.block(
                tenant: red,
                number: 1,
                range: TimeRange(start: 0, end: 1000)
            )
            block.deletionsSeen = early.number
            #expect(try await store.publish(block))
            let inForce = try await store.deletionsInForce(of: red, overlapping: .all)
            #expect(inForce.map(\.number) == [late.number])
            #expect(inForce.map(\.phase) == [.stored] && inForce[0].finishedAt == nil)
            #expect(try await store.deletionsInForce(of: blue, overlapping: .all).isEmpty)
            let blocks = try await store.blocks(of: red, overlapping: .all)
            #expect(blocks.map(\.deletionsSeen) == [early.number])
            // Not done before the block is written anew.
            #expect(try await store.advance(late, to: .done) == false)
            let held = try await store.acquireLease(
                "deletions",
                of: red,
                holder: "a",
                lasting: .seconds(600)
            )
            try await store.rewrite(
                blocks[0],
                as: [],
                seen: late.number,
                removed: [late.number: 3],
                under: try #require(held),
                grace: .seconds(600)
            )
            #expect(try await store.advance(late, to: .done))
            #expect(try await store.deletionsInForce(of: red, overlapping: .all).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a block is written anew in one step, and does not come back by itself`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let parent = SampleBlocks.block(tenant: red, number: 1)
            let child = SampleBlocks.block(tenant: red, number: 2)
            try await store.publish(parent)
            let deletion = try await store.order(["up"], of: red, in: range)
            try await store.advance(deletion, to: .stored)
            let held = try await store.acquireLease(
                "deletions",
                of: red,
                holder: "a",
                lasting: .seconds(600)
            )
            let lease = try #require(held)
            try await store.stage(child, under: lease)
            func rewrite(_ lease: Lease) async throws {
                try await store.rewrite(
                    parent.record,
                    as: [child.record],
                    seen: deletion.number,
                    removed: [deletion.number: 7],
                    under: lease,
                    grace: .seconds(600)
                )
            }
            var stale = lease
            stale.epoch -= 1
            await #expect(throws: StoreError.leaseLost("deletions")) { try await rewrite(stale) }
            try await rewrite(lease)
            let blocks = try await store.blocks(of: red, overlapping: .all)
            #expect(blocks.map(\.id.low) == [2] && blocks[0].deletionsSeen == deletion.number)
            #expect(try await store.deletions(of: red, limit: 1).map(\.removedSamples) == [7])
            // The same flush once more, as of somebody who does not know of the deletion.
            await #expect(
                throws: StoreError.deleted(parent.record.id, newest: deletion.number)
            ) { try await store.publish(parent) }
            #expect(try await store.blocks(of: red, overlapping: .all).map(\.id.low) == [2])
            await #expect(throws: StoreError.notLive(parent.record.id)) { try await rewrite(lease) }
            let counts = try await store.rowCounts(of: red)
            #expect(counts["blocks"] == 2 && counts["deletions"] == 1)
            #expect(try await store.rowCounts(of: blue).values.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: StoreKind.available)
    func `samples that are written again after a deletion stay, in the same block too`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let block = SampleBlocks.block(tenant: red, number: 1)
            try await store.publish(block)
            let lease = try #require(
                try await store.acquireLease(
                    "deletions",
                    of: red,
                    holder: "a",
                    lasting: .seconds(600)
                )
            )
            func rewrite(_ record: BlockRecord, seen: Int64) async throws {
                try await store.rewrite(
                    record,
                    as: [],
                    seen: seen,
                    removed: [:],
                    under: lease,
                    grace: .seconds(600)
                )
            }
            func seen() async throws -> [Int64] {
                try await store.blocks(of: red, overlapping: .all).map(\.deletionsSeen)
            }
            func phases() async throws -> [SeriesDeletion.Phase] {
                try await store.deletions(of: red, overlapping: .all).map(\.phase)
            }
            let first = try await store.order(["up"], of: red, in: range)
            // While ingesters may hold what is meant, a repeated flush is just that.
            #expect(try await store.publish(block) == false)
            try await store.advance(first, to: .stored)
            var again = block
            again.deletionsSeen = first.number
            // The block is still to be written anew: whoever was about to do so begins again.
            await #expect(throws: StoreError.deleted(block.record.id, newest: first.number)) {
                try await store.publish(block)
            }
            #expect(try await store.publish(again))
            #expect(try await seen() == [first.number])
            await #expect(throws: StoreError.notLive(block.record.id)) {
                try await rewrite(block.record, seen: first.number)
            }
            #expect(try await store.advance(first, to: .done))
            #expect(try await store.publish(block) == false)
            #expect(try await store.publish(again) == false)

            // The block is gone, as it was of a second deletion.
            let second = try await store.order(["up"], of: red, in: range)
            try await store.advance(second, to: .stored)
            let current = try await store.blocks(of: red, overlapping: .all)
            try await rewrite(try #require(current.first), seen: second.number)
            #expect(try await store.advance(second, to: .done))
            #expect(try await seen() == [])
            await #expect(throws: StoreError.deleted(block.record.id, newest: second.number)) {
                try await store.publish(block)
            }
            // Who knows of the first only brings back what the second is to take again.
            #expect(try await store.publish(again))
            #expect(try await seen() == [first.number])
            #expect(try await phases() == [.done, .stored])
            again.deletionsSeen = second.number
            #expect(try await store.publish(again))
            #expect(try await seen() == [second.number])
            #expect(try await store.advance(second, to: .done))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a query knows what is in force and whether anything was done before`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            func latest(_ range: TimeRange) async throws -> [Int64] {
                try await store.latestDeletions(of: red, overlapping: range)
                    .filter { $0.range.overlaps(range) }.map(\.number)
            }
            #expect(try await latest(.all).isEmpty)
            var orders: [SeriesDeletion] = []
            for number in 0..<4 as Range<Int64> {
                orders.append(
                    try await store.order(
                        ["up"],
                        of: red,
                        in: TimeRange(start: number * 100, end: number * 100 + 100)
                    )
                )
            }
            #expect(try await latest(.all) == orders.map(\.number))
            for order in orders[0..<2] { try await store.advance(order, to: .done) }
            #expect(try await latest(.all) == orders[1...].map(\.number))
            #expect(
                try await latest(TimeRange(start: 150, end: 250)) == orders[1...2].map(\.number)
            )
            // The newest that is done, or a newer one.
            let old = try await store.latestDeletions(
                of: red,
                overlapping: TimeRange(start: 0, end: 100)
            )
            #expect((old.last?.number ?? 0) >= orders[0].number && old.last?.phase == .done)
            let all = try await store.deletions(of: red, overlapping: TimeRange(start: 0, end: 250))
            #expect(all.map(\.number) == orders[...2].map(\.number))
            #expect(try await store.latestDeletions(of: blue, overlapping: .all).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a block that loses nothing stays, and has seen the deletion`(kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            let block = SampleBlocks.block(tenant: red, number: 1)
            let merged = SampleBlocks.block(tenant: red, number: 2)
            try await store.publish(block)
            let deletion = try await store.order(["up"], of: red, in: range)
            let held = try await store.acquireLease(
                "deletions",
                of: red,
                holder: "a",
                lasting: .seconds(600)
            )
            let lease = try #require(held)
            func keep() async throws {
                try await store.rewrite(
                    block.record,
                    as: [block.record],
                    seen: deletion.number,
                    removed: [:],
                    under: lease,
                    grace: .zero
                )
            }
            try await keep()
            let blocks = try await store.blocks(of: red, overlapping: .all)
            #expect(blocks.map(\.id) == [block.record.id])
            #expect(blocks.map(\.deletionsSeen) == [deletion.number])
            // One that a merge has replaced meanwhile does not come back.
            try await store.stage(merged, under: lease)
            try await store.replace(
                blocks,
                with: [merged.record],
                under: lease,
                grace: .zero
            )
            await #expect(throws: StoreError.notLive(block.record.id)) { try await keep() }
            #expect(
                try await store.blocks(of: red, overlapping: .all).map(\.id) == [merged.record.id]
            )
        }
    }
}
