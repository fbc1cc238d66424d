import MetricsModel
import Testing

@testable import PromQL

@Suite struct PlanTreeTests {
    private static func tree(
        _ query: String,
        _ parameters: QueryParameters = QueryParameters(
            start: 600_000,
            end: 1_200_000,
            step: 60_000
        )
    ) throws -> PlanTree {
        try QueryPlan(
            expression: try Parser.parse(query, features: .all),
            text: query,
            parameters: parameters
        ).tree
    }

    /// All nodes, each before those below it.
    private static func nodes(_ node: PlanNode) -> [PlanNode] {
        [node] + node.children.flatMap(nodes)
    }

    @Test func `a tree reads as text`() throws {
        var tree = try Self.tree(
            "sum by (job) (rate(requests_total{code=\"200\"}[5m] offset 1m)) / 2 + (requests_total @ 0.5)"
        )
        tree.estimates = [
            FetchEstimate(seriesCount: 3, storedSampleCount: 90, storedSize: 400),
            FetchEstimate(
                seriesCount: 7,
                isUpperBound: true,
                storedSampleCount: 90,
                storedSize: 4000,
                recentSeriesCount: 2,
                recentSampleCount: nil
            ),
        ]
        #expect(
            tree.text == """
                sum by (job) (rate(requests_total{code="200"}[5m] offset 1m)) / 2 + (requests_total @ 0.500)
                    instant vector, materialised; 11 steps of 1m from 600 to 1200
                  sum by (job) (rate(requests_total{code="200"}[5m] offset 1m)) / 2
                      instant vector, streamed; needs all labels but __name__
                    sum by (job) (rate(requests_total{code="200"}[5m] offset 1m))
                        instant vector, folded; needs all labels but __name__
                      rate(requests_total{code="200"}[5m] offset 1m)
                          instant vector, streamed; needs labels job
                        requests_total{code="200"}[5m] offset 1m
                            range vector, streamed; needs labels job; fetch 0; offset 1m; window 5m; \
                samples from 240.001 to 1140
                    2
                        scalar, constant
                  requests_total @ 0.500
                      instant vector, streamed; evaluated once for all steps; at 600; \
                needs all labels but __name__; fetch 1; at 0.500; samples from -299.499 to 0.500

                fetch 0: {__name__="requests_total",code="200"}
                  samples from 240.001 to 1140
                  3 series; in blocks 90 samples in 400 bytes

                fetch 1: {__name__="requests_total"}
                  samples from -299.499 to 0.500
                  at most 7 series; in blocks at most 90 samples in at most 4000 bytes; \
                in memory 2 series with an unknown number of samples

                """
        )
    }

    @Test(arguments: [
        ("metric", PlanNode.Method.streamed), ("abs(metric)", .streamed), ("-metric", .streamed),
        ("histogram_sum(metric)", .streamed),
        ("metric > 1", .streamed), ("clamp(metric, 0, 1)", .streamed),
        ("quantile_over_time(0.5, metric[1m])", .streamed), ("sum(metric)", .folded),
        ("stddev by (a) (metric)", .folded), ("topk(1, metric)", .materialised),
        ("quantile(0.5, metric)", .materialised), ("metric + metric", .materialised),
        ("label_replace(metric, \"a\", \"b\", \"c\", \"d\")", .materialised),
        ("sort(metric)", .materialised), ("minute(metric)", .materialised),
        ("scalar(metric)", .scalar), ("time() + 1", .scalar), ("1 + 1", .constant),
        ("\"text\"", .constant),
        // Without their names, elements of several metrics may become equal.
        ("rate({job=\"a\"}[1m])", .materialised), ("last_over_time({job=\"a\"}[1m])", .streamed),
        ("{job=\"a\"} > 1", .streamed), ("-({job=\"a\"} > 1)", .materialised),
        ("abs(-{job=\"a\"})", .streamed),
    ])
    func `the method is the evaluation's`(query: String, method: PlanNode.Method) throws {
        let parameters = QueryParameters(time: 0)
        #expect(try Self.tree(query, parameters).root.method == method)
    }

    @Test func `delayed removal of names lets all elements pass one by one`() throws {
        let parameters = QueryParameters(time: 0, features: .delayedNameRemoval)
        #expect(try Self.tree("rate({job=\"a\"}[1m])", parameters).root.method == .streamed)
    }

    @Test(arguments: [
        ("sum by (b, a) (abs(m))", NeededLabels.only(["a", "b"])),
        ("count without (b, a) (m)", .allBut(["__name__", "a", "b"])),
        ("sum(m)", .only([])), ("topk by (a) (1, m)", .all), ("m + on (a) n", .only(["a"])),
        ("m * on (a) group_left (c) n", .all), ("m * on (a) group_right (c) n", .only(["a", "c"])),
        ("m - ignoring (a) n", .allBut(["__name__", "a"])), ("m > ignoring (a) n", .allBut(["a"])),
        ("sum by (x) (m and on (a) n)", .only(["a", "x"])), ("m or n", .all),
        ("absent(m)", .only([])), ("histogram_quantile(0.9, m)", .all),
        ("max by (a) (max_over_time(m[5m:1m]))", .only(["a"])),
        ("sum by (a) (label_join(m, \"a\", \"b\", \"c\"))", .all),
    ])
    func `needed labels come from the operators above`(query: String, needed: NeededLabels) throws {
        let leaf = Self.nodes(try Self.tree(query).root).first {
            $0.selector?.matchers.contains { $0.value == "m" } ?? $0.text.hasPrefix("n")
                && $0.children.isEmpty
        }
        #expect(leaf?.neededLabels == needed)
    }

    @Test func `inner grids, exact ranges and shared fetches are told`() throws {
        let tree = try Self.tree("m offset 1m - max_over_time(m[2m:30s])")
        let selectors = Self.nodes(tree.root).compactMap(\.selector)
        #expect(selectors.map(\.fetch) == [0, 0])
        #expect(selectors.map(\.isShared) == [true, true])
        #expect(selectors[0].range == TimeRange(start: 240_001, end: 1_140_001))
        #expect(selectors[1].range == TimeRange(start: 210_001, end: 1_200_001))
        #expect(tree.fetches.map(\.range) == [TimeRange(start: 210_001, end: 1_200_001)])
        let inner = Self.nodes(tree.root).last?.grid
        #expect(inner?.start == 510_000)
        #expect(inner?.end == 1_200_000)
        #expect(inner?.step == 30_000)
        #expect(inner?.count == 24)
    }

    @Test func `what is never evaluated has no grid`() throws {
        let tree = try Self.tree("max_over_time(m[1ms:1h])")
        #expect(Self.nodes(tree.root).last?.grid == nil)
        #expect(tree.text.contains("never evaluated"))
        #expect(tree.text.contains("no samples"))
    }

    @Test func `long texts are cut, and info fetches its own series`() throws {
        let tree = try Self.tree("info(m{a=\"\(String(repeating: "x", count: 500))\"})")
        #expect(tree.root.text.count == 121)
        #expect(tree.root.text.hasSuffix("…"))
        #expect(tree.root.selector?.fetch == 1)
        #expect(tree.root.children.count == 1)
    }
}
