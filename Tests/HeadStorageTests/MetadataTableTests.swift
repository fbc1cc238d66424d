import HeadStorage
import MetricsModel
import Testing

@Suite struct MetadataTableTests {
    private static func seen(
        _ name: String,
        _ help: String,
        _ time: Int64
    ) -> SeenMetadata {
        SeenMetadata(MetricMetadata(name: name, kind: .gauge, help: help), lastSeen: time)
    }

    private static func table(_ entries: [SeenMetadata] = []) -> MetadataTable {
        var table = MetadataTable(maximumMetrics: 3, maximumEntriesPerMetric: 2)
        for entry in entries { _ = table.observe(entry, segment: 1) }
        return table
    }

    @Test func `an entry is new once, and then only seen again`() {
        var table = Self.table()
        #expect(table.observe(Self.seen("a", "x", 1), segment: 1) == .stored)
        #expect(table.observe(Self.seen("a", "x", 5), segment: 2) == .known)
        #expect(table.observe(Self.seen("a", "x", 3), segment: 2) == .known)
        #expect(table.select() == [Self.seen("a", "x", 5)])
        #expect(table.oldestSegmentNeeded == 1)
    }

    @Test func `differing entries are listed newest first, up to a bound`() {
        let late = MetadataTable.silence + 3
        var table = Self.table([
            Self.seen("a", "x", 1), Self.seen("a", "y", 2), Self.seen("a", "x", 3),
            Self.seen("b", "w", 0),
        ])
        // All were repeated lately; then one was silent for long enough.
        #expect(table.observe(Self.seen("a", "z", late - 1), segment: 1) == .tooManyEntries)
        #expect(table.observe(Self.seen("a", "z", late), segment: 1) == .stored)
        #expect(
            table.select() == [
                Self.seen("a", "z", late), Self.seen("a", "x", 3), Self.seen("b", "w", 0),
            ]
        )
        #expect(table.select("b") == [Self.seen("b", "w", 0)])
        #expect(table.select("c") == [])
        #expect(table.newest.map(\.help) == ["z", "w"])
    }

    @Test func `more metrics than may be are refused, the known ones not`() {
        var table = Self.table(["a", "b", "c"].map { Self.seen($0, "", 1) })
        #expect(table.observe(Self.seen("d", "", 2), segment: 1) == .tooManyMetrics)
        #expect(table.observe(Self.seen("a", "new", 2), segment: 1) == .stored)
        #expect(table.count == 3)
    }

    @Test func `a bound that is lowered takes nothing away, and one that is raised makes room`() {
        var table = Self.table(["a", "b", "c"].map { Self.seen($0, "", 1) })
        table.maximumMetrics = 1
        #expect(table.observe(Self.seen("d", "", 2), segment: 1) == .tooManyMetrics)
        #expect(table.observe(Self.seen("c", "", 2), segment: 1) == .known)
        #expect(table.count == 3)
        table.maximumMetrics = 4
        #expect(table.observe(Self.seen("d", "", 2), segment: 1) == .stored)
    }

    @Test func `what nobody repeats is forgotten`() {
        var table = Self.table([
            Self.seen("a", "x", 1), Self.seen("a", "y", 9), Self.seen("b", "", 1),
        ])
        table.forget(notSeenSince: 9)
        #expect(table.select() == [Self.seen("a", "y", 9)])
    }

    @Test func `entries move to later segments`() {
        var table = Self.table([Self.seen("a", "x", 1)])
        _ = table.observe(Self.seen("b", "", 2), segment: 4)
        #expect(table.oldestSegmentNeeded == 1)
        #expect(table.entries(before: 4) == [Self.seen("a", "x", 1)])
        table.moveEntries(before: 4, to: 5)
        #expect(table.oldestSegmentNeeded == 4)
        #expect(Self.table().oldestSegmentNeeded == nil)
    }
}
