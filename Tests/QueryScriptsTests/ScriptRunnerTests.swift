import MetricsModel
import PromQL
import Querying
import Testing

@testable import QueryScripts

/// The runner must find what is wrong: here the expectations are.
@Suite struct ScriptRunnerTests {
    private static let load = """
        load 1m
          a{x="1"} 1 2 3
          a{x="2"} 4 5 6
          b 1
          h_bucket{le="1"} 1
          h_bucket{le="+Inf"} 2


        """

    @Test(arguments: [
        ("eval instant at 1m a", "a{x=\"1\"} 2\na{x=\"2\"} 5.1", "differs at 60000"),
        ("eval instant at 1m a", "a{x=\"1\"} 2\na{x=\"3\"} 5", "is missing"),
        ("eval instant at 1m a", "{x=\"1\"} 2\n{x=\"2\"} 5", "is missing"),
        ("eval instant at 1m a", "a{x=\"1\"} 2\na{x=\"2\"} 5\nc 1", "is missing"),
        ("eval instant at 1m a", "a{x=\"1\"} 2", "is not expected"),
        ("eval instant at 1m a", "", "is not expected"),
        ("eval instant at 1m a", "3", "another kind"),
        ("eval instant at 1m a", "a{x=\"1\"} 2\na{x=\"2\"} {{count:5}}", "differs"),
        ("eval instant at 1m a", "a{x=\"1\"} 2\na{x=\"2\"} stale", "differs"),
        ("eval instant at 1m a", "expect fail", "does not fail"),
        ("eval instant at 1m a", "expect string \"a\"", "another kind"),
        (
            "eval instant at 1m sort_desc(a)", "expect ordered\na{x=\"1\"} 2\na{x=\"2\"} 5",
            "another order"
        ),
        ("eval_ordered instant at 1m sort_desc(a)", "a{x=\"1\"} 2\na{x=\"2\"} 5", "another order"),
        ("eval instant at 1m 1 + 1", "3", "another value"),
        ("eval instant at 1m 1", "", "unexpected scalar"),
        ("eval instant at 1m 1", "{} 1", "unexpected scalar"),
        ("eval instant at 1m \"a\"", "expect string \"b\"", "another string"),
        ("eval instant at 1m a +", "", "the query fails"),
        ("eval instant at 1m a +", "expect fail msg: parse error", "another failure"),
        ("eval instant at 1m a / on(y) a", "expect fail regex: ^no", "another failure"),
        ("eval_fail instant at 1m a +", "expected_fail_message no", "another failure"),
        ("eval_fail instant at 1m a", "", "does not fail"),
        ("eval instant at 1m b", "expect warn\nb 1", "no warning"),
        ("eval instant at 1m b", "expect info msg: x\nb 1", "no info"),
        ("eval_warn instant at 1m b", "b 1", "no warning"),
        ("eval_info instant at 1m b", "b 1", "no info"),
        ("eval instant at 1m quantile(2, b)", "expect no_warn\n{} Inf", "unexpected warning"),
        ("eval instant at 1m quantile(2, b)", "expect warn msg: quantile\n{} Inf", "no warning"),
        ("eval instant at 1m quantile(2, b)", "expect warn regex: ^quantile\n{} Inf", "no warning"),
        (
            "eval instant at 1m quantile(2, b) + quantile(3, b)",
            "expect warn regex: got 2\n{} Inf", "unexpected warning"
        ),
        (
            "eval instant at 2m rate(a[2m])",
            "expect no_info\n{x=\"1\"} 0.0166667\n{x=\"2\"} 0.0166667", "unexpected info"
        ),
        (
            "eval range from 0 to 2m step 1m a", "a{x=\"1\"} 1 2 3\na{x=\"2\"} 4 5 7",
            "differs at 120000"
        ),
        (
            "eval range from 0 to 2m step 1m a", "a{x=\"1\"} 1 2 3\na{x=\"2\"} 4 _ 6",
            "differs at 60000"
        ),
        (
            "eval range from 0 to 2m step 1m a", "a{x=\"1\"} 1 2 3\na{x=\"2\"} 4 5",
            "a point more, at 120000"
        ),
        ("eval range from 0 to 2m step 1m a", "a{x=\"1\"} 1 2 3", "is not expected"),
        ("eval range from 0 to 2m step 1m 1", "3", "another kind"),
        (
            "eval instant at 1m a{x=\"1\"}[2m]",
            "expect range vector from 0 to 1m step 1m\na{x=\"1\"} 1 3", "differs at 60000"
        ),
        (
            "eval instant at 1m a{x=\"1\"}[2m]",
            "expect range vector from 1s to 1m1s step 1m\na{x=\"1\"} 1 2", "a point more, at 0"
        ),
        // Right at its time, but not where it is moved to another one.
        ("eval instant at 1m vector(time())", "{} 60", nil),
        ("eval instant at 1m a{x=\"1\"} offset 1m", "a{x=\"1\"} 1", nil),
        ("eval instant at 1m b == bool 1", "{} 1", nil),
    ])
    func `a wrong expectation fails in every storage, a right one passes`(
        query: String,
        expected: String,
        reason: String?
    ) async throws {
        let report = await ScriptRunner().run(
            Self.load + query + "\n" + expected,
            name: "x.test"
        )
        guard let reason else {
            #expect(report.passed == 1 && report.failed == 0, "\(report.failures)")
            return
        }
        #expect(report.passed == 0 && report.failed == 1)
        let text = report.failures.map(\.description).joined()
        #expect(text.hasPrefix("x.test:8: "), "\(text)")
        #expect(text.contains(reason), "\(text)")
        for storage in ScriptStorage.allCases {
            #expect(text.contains("in \(storage.rawValue), "), "\(text)")
        }
    }

    @Test func `the report shows what was expected and what came`() async {
        let script =
            Self.load
            + "eval instant at 1m a\na{x=\"1\"} 2\na{x=\"2\"} 7\n\n\neval instant at 1m b\nb 1\n"
        let report = await ScriptRunner(storages: [.memory, .head]).run(script, name: "x.test")
        #expect(report.passed == 1)
        #expect(
            report.failures.map(\.description) == [
                """
                x.test:8: a: {__name__="a", x="2"} differs at 60000
                    in memory, instant query
                    in head, instant query
                    expected: {__name__="a", x="2"} 7
                    got:      {__name__="a", x="2"} 5
                """
            ]
        )
    }

    @Test func `a malformed script is one failure with its line`() async {
        let report = await ScriptRunner().run(
            "load 1m\n a 1\n\neval instant at 1m a\n a b",
            name: "x.test"
        )
        #expect(report.passed == 0)
        #expect(report.failures.map(\.description) == ["x.test:5: bad point \"b\""])
    }

    @Test func `loads add up, but do not change what is there`() async {
        let good =
            "load 1m\n a 1 2\n\nload 1m\n a _ 2 3\n\neval range from 0 to 2m step 1m a\n a 1 2 3\n"
        let both = await ScriptRunner().run(good + "\nload 2m\n a 1 4", name: "x.test")
        #expect(both.passed == 1)
        #expect(
            both.failures.map(\.description) == [
                "x.test:11: {__name__=\"a\"} has another value at 120000 ms already"
            ]
        )
        let cleared = await ScriptRunner().run(
            good + "\nclear\nload 2m\n a 1 4\n\neval instant at 2m a\n a 4",
            name: "x.test"
        )
        #expect(cleared.passed == 2 && cleared.failed == 0)
    }

    @Test func `switches of the language are those of the runner`() async {
        let script =
            "load 1m\n a 1\n\neval instant at 0 limitk(1, a)\n a 1\n\neval instant at 0 {a} +\n expect fail"
        let standard = await ScriptRunner(features: .standard).run(script, name: "x")
        #expect(standard.passed == 1 && standard.failed == 1)
        let all = await ScriptRunner().run(script, name: "x")
        #expect(all.passed == 2 && all.failed == 0, "\(all.failures)")
    }
}
