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

    @Test func `what was written is read, also in a database's own form`() throws {
        let names = ["up", "a\u{0}", #"\0"#, "q\"\n\u{1F}/", "größe", "e\u{301}", "\u{e9}", ""]
        let metrics = names.enumerated().map {
            MetricSummary(name: $1, seriesCount: $0, sampleCount: 1 << 40)
        }
        let read = try MetricsColumn.metrics(MetricsColumn.json(metrics))
        #expect(read.sorted { $0.seriesCount < $1.seriesCount } == metrics)
        #expect(try MetricsColumn.metrics("{}") == [])
        #expect(
            try MetricsColumn.metrics(#"{"a": [1, 2], "b\t": [3, 4]}"#) == [
                MetricSummary(name: "a", seriesCount: 1, sampleCount: 2),
                MetricSummary(name: "b\t", seriesCount: 3, sampleCount: 4),
            ]
        )
    }

    @Test(arguments: [
        "", "{", "[]", #"{"a"}"#, #"{"a":[1]}"#, #"{"a":[1,2]"#, #"{"a":[1,2],}"#, #"{"a":[-1,2]}"#,
        #"{"a":[1,99999999999999999999]}"#, #"{"a\x":[1,2]}"#, #"{"a\u00e9":[1,2]}"#,
        #"{"\\x":[1,2]}"#,
        #"{"a\"#, #"{"a\u00"#,
    ])
    func `another text is a damaged row`(text: String) {
        #expect(throws: StoreError.self) { _ = try MetricsColumn.metrics(text) }
    }
}
