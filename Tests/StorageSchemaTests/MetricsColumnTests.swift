import ClusterInterface
import StorageSchema
import Testing

@Suite struct MetricsColumnTests {
    private func json(_ names: String...) -> String {
        MetricsColumn.json(names.map { MetricSummary(name: $0, seriesCount: 1, sampleCount: 2) })
    }

    @Test func `metrics are sorted and repeated names are added`() {
        #expect(json() == "{}")
        #expect(json("up", "a", "up") == #"{"a":[1,2],"up":[2,4]}"#)
    }

    @Test func `names are escaped so that they can be told apart again`() {
        #expect(json("a\"\n\u{1F}") == #"{"a\"\u000a\u001f":[1,2]}"#)
        #expect(json("\0") == #"{"\\0":[1,2]}"#)
        #expect(json(#"\0"#) == #"{"\\\\0":[1,2]}"#)
    }

    @Test func `names that look the same stay two`() {
        #expect(json("é", "e\u{301}").unicodeScalars.filter { $0 == "[" }.count == 2)
    }
}
