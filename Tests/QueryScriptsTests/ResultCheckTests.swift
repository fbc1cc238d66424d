import MetricsModel
import Testing

@testable import PromQL
@testable import QueryScripts

@Suite struct ResultCheckTests {
    private static let histogram = """
        {{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2] counter_reset_hint:gauge}}
        """

    @Test(arguments: [
        (histogram, true),
        // Hints count only where they are stated.
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            true
        ),
        // Empty buckets do not count.
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[0 0 1 0 2 0] offset:-2 n_buckets:[2 0]}}",
            true
        ),
        (
            "{{schema:1 count:6.000001 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            true
        ),
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2] counter_reset_hint:unknown}}",
            false
        ),
        (
            "{{schema:0 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:7 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:2.6 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:NaN z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:2 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1000000001 buckets:[1 0 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 3] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 2] n_buckets:[2]}}",
            false
        ),
        (
            "{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] n_buckets:[2] n_offset:1}}",
            false
        ),
        ("{{schema:1 count:6 sum:2.5 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2]}}", false),
        ("6", false), ("stale", false),
    ])
    func `histograms are compared compacted, hints where they are stated`(
        expected: String,
        isEqual: Bool
    ) throws {
        let fault = try check(expected, Self.histogram)
        #expect((fault == nil) == isEqual, "\(String(describing: fault))")
    }

    @Test(arguments: [
        ("{{schema:-53 custom_values:[1 2] buckets:[1 2 3]}}", true),
        ("{{schema:-53 custom_values:[1 2.0000001] buckets:[1 2 3]}}", false),
        ("{{schema:-53 custom_values:[1 2] buckets:[1 2 4]}}", false),
    ])
    func `bounds of custom buckets are compared exactly`(expected: String, isEqual: Bool) throws {
        let got = "{{schema:-53 custom_values:[1 2] buckets:[1 2 3]}}"
        #expect((try check(expected, got) == nil) == isEqual)
    }

    /// Pairs of floats, and whether they are equal for a script.
    private static let floats: [(left: Double, right: Double, areEqual: Bool)] = [
        (1.0, 1.0000009, true), (1, 1.00001, false), (1, -1, false), (0, -0.0, true),
        (0, 1e-300, false), (1e308, 1.0000001e308, true),
        (.greatestFiniteMagnitude, .infinity, false), (.infinity, .infinity, true),
        (.infinity, -.infinity, false), (.nan, -.nan, true), (.nan, 1, false),
        (StaleMarker.value, StaleMarker.value, true), (StaleMarker.value, .nan, false),
        (.leastNormalMagnitude / 4, .leastNormalMagnitude / 8, false),
        (.leastNonzeroMagnitude, .leastNonzeroMagnitude * 2, true),
    ]

    @Test(arguments: floats)
    func `floats may differ by a millionth`(left: Double, right: Double, areEqual: Bool) {
        #expect(left.isClose(to: right) == areEqual)
        #expect(right.isClose(to: left) == areEqual)
    }

    @Test func `a histogram fails with what was expected and what came`() throws {
        let fault = try check("{{count:2 buckets:[2]}}", "{{count:2 buckets:[1 1]}}")
        #expect(
            fault
                == CaseFault(
                    reason: "{__name__=\"a\"} differs at 0",
                    expected: ["{__name__=\"a\"} {{schema:0 count:2 sum:0 buckets:[2]}}"],
                    got: [
                        "{__name__=\"a\"} {{schema:0 count:2 sum:0 buckets:[1 1] counter_reset_hint:unknown}}"
                    ]
                )
        )
    }

    @Test func `a range query must be sorted`() throws {
        let check = try ResultCheck(
            evaluation("eval range from 0 to 1m step 1m a\n{x=\"1\"} 1\n{x=\"2\"} 1")
        )
        func matrix(_ labels: [Labels]) -> QueryResult.Value {
            .matrix(labels.map { .init(labels: $0, timestamps: [0], values: [1]) })
        }
        let variant = try #require(
            ScriptVariant.all(of: evaluation("eval range from 0 to 1m step 1m a"), nil).first
        )
        #expect(check.result(matrix([["x": "1"], ["x": "2"]]), variant) == nil)
        #expect(
            check.result(matrix([["x": "2"], ["x": "1"]]), variant)?.reason
                == "the series are not sorted"
        )
    }

    /// Judges an instant vector of one point.
    private func check(_ expected: String, _ got: String) throws -> CaseFault? {
        let evaluation = try evaluation("eval instant at 0 a\na \(expected)")
        let value: SampleValue
        switch try PointParser.points(got)[0] {
        case .histogram(let histogram): value = .histogram(histogram.value)
        case .float(let float): value = .float(float)
        case .gap: throw SyntaxFault(reason: got)
        }
        let variant = try #require(ScriptVariant.all(of: evaluation, nil).first)
        let element = QueryResult.VectorElement(
            labels: ["__name__": "a"],
            timestamp: 0,
            value: value
        )
        return ResultCheck(evaluation).result(.vector([element]), variant)
    }

    private func evaluation(_ text: String) throws -> ScriptEvaluation {
        guard case .evaluate(let evaluation)? = try ScriptParser.commands(of: text, name: "x").first
        else { throw SyntaxFault(reason: text) }
        return evaluation
    }
}
