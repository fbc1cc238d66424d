import MetricsModel
import Testing

@Suite struct TimeRangeTests {
    @Test func `the start belongs to a range and the end does not`() {
        let range = TimeRange(start: 10, end: 20)
        #expect(range.contains(10))
        #expect(!range.contains(20))
        #expect(!range.overlaps(TimeRange(start: 20, end: 30)))
        #expect(range.overlaps(TimeRange(start: 19, end: 30)))
    }

    @Test func `an empty range overlaps nothing and adds nothing`() {
        let empty = TimeRange(start: 15, end: 15)
        let range = TimeRange(start: 10, end: 20)
        #expect(empty.isEmpty)
        #expect(!range.overlaps(empty))
        #expect(range.union(empty) == range)
        #expect(empty.union(range) == range)
        #expect(range.union(TimeRange(start: 30, end: 40)) == TimeRange(start: 10, end: 40))
    }

    @Test func `samples compare by the bits of their values`() {
        let marker = Sample(timestamp: 1, value: StaleMarker.value)
        #expect(marker == Sample(timestamp: 1, value: Double(bitPattern: StaleMarker.bits)))
        #expect(marker != Sample(timestamp: 1, value: .nan))
        #expect(Sample(timestamp: 1, value: 0.0) != Sample(timestamp: 1, value: -0.0))
        #expect(StaleMarker.isMarker(marker.value))
        #expect(!StaleMarker.isMarker(.nan))
    }
}
