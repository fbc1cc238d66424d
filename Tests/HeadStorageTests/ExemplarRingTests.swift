import HeadStorage
import MetricsModel
import TestSupport
import Testing

@Suite struct ExemplarRingTests {
    private static func labels(_ number: Int) -> Labels {
        ["__name__": "requests_total", "pod": "\(number)"]
    }

    private static func fingerprint(_ number: Int) -> Fingerprint {
        Fingerprint(seed: TenantSeed(.anonymous), labels: labels(number))
    }

    private static func exemplar(_ timestamp: Int64, _ id: String = "a") -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: timestamp, value: Double(timestamp))
    }

    @discardableResult
    private static func append(
        _ exemplar: Exemplar,
        _ series: Int = 0,
        to ring: inout ExemplarRing,
        segment: UInt64 = 1
    ) -> ExemplarOutcome {
        ring.append(
            exemplar,
            to: fingerprint(series),
            labels: labels(series),
            segment: segment
        )
    }

    private static func all(
        _ ring: ExemplarRing,
        _ matchers: [LabelMatcher] = [],
        _ range: TimeRange = .all
    ) -> [Labels: [Exemplar]] {
        Dictionary(
            uniqueKeysWithValues: ring.select(matchers, range).map { ($0.labels, $0.exemplars) }
        )
    }

    @Test func `a ring without a limit keeps nothing`() {
        var ring = ExemplarRing()
        #expect(Self.append(Self.exemplar(1), to: &ring) == .disabled)
        #expect(ring.count == 0)
        #expect(ring.oldestSegmentNeeded == nil)
    }

    @Test func `the rules of Prometheus hold for each series`() {
        var ring = ExemplarRing(limit: 10)
        #expect(Self.append(Self.exemplar(5), to: &ring) == .stored)
        #expect(Self.append(Self.exemplar(5), to: &ring) == .duplicate)
        #expect(Self.append(Self.exemplar(5, "b"), to: &ring) == .stored)
        #expect(Self.append(Self.exemplar(4), to: &ring) == .outOfOrder)
        #expect(Self.append(Self.exemplar(6), to: &ring) == .stored)
        // A repeated request succeeds though something newer has come.
        #expect(Self.append(Self.exemplar(5), to: &ring) == .duplicate)
        #expect(Self.append(Self.exemplar(5, "c"), to: &ring) == .outOfOrder)
        #expect(Self.append(Self.exemplar(4), 1, to: &ring) == .stored)
        #expect(
            Self.all(ring) == [
                Self.labels(0): [Self.exemplar(5), Self.exemplar(5, "b"), Self.exemplar(6)],
                Self.labels(1): [Self.exemplar(4)],
            ]
        )
    }

    @Test func `the oldest makes room, and its series goes with its last one`() {
        var ring = ExemplarRing(limit: 3)
        Self.append(Self.exemplar(1), 0, to: &ring)
        for time: Int64 in 2...4 { Self.append(Self.exemplar(time), 1, to: &ring) }
        #expect(ring.count == 3)
        #expect(Self.all(ring).keys.map { $0 } == [Self.labels(1)])
        #expect(ring.labels(of: Self.fingerprint(0)) == nil)
        #expect(ring.takeLostCount() == 1)
        #expect(ring.takeLostCount() == 0)
        // Nothing is left to be older than.
        #expect(Self.append(Self.exemplar(1), 0, to: &ring) == .stored)
    }

    @Test func `a series whose only exemplar makes room for its next one stays known`() {
        var ring = ExemplarRing(limit: 1)
        for time: Int64 in 1...5 {
            #expect(Self.append(Self.exemplar(time), to: &ring) == .stored)
        }
        #expect(Self.all(ring) == [Self.labels(0): [Self.exemplar(5)]])
    }

    @Test func `matchers and times select`() throws {
        var ring = ExemplarRing(limit: 100)
        for time: Int64 in 0..<10 { Self.append(Self.exemplar(time), Int(time % 2), to: &ring) }
        let odd = [LabelMatcher(name: "pod", equals: "1")]
        let found = Self.all(ring, odd, TimeRange(start: 3, end: 7))
        #expect(found == [Self.labels(1): [Self.exemplar(3), Self.exemplar(5)]])
        #expect(ring.select([], .all).map(\.labels) == [Self.labels(0), Self.labels(1)])
    }

    @Test func `limits change while exemplars are there`() {
        var ring = ExemplarRing(limit: 100)
        for time: Int64 in 0..<50 { Self.append(Self.exemplar(time), to: &ring) }
        ring.setLimit(20)
        #expect(Self.all(ring)[Self.labels(0)]?.map(\.timestamp) == Array(30..<50))
        ring.setLimit(30)
        for time: Int64 in 50..<65 { Self.append(Self.exemplar(time), to: &ring) }
        #expect(Self.all(ring)[Self.labels(0)]?.map(\.timestamp) == Array(35..<65))
        ring.setLimit(0)
        #expect(ring.count == 0)
        #expect(Self.all(ring).isEmpty)
        ring.setLimit(1)
        #expect(Self.append(Self.exemplar(1), to: &ring) == .stored)
    }

    @Test func `what is stored in a block is no longer pending, what came meanwhile is`() {
        var ring = ExemplarRing(limit: 100)
        for time: Int64 in 0..<10 {
            Self.append(Self.exemplar(time), Int(time % 2), to: &ring, segment: UInt64(time))
        }
        let pending = ring.pending(before: 6)
        #expect(pending.exemplars[Self.fingerprint(0)]?.map(\.timestamp) == [0, 2, 4])
        Self.append(Self.exemplar(5), 2, to: &ring, segment: 20)
        ring.markStored(pending, [Self.fingerprint(0): 1...9, Self.fingerprint(2): 0...9])
        #expect(ring.oldestSegmentNeeded == 0)
        ring.markStored(pending, [Self.fingerprint(0): 0...0])
        #expect(ring.oldestSegmentNeeded == 1)
        let left = ring.pending(before: .max).exemplars
        #expect(left[Self.fingerprint(0)]?.map(\.timestamp) == [6, 8])
        #expect(left[Self.fingerprint(2)]?.map(\.timestamp) == [5])
        ring.expirePending(before: 6)
        #expect(ring.takeLostCount() == 4)
        #expect(ring.oldestSegmentNeeded == 6)
        #expect(ring.count == 11)
    }

    @Test func `random exemplars agree with a plain list`() {
        var generator = SeededGenerator(seed: 31)
        var ring = ExemplarRing(limit: 40)
        var model: [(series: Int, exemplar: Exemplar)] = []
        for _ in 0..<4000 {
            let series = Int.random(in: 0..<6, using: &generator)
            let own = model.filter { $0.series == series }.map(\.exemplar)
            let newest = own.last?.timestamp
            let time = (newest ?? 0) + Int64.random(in: -2...3, using: &generator)
            let exemplar = Self.exemplar(
                time,
                Bool.random(using: &generator) ? "a" : "b"
            )
            let expected: ExemplarOutcome =
                own.contains(exemplar)
                ? .duplicate : time < newest ?? .min ? .outOfOrder : .stored
            #expect(Self.append(exemplar, series, to: &ring) == expected)
            if expected == .stored { model.append((series, exemplar)) }
            if model.count > 40 { model.removeFirst() }
        }
        let expected = Dictionary(grouping: model) { Self.labels($0.series) }
            .mapValues { $0.map(\.exemplar) }
        #expect(Self.all(ring) == expected)
    }
}
