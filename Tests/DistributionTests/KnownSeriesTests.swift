import MetricsModel
import TestSupport
import Testing

@testable import Distribution

@Suite struct KnownSeriesTests {
    private let seed = TenantSeed(.anonymous)

    @Test func `a series is known to the slots it was sent to`() {
        let known = KnownSeries(maximumSeries: 1000)
        let series = Self.series(0..<3)
        known.note([series[0]], sentTo: 5, tenant: seed, salt: 0)
        known.note([series[0], series[1]], sentTo: 62, tenant: seed, salt: 0)
        var masks: [UInt64] = [7]
        known.masks(of: series, tenant: seed, salt: 0, into: &masks)
        let present = KnownSeries.presentMask
        #expect(masks == [present | 1 << 5 | 1 << 62, present | 1 << 62, 0])
    }

    @Test func `entries of another salt are invisible`() {
        let known = KnownSeries(maximumSeries: 1000)
        let series = Self.series(0..<100)
        known.note(series, sentTo: 0, tenant: seed, salt: 1)
        #expect(series.allSatisfy { known.mask(of: $0, tenant: seed, salt: 2) == 0 })
        #expect(series.allSatisfy { known.mask(of: $0, tenant: seed, salt: 1) != 0 })
    }

    @Test func `all series are remembered up to the bound of a generation`() {
        let known = KnownSeries(maximumSeries: 8 * 2000)
        let series = Self.series(0..<2000)
        for start in stride(from: 0, to: 2000, by: 100) {
            known.note(series[start..<start + 100], sentTo: 3, tenant: seed, salt: 9)
        }
        #expect(series.allSatisfy { known.mask(of: $0, tenant: seed, salt: 9) != 0 })
    }

    @Test func `series that are used stay, others go`() {
        let known = KnownSeries(maximumSeries: 8 * 100)
        let used = Self.series(0..<20)
        let once = Self.series(20..<40)
        known.note(used + once, sentTo: 1, tenant: seed, salt: 0)
        for round in 0..<20 {
            let others = Self.series(1000 + 50 * round..<1050 + 50 * round)
            known.note(others, sentTo: 1, tenant: seed, salt: 0)
            var masks: [UInt64] = []
            known.masks(of: used, tenant: seed, salt: 0, into: &masks)
            #expect(masks.allSatisfy { $0 == KnownSeries.presentMask | 2 })
        }
        #expect(once.allSatisfy { known.mask(of: $0, tenant: seed, salt: 0) == 0 })
    }

    private static func series(_ numbers: Range<Int>) -> [Fingerprint] {
        numbers.map { number in
            var generator = SeededGenerator(seed: UInt64(number))
            return Fingerprint(high: generator.next(), low: generator.next())
        }
    }
}
