import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@Suite struct BlockStoreContractTests {
    private let red: TenantID
    private let blue: TenantID

    init() throws {
        red = try TenantID("red!-_.*'()")
        blue = try TenantID("blue")
    }

    @Test(arguments: StoreKind.available)
    func `a published block is found and read`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            var block = SampleBlocks.block(tenant: red, range: TimeRange(start: -5, end: 7))
            block.record.level = 2
            block.metrics = [MetricSummary(name: "up", seriesCount: 3, sampleCount: 12)]
            let isNew = try await store.publish(block)
            #expect(isNew)
            let found = try await store.blocks(of: red, overlapping: .all)
            #expect(found == [block.record])
            let whole = try await store.read(block.record, ranges: [0..<block.body.count])
            #expect(whole == [block.body])
        }
    }

    @Test(arguments: StoreKind.available)
    func `publishing again changes nothing and says so`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let block = SampleBlocks.block(tenant: red)
            let isNew = try await store.publish(block)
            #expect(isNew)
            // Another time, level and body under the same name: the first one stays.
            var other = SampleBlocks.block(
                tenant: red,
                range: TimeRange(start: 1 << 40, end: 1 << 41),
                body: [1, 2, 3]
            )
            other.record.level = 5
            #expect(try await store.publish(other) == false)
            #expect(try await store.blocks(of: red, overlapping: .all) == [block.record])
            #expect(try await store.read(block.record, ranges: [0..<8]) == [block.body])
        }
    }

    @Test(arguments: StoreKind.available)
    func `tenants with the same block see their own`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let same = SampleBlocks.bytes(count: 5000, seed: 1)
            let redBlock = SampleBlocks.block(tenant: red, body: same)
            let blueBlock = SampleBlocks.block(tenant: blue, body: same)
            let blueOnly = SampleBlocks.block(tenant: blue, number: 2, body: [9, 9])
            for block in [redBlock, blueBlock, blueOnly] {
                let isNew = try await store.publish(block)
                #expect(isNew)
            }
            #expect(try await store.blocks(of: red, overlapping: .all) == [redBlock.record])
            #expect(
                try await store.blocks(of: blue, overlapping: .all)
                    == [blueBlock.record, blueOnly.record]
            )
            #expect(
                try await store.read(redBlock.record, ranges: [10..<20]) == [Array(same[10..<20])]
            )
            var stolen = blueOnly.record
            stolen.tenant = red
            await #expect(throws: StoreError.self) { try await store.read(stolen, ranges: [0..<2]) }
            let green = try TenantID("green")
            #expect(try await store.blocks(of: green, overlapping: .all).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `blocks overlap by half-open ranges, oldest first`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let ranges = [
                TimeRange(start: 200, end: 300), TimeRange(start: 100, end: 200),
                TimeRange(start: 100, end: 101), TimeRange(start: .min, end: .max),
            ]
            for (index, range) in ranges.enumerated() {
                let block = SampleBlocks.block(tenant: red, number: UInt64(index), range: range)
                try await store.publish(block)
            }
            func numbers(_ start: Int64, _ end: Int64) async throws -> [UInt64] {
                let range = TimeRange(start: start, end: end)
                return try await store.blocks(of: red, overlapping: range).map(\.id.low)
            }
            #expect(try await numbers(.min, .max) == [3, 1, 2, 0])
            #expect(try await numbers(0, 100) == [3])
            #expect(try await numbers(0, 101) == [3, 1, 2])
            #expect(try await numbers(101, 102) == [3, 1])
            #expect(try await numbers(199, 200) == [3, 1])
            #expect(try await numbers(199, 201) == [3, 1, 0])
            #expect(try await numbers(200, 201) == [3, 0])
            #expect(try await numbers(300, 301) == [3])
            #expect(try await numbers(150, 150).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `any ranges of a large body come back as they are in memory`(kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            let body = SampleBlocks.bytes(count: 3_500_000, seed: 7)
            let block = SampleBlocks.block(
                tenant: red,
                range: TimeRange(start: 1_767_000_000_000, end: 1_767_007_200_000),
                body: body
            )
            try await store.publish(block)
            var random = SeededGenerator(seed: 42)
            var edges = [0..<0, 0..<1, 3_499_999..<3_500_000, 3_500_000..<3_500_000]
            for slab in [1 << 16, 1 << 20, 2 << 20, 3 << 20] {
                edges += [
                    slab - 1..<slab + 1, slab..<slab + 1, slab - 1..<slab, slab - 9..<slab - 9,
                ]
            }
            edges += [(1 << 20) - 5..<(3 << 20) + 5, 0..<3_500_000]
            let drawn = (0..<200).map { _ in
                let start = Int.random(in: 0..<body.count, using: &random)
                let length = Int.random(in: 0...min(40_000, body.count - start), using: &random)
                return start..<start + length
            }
            for ranges in [edges, drawn, []] {
                let parts = try await store.read(block.record, ranges: ranges)
                #expect(parts.count == ranges.count)
                for (part, range) in zip(parts, ranges) where part != Array(body[range]) {
                    Issue.record("bytes \(range) differ")
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `bytes of many blocks come back in the order in which they were asked for`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let week: Int64 = 7 * 86_400_000
            var bodies: [[UInt8]] = []
            var records: [BlockRecord] = []
            for number in 0..<30 as Range<UInt64> {
                let body = SampleBlocks.bytes(count: 40_000 * Int(number % 4), seed: number)
                let start = 1_700_000_000_000 + Int64(number) * week / 4
                let block = SampleBlocks.block(
                    tenant: red,
                    number: number,
                    range: TimeRange(start: start, end: start + 1000),
                    body: body
                )
                try await store.publish(block)
                bodies.append(body)
                records.append(block.record)
            }
            var random = SeededGenerator(seed: 3)
            let order = (0..<30).shuffled(using: &random) + [7, 7]
            let wanted = order.map { index in
                let size = bodies[index].count
                let ranges = [size / 3..<size / 2, 0..<min(10, size), 0..<0, 0..<size]
                return BlockRead(records[index], ranges: Array(ranges.prefix(index % 5)))
            }
            let found = try await store.read(wanted)
            #expect(found.count == order.count)
            for (number, (index, parts)) in zip(order, found).enumerated() {
                #expect(parts == wanted[number].ranges.map { Array(bodies[index][$0]) })
            }
            #expect(try await store.read([]) == [])

            var stolen = records[5]
            stolen.tenant = blue
            await #expect(throws: StoreError.self) {
                _ = try await store.read([
                    BlockRead(records[1], ranges: [0..<1]), BlockRead(stolen, ranges: [0..<1]),
                ])
            }
            await #expect(throws: StoreError.self) {
                _ = try await store.read([BlockRead(stolen, ranges: [0..<1])])
            }
            let lost = SampleBlocks.block(tenant: red, number: 99).record
            await #expect(throws: StoreError.missing("slab 0 of block \(lost.id)")) {
                _ = try await store.read([
                    BlockRead(records[1], ranges: [0..<1]), BlockRead(lost, ranges: [0..<1]),
                ])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `what is not there is missing`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let block = SampleBlocks.block(tenant: red)
            try await store.publish(block)
            func expectMissing(_ record: BlockRecord, _ range: Range<Int>) async {
                let error = await #expect(throws: StoreError.self) {
                    try await store.read(record, ranges: [0..<1, range])
                }
                guard case .missing? = error else {
                    Issue.record("\(String(describing: error)) for \(range)")
                    return
                }
            }
            await expectMissing(block.record, 0..<9)
            await expectMissing(SampleBlocks.block(tenant: red, number: 2).record, 0..<1)
            var longer = block.record
            longer.size = 5 << 20
            await expectMissing(longer, 7..<9)
            await expectMissing(longer, 4 << 20..<5 << 20)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a body of no bytes is a block`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let block = SampleBlocks.block(tenant: red, body: [])
            let isNew = try await store.publish(block)
            #expect(isNew)
            #expect(try await store.blocks(of: red, overlapping: .all) == [block.record])
            #expect(try await store.read(block.record, ranges: [0..<0]) == [[]])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a row that contradicts its body is refused`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            var wrongSize = SampleBlocks.block(tenant: red)
            wrongSize.record.size += 1
            await #expect(throws: StoreError.self) { try await store.publish(wrongSize) }
            var wrongDirectory = SampleBlocks.block(tenant: red)
            wrongDirectory.record.directory = 0..<9
            await #expect(throws: StoreError.self) { try await store.publish(wrongDirectory) }
            let noTime = SampleBlocks.block(tenant: red, range: TimeRange(start: 5, end: 5))
            await #expect(throws: StoreError.self) { try await store.publish(noTime) }
            let stored = try await store.blocks(of: red, overlapping: .all)
            #expect(stored.isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `of many publishers of one block one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let week: Int64 = 7 * 86_400_000
            let wins = try await withThrowingTaskGroup(of: (UInt64, Bool).self) { group in
                for attempt in 0..<16 {
                    let number = UInt64(attempt % 4)
                    let range = TimeRange(
                        start: Int64(number) * week + 1_700_000_000_000,
                        end: .max
                    )
                    let body = SampleBlocks.bytes(count: 100_000, seed: number)
                    let block = SampleBlocks.block(
                        tenant: red,
                        number: number,
                        range: range,
                        body: body
                    )
                    group.addTask { (number, try await store.publish(block)) }
                }
                return try await group.reduce(into: [UInt64: Int]()) { wins, result in
                    wins[result.0, default: 0] += result.1 ? 1 : 0
                }
            }
            #expect(wins == [0: 1, 1: 1, 2: 1, 3: 1])
            for record in try await store.blocks(of: red, overlapping: .all) {
                let body = SampleBlocks.bytes(count: 100_000, seed: record.id.low)
                #expect(try await store.read(record, ranges: [0..<100_000]) == [body])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a metric may have any name`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let names = [
                "up", "", "a\0b", "\"quoted\"\\", "\u{1}\n\t", "température", "e\u{301}", "é",
            ]
            let metrics = names.map { MetricSummary(name: $0, seriesCount: 1, sampleCount: 2) }
            let block = SampleBlocks.block(tenant: red, metrics: metrics)
            let isNew = try await store.publish(block)
            #expect(isNew)
        }
    }
}
