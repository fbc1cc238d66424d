import MetricsModel
import PromQL
import Testing

@testable import QueryScripts

@Suite struct LoadedSamplesTests {
    @Test func `points become columns with their start timestamps`() throws {
        let columns = try loaded(
            """
            load 1m
              a@st _ -30s 0s _ 1m
              a 1 2 _ {{count:1}} {{count:2}}
              b 1 _ stale
            """
        )
        #expect(columns.map(\.labels.name) == ["a", "b"])
        let first = columns[0].samples
        #expect(first.timestamps == [0, 60_000] && first.values == [1, 2])
        #expect(first.startTimestamps == [0, 30_000])
        #expect(first.histograms.timestamps == [180_000, 240_000])
        #expect(first.histograms.values.map(\.count) == [1, 2])
        #expect(first.histograms.startTimestamps == [0, 300_000])
        let second = columns[1].samples
        #expect(second.timestamps == [0, 120_000] && second.startTimestamps.isEmpty)
        #expect(StaleMarker.isMarker(second.values[1]))
    }

    @Test func `classic histograms become custom buckets beside what was written`() throws {
        let columns = try loaded(
            """
            load_with_nhcb 1m
              h_bucket{le="2", x="1"} 3 stale
              h_bucket{le="1.0", x="1"} 1 stale _
              h_bucket{le="+Inf", x="1"} 4 stale
              h_bucket{le="high", x="1"} 9
              h_bucket{le="NaN", x="1"} 9
              h_count{x="1"} 5
              h_sum{x="1"} 6.5
              g_bucket{le="1"} 2
              other 1
            """
        )
        #expect(
            columns.map(\.labels.name) == [
                "g", "g_bucket", "h", "h_bucket", "h_bucket", "h_bucket", "h_bucket", "h_bucket",
                "h_count", "h_sum", "other",
            ]
        )
        let whole = columns[2]
        #expect(whole.labels == ["__name__": "h", "x": "1"])
        #expect(
            whole.samples.histograms.values == [
                Histogram(
                    schema: Histogram.customSchema,
                    count: 5,
                    sum: 6.5,
                    positive: .init(indexes: [0, 1, 2], counts: [1, 2, 1]),
                    customBounds: [1, 2]
                )
            ]
        )
        #expect(whole.samples.timestamps == [60_000])
        #expect(whole.samples.values.allSatisfy(StaleMarker.isMarker))
        // Without a count and +Inf, all observations are in the buckets that are there.
        #expect(
            columns[0].samples.histograms.values == [
                Histogram(
                    schema: Histogram.customSchema,
                    count: 2,
                    positive: .init(indexes: [0, 1], counts: [2, 0]),
                    customBounds: [1]
                )
            ]
        )
    }

    @Test(arguments: [
        ("{{count:1 buckets:[1]}}x2", "unknown notReset notReset"),
        (
            "{{count:1 buckets:[1]}} {{count:2 buckets:[1 1]}} {{count:2 buckets:[0 2]}}",
            "unknown notReset unknown"
        ),
        (
            "{{count:2 buckets:[2]}} {{count:3 buckets:[1 2]}} {{count:4}}",
            "unknown unknown unknown"
        ),
        ("{{count:2}} {{count:1}} {{count:1}}", "unknown unknown notReset"),
        ("{{z_bucket:2}} {{z_bucket:1}} {{z_bucket:1 z_bucket_w:1}}", "unknown unknown unknown"),
        (
            "{{}} {{schema:1}} {{schema:1 n_buckets:[1]}} {{schema:1}}",
            "unknown unknown notReset unknown"
        ),
        ("{{}} 1 {{}} stale {{}} _ {{}}", "unknown unknown unknown notReset"),
        (
            "{{counter_reset_hint:gauge}} {{}} {{counter_reset_hint:reset}} {{}}",
            "gauge unknown reset notReset"
        ),
        ("{{schema:-53 custom_values:[1]}} {{schema:-53 custom_values:[2]}}", "unknown unknown"),
    ])
    func `histograms that continue the one before say so`(points: String, hints: String) throws {
        let samples = try loaded("load 1m\n a \(points)")[0].samples
        #expect(samples.histograms.values.map { "\($0.resetHint)" }.joined(separator: " ") == hints)
    }

    @Test func `ranges cut both kinds of samples`() throws {
        let samples = try loaded("load 1s\n a@st -1sx3\n a 1 {{count:1}} 3 {{count:2}}")[0].samples
        let part = samples.clipped(to: TimeRange(start: 1000, end: 3000))
        #expect(part.timestamps == [2000] && part.values == [3])
        #expect(part.startTimestamps == [1000])
        #expect(part.histograms.timestamps == [1000])
        #expect(part.histograms.startTimestamps == [0])
        #expect(samples.clipped(to: TimeRange(start: 5000, end: 1)).isEmpty)
    }

    private func loaded(_ text: String) throws -> [SeriesSamples] {
        var samples = LoadedSamples()
        for case .load(let load) in try ScriptParser.commands(of: text, name: "x") {
            try samples.add(load, script: "x")
        }
        return samples.columns()
    }
}
