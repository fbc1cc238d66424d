import BlockFormat
import Foundation
import MetricsModel
import Testing

@Suite struct BlockVerificationTests {
    /// A block's bytes, whose they are, and what a catalog would say of it.
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var body: [UInt8]
        var seed: TenantSeed
        var facts: BlockVerification.Facts
    }

    static let examples: [Example] = {
        do {
            return try golden() + [
                example(
                    "built",
                    BlockFixture.random(
                        seed: 5,
                        metricCount: 9,
                        seriesPerMetric: 40,
                        sampleCount: 60
                    )
                    .build(),
                    TenantSeed(try TenantID("team-a"))
                )
            ]
        } catch {
            Issue.record(error)
            return []
        }
    }()

    private static func golden() throws -> [Example] {
        try ["block-v1", "block-v1-compressed", "block-v2"].map { name in
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            let file = folder.appending(components: "Golden", "\(name).bin")
            let body = [UInt8](try Data(contentsOf: file))
            // Header of 24 bytes; the stored size of the directory stands at 8.
            let size = body[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
            let directory = try BlockDirectory(decoding: Array(body[..<(24 + size)]))
            return Example(
                testDescription: name,
                body: body,
                seed: TenantSeed(try TenantID("team-a")),
                facts: .init(
                    seriesCount: directory.seriesCount,
                    sampleCount: directory.sampleCount,
                    size: body.count,
                    directory: 0..<(24 + size),
                    range: TimeRange(start: directory.minTime, end: directory.maxTime + 1)
                )
            )
        }
    }

    static func example(_ name: String, _ block: EncodedBlock, _ seed: TenantSeed) -> Example {
        Example(
            testDescription: name,
            body: block.body,
            seed: seed,
            facts: .init(
                seriesCount: block.seriesCount,
                sampleCount: block.sampleCount,
                size: block.body.count,
                directory: block.directory,
                range: TimeRange(start: block.minTime, end: block.maxTime + 1)
            )
        )
    }

    static func verify(
        _ body: [UInt8],
        _ example: Example,
        missing: Range<Int> = 0..<0
    ) -> BlockVerification {
        var verification = BlockVerification(facts: example.facts, seed: example.seed)
        while !verification.need.isEmpty {
            verification.supply(
                verification.need.map { range in
                    range.overlaps(missing) || range.upperBound > body.count
                        ? .missing("a slab") : .bytes(Array(body[range]))
                }
            )
        }
        return verification
    }

    @Test(arguments: examples)
    func `a sound block has no damage, and every byte of it is checked`(example: Example) {
        let verification = Self.verify(example.body, example)
        #expect(verification.damage == [])
        #expect(verification.checkedSize == example.body.count)
    }

    @Test(arguments: examples)
    func `every flipped byte is found`(example: Example) {
        // Enough of a large block.
        let step = max(1, example.body.count / 3000)
        for index in stride(from: 0, to: example.body.count, by: step) {
            for flip in [0x01, 0x80, 0xFF] as [UInt8] {
                var body = example.body
                body[index] ^= flip
                let damage = Self.verify(body, example).damage
                #expect(!damage.isEmpty, "byte \(index)")
                #expect(damage.allSatisfy { $0.location != nil }, "byte \(index): \(damage)")
            }
        }
    }

    @Test(arguments: examples)
    func `a damaged page is named once and the rest is still checked`(example: Example) throws {
        var body = example.body
        // The last page: digests, or what comes behind them.
        body[body.count - 1] ^= 1
        let verification = Self.verify(body, example)
        #expect(verification.damageCount == 1)
        #expect(verification.checkedSize == body.count)
        guard case .format(.checksumMismatch) = verification.damage.first?.problem else {
            Issue.record("\(verification.damage)")
            return
        }
    }

    @Test(arguments: examples)
    func `bytes that the store lacks are damage at their pages`(example: Example) {
        for missing in [0..<1, example.body.count / 2..<example.body.count / 2 + 1] {
            let damage = Self.verify(example.body, example, missing: missing).damage
            #expect(damage.contains { $0.problem == .missing("a slab") && $0.location != nil })
        }
    }

    @Test(arguments: examples)
    func `a catalog row that says something else is damage`(example: Example) {
        let changes: [(inout BlockVerification.Facts) -> Void] = [
            { $0.seriesCount += 1 }, { $0.sampleCount -= 1 }, { $0.size += 1 },
            { $0.range.start -= 1 }, { $0.range.end += 1 },
        ]
        for (number, change) in changes.enumerated() {
            var changed = example
            change(&changed.facts)
            let damage = Self.verify(example.body, changed).damage
            #expect(damage.count == 1, "change \(number): \(damage)")
            guard case .disagreement = damage.first?.problem else {
                Issue.record("change \(number): \(damage)")
                continue
            }
        }
    }

    @Test func `samples of another tenant have the wrong fingerprints`() throws {
        let example = try #require(Self.examples.last)
        var other = example
        other.seed = TenantSeed(try TenantID("someone-else"))
        let verification = Self.verify(example.body, other)
        #expect(verification.damageCount == example.facts.seriesCount)
        #expect(verification.damage.count == min(100, example.facts.seriesCount))
        let first = try #require(verification.damage.first)
        #expect(first.description.contains("section digests, page 0"))
        #expect(first.description.contains("row 0: the fingerprint of the labels is"))
    }

    @Test func `a digest that is not of its row is found with the row`() throws {
        let fixture = BlockFixture.random(
            seed: 9,
            metricCount: 2,
            seriesPerMetric: 3,
            sampleCount: 9
        )
        var builder = BlockBuilder(range: fixture.range)
        for (number, one) in fixture.series.enumerated() {
            builder.add(
                labels: one.labels,
                fingerprint: number == 1
                    ? Fingerprint(high: 1, low: 2) : try BlockFixture.fingerprint(one.labels),
                timestamps: one.timestamps,
                values: one.values
            )
        }
        let seed = TenantSeed(try TenantID("team-a"))
        let example = Self.example("", try builder.finish(), seed)
        let damage = Self.verify(example.body, example).damage
        #expect(damage.count == 1)
        let wrong = fixture.series[1].labels
        var rowsBefore = 0
        for one in fixture.series {
            let other = one.labels
            let isBefore = other.name == wrong.name ? other < wrong : other.name < wrong.name
            rowsBefore += isBefore ? 1 : 0
        }
        #expect(damage.first?.row == rowsBefore)
        #expect(damage.first?.location?.section == .digests)
    }
}
