import MetricsModel
import Testing

@testable import QueryScripts

@Suite struct ScriptParserTests {
    @Test(arguments: [
        ("1 -2.5 +3e2 .5", "1 -2.5 300 0.5"), ("7x2", "7 7 7"), ("1+2x3", "1 3 5 7"),
        ("1-2x2", "1 -1 -3"), ("-1.5+0.5x1 9", "-1.5 -1 9"), ("0-1mx1", "0 -60"), ("-0x1", "-0 -0"),
        ("1e3+1e-1x1", "1000 1000.1"), ("_ 1 _x3 2 _x0", "_ 1 _ _ _ 2"), ("stale", "stale"),
        ("Inf +Inf -inf NaN nan", "+Inf +Inf -Inf NaN NaN"), ("infx1", "+Inf +Inf"),
        ("5m 1h30m 100ms -2s", "300 5400 0.1 -2"), ("5mx1", "300 300"),
        ("{{}}", "{{schema:0 count:0 sum:0}}"),
        (
            "{{count:1}}x2",
            "{{schema:0 count:1 sum:0}} {{schema:0 count:1 sum:0}} {{schema:0 count:1 sum:0}}"
        ),
        (
            "{{schema:2 count:7 sum:-1.5 z_bucket:2 z_bucket_w:0.001 buckets:[1 0 3] offset:-2 n_buckets:[4] n_offset:5}}",
            "{{schema:2 count:7 sum:-1.5 z_bucket:2 z_bucket_w:0.001 offset:-2 buckets:[1 0 3] n_offset:5 n_buckets:[4]}}"
        ),
        (
            "{{schema:-53 custom_values:[1 2.5] buckets:[1 2 3] sum:NaN count:Inf}}",
            "{{schema:-53 count:+Inf sum:NaN buckets:[1 2 3] custom_values:[1 2.5]}}"
        ),
        (
            "{{counter_reset_hint:not_reset}} {{counter_reset_hint:unknown}}",
            "{{schema:0 count:0 sum:0 counter_reset_hint:not_reset}} {{schema:0 count:0 sum:0 counter_reset_hint:unknown}}"
        ),
        (
            "{{count:1 sum:2 buckets:[1 2]}}+{{count:2 sum:1 buckets:[1] offset:1}}x2",
            "{{schema:0 count:1 sum:2 buckets:[1 2]}} {{schema:0 count:3 sum:3 buckets:[1 3]}} {{schema:0 count:5 sum:4 buckets:[1 4]}}"
        ),
        (
            "{{schema:-1 buckets:[1] offset:1}}+{{buckets:[2 3] offset:1}}x1",
            "{{schema:-1 count:0 sum:0 offset:1 buckets:[1]}} {{schema:-1 count:0 sum:0 offset:1 buckets:[6]}}"
        ),
        (
            "{{count:3 buckets:[3] counter_reset_hint:gauge}}-{{count:1 buckets:[1] counter_reset_hint:gauge}}x1",
            "{{schema:0 count:3 sum:0 buckets:[3] counter_reset_hint:gauge}} {{schema:0 count:2 sum:0 buckets:[2] counter_reset_hint:gauge}}"
        ),
    ])
    func `points expand to positions`(text: String, expected: String) throws {
        let points = try PointParser.points(text)
        #expect(points.map(ResultText.text).joined(separator: " ") == expected)
    }

    @Test(arguments: [
        "a", "1x", "1x-1", "x3", "1+x3", "1+2", "1+-2x3", "1 2q", "_3", "_x", "stalex2", "Stale",
        "0x10x2x", "1..2", "1e999", "5m5m", "5s3m", "{{", "{{}", "{{}}x", "{{}}+{{}}", "{{}}+1x2",
        "{{count}}", "{{count:a}}", "{{count:1 count:2}}", "{{size:3}}", "{{buckets:1}}",
        "{{buckets:[1 a]}}", "{{schema:9}}", "{{schema:-5}}", "{{offset:1.5}}",
        "{{offset:2147483647 buckets:[1 2]}}", "{{counter_reset_hint:maybe}}",
        "{{custom_values:[1]}}", "{{schema:-53 custom_values:[2 1]}}",
        "{{schema:1}}+{{schema:0}}x2", "{{schema:-53}}+{{schema:0}}x2", "1x1000000",
        "_x999999999999", "1x999999 1x9",
        "1x99999999999999999999",
    ])
    func `malformed points are refused`(text: String) {
        #expect(throws: SyntaxFault.self) { try PointParser.points(text) }
    }

    @Test(arguments: [
        ("_ -30s 0s 0 +1m", [nil, -30_000, 0, 0, 60_000] as [Int64?]),
        ("_x2 -1mx1", [nil, nil, -60_000, -60_000]),
        ("-30s-1mx2 1ms+1sx1", [-30_000, -90_000, -150_000, 1, 1001]), ("", []),
    ])
    func `start offsets expand to positions`(text: String, expected: [Int64?]) throws {
        #expect(try StartOffsetParser.offsets(Substring(text)) == expected)
    }

    @Test(arguments: ["1", "1m30s", "-1mx", "1m+x2", "stale", "_1", "1mx1000000", "1m+2mx"])
    func `malformed start offsets are refused`(text: String) {
        #expect(throws: SyntaxFault.self) { try StartOffsetParser.offsets(Substring(text)) }
    }

    @Test(arguments: [
        ("0", 0), ("5m", 300_000), ("1h30m", 5_400_000), ("100ms", 100), ("1d", 86_400_000),
        ("1y2w3d4h5m6s7ms", 33_019_506_007),
    ])
    func `durations have units from large to small`(text: String, milliseconds: Int64) {
        #expect(ScriptDuration.milliseconds(Substring(text)) == milliseconds)
    }

    @Test(arguments: [
        "", "5", "1.5m", "-1m", "1m1h", "1m1m", "m", "1x", "300y", "99999999999999999999s",
    ])
    func `other texts are no durations`(text: String) {
        #expect(ScriptDuration.milliseconds(Substring(text)) == nil)
    }

    @Test(arguments: [
        ("1", 1), ("-3.5", -3.5), ("1e3", 1000), ("0x1f", 31), ("-0X1F", -31), ("010", 8),
        ("1_000", 1000),
        ("0b101", 5), ("0o17", 15), (".5", 0.5), ("5.", 5), ("+Inf", .infinity),
        ("-inf", -.infinity),
        ("infinity", .infinity), ("0", 0),
    ])
    func `a line may be a number of Go`(text: String, value: Double) {
        #expect(ScalarText.value(text) == value)
    }

    @Test(arguments: ["", "5m", "a", "1 2", "--1", "+-1", "{}", "nano", "1_", "0x", "_1"])
    func `other lines are no numbers`(text: String) {
        #expect(ScalarText.value(text) == nil)
    }

    @Test func `series have names, labels, or both`() throws {
        let texts = [
            "up", "up{}", "{}", #"up{a="b c", d='}'}"#, #"{a="1"}"#, #"{"my.name", "l.1"="v"}"#,
            "sum", #"offset{by="x"}"#, #"a{b=""}"#, "expect{}",
        ]
        let labels = try texts.map { text in
            let (metric, points) = SeriesLineParser.split(text + " 1 2")
            #expect(points == " 1 2")
            return try SeriesLineParser.labels(metric)
        }
        #expect(
            labels == [
                ["__name__": "up"], ["__name__": "up"], [:],
                ["__name__": "up", "a": "b c", "d": "}"], ["a": "1"],
                ["__name__": "my.name", "l.1": "v"], ["__name__": "sum"],
                ["__name__": "offset", "by": "x"], ["__name__": "a"], ["__name__": "expect"],
            ]
        )
    }

    @Test(arguments: ["1up", "a{b!=\"c\"}", "a{b=~\"c\"}", "a{b=\"1\",b=\"2\"}", "a{", "a[5m]", ""])
    func `malformed series are refused`(text: String) {
        #expect(throws: SyntaxFault.self) { try SeriesLineParser.labels(Substring(text)) }
    }

    @Test func `comments and empty lines end a block`() throws {
        let commands = try ScriptParser.commands(
            of: "load 1m\n a 1\n\t# a comment\n\nCLEAR\nclear\r\nload 2m\n  b 1\n b 2",
            name: "x"
        )
        guard commands.count == 4, case .load(let first) = commands[0], case .clear = commands[1],
            case .clear = commands[2], case .load(let second) = commands[3]
        else {
            Issue.record("\(commands)")
            return
        }
        #expect(first.step == 60_000 && first.series.map(\.line) == [2])
        // The later line takes the place of the earlier.
        #expect(second.series.map(\.line) == [9] && second.series.map(\.labels.name) == ["b"])
    }

    @Test func `all expectations are read`() throws {
        let text = """
            eval instant at 1m30s  a + "b"
              expect warn msg: a text
              expect warn regex: a.+t
              expect no_info
              expect ordered
              b 1
              a{x="y"} {{count:1}}
            """
        let evaluation = try self.evaluation(text)
        #expect(evaluation.query == "a + \"b\"" && evaluation.line == 1)
        #expect(evaluation.warnings.map(\.description) == ["a text", "a match of a.+t"])
        #expect(evaluation.forbidsInfos && !evaluation.forbidsWarnings && evaluation.isOrdered)
        #expect(evaluation.expectedSeries.map(\.labels.name) == ["b", "a"])
        #expect(evaluation.pointTimes.start == 90_000)
        let range = try self.evaluation("eval range from 1m to 3m step 30s a\n a 1 _ 2")
        #expect(range.pointTimes.step == 30_000 && range.maximumPoints == 5)
    }

    @Test(arguments: [
        ("eval_fail instant at 1m a", "fail"), ("eval_warn instant at 1m a", "warn"),
        ("eval_info range from 0 to 1m step 1m a", "info"),
        ("eval_ordered instant at 1m a", "ordered"),
        ("eval instant at 1m a\n expect fail", "fail"),
        ("eval_fail instant at 1m a\n expected_fail_message no", "fail: no"),
        ("eval_fail instant at 1m a\n expected_fail_regexp n.", "fail: a match of n."),
        ("eval instant at 1m a\n expect fail regex:^a", "fail: a match of ^a"),
        ("eval instant a", "at 0"), ("eval instant at 1m a\n expect string `b\"`", "string b\""),
        ("eval instant at 1m a\n expect string \"b\\\"\"", "string b\""),
        ("eval instant at 1m a\n 0x10\n expect no_warn", "scalar 16.0 no_warn"),
        (
            "eval instant at 1m a[1m]\n a 1 2\n expect range vector from 10s to 20s step 10s",
            "10000 2"
        ),
    ])
    func `other forms are read`(text: String, expected: String) throws {
        let evaluation = try self.evaluation(text)
        let summary: String
        if let rule = evaluation.failure {
            if case .any = rule { summary = "fail" } else { summary = "fail: \(rule)" }
        } else if !evaluation.warnings.isEmpty {
            summary = "warn"
        } else if !evaluation.infos.isEmpty {
            summary = "info"
        } else if let text = evaluation.expectedString {
            summary = "string \(text)"
        } else if let scalar = evaluation.expectedScalar {
            summary = "scalar \(scalar)" + (evaluation.forbidsWarnings ? " no_warn" : "")
        } else if evaluation.rangeVectorTimes != nil {
            summary = "\(evaluation.pointTimes.start) \(evaluation.maximumPoints)"
        } else {
            summary = evaluation.isOrdered ? "ordered" : "at \(evaluation.pointTimes.start)"
        }
        #expect(summary == expected)
    }

    @Test(arguments: [
        ("\nrun 1m", 2, "unknown command"), ("load\n a 1", 1, "expected load"),
        ("load 1m 2m", 1, "expected load"), ("loads 1m", 1, "expected load"),
        ("load 1.5m\n a 1", 1, "bad step"), ("load 1m\n a 1\n b c", 3, "bad point"),
        ("load 1m\n a {b} 1", 2, "bad point"), ("load 1m\n a 1\neval", 3, "without points"),
        ("load 1m\n {a} 1", 2, "bad series"),
        ("load 290y\n a 1x9", 2, "later than"),
        ("load 1m\n a@st 0s\n b 1", 3, "another series"),
        ("load 1m\n a@st 0s", 1, "without points"),
        ("load 1m\n a@st 0s\n a@st 0s\n a 1", 3, "two lines"),
        ("load 1m\n a@st 0s 0s\n a 1", 3, "2 start timestamps for 1 points"),
        ("load 1m\n a@st 1\n a 1", 2, "bad start timestamp"),
        ("eval at 1m a", 1, "expected instant or range"), ("eval", 1, "expected instant"),
        ("evaluate instant at 0 a", 1, "unknown command"),
        ("eval instant at 1m", 1, "no expression"),
        ("eval instant at 1 a", 1, "bad duration"), ("eval instant at", 1, "expected at"),
        ("eval range from 0 to 1m a", 1, "expected step"),
        ("eval range at 1m a", 1, "expected from"),
        ("eval range from 2m to 1m step 1m a", 1, "ends before"),
        ("eval range from 0 to 1m step 0 a", 1, "step of 0"),
        ("eval instant at 0 a\n a 1 2", 2, "exactly one point"),
        ("eval instant at 0 a\n a _", 2, "exactly one point"),
        ("eval instant at 0 a\n a", 2, "exactly one point"),
        ("eval range from 0 to 2m step 1m a\n b 1\n a 1x3", 3, "4 points for 3 steps"),
        ("eval range from 0 to 2m step 1m a\n a _x2", 2, "without points"),
        ("eval instant at 0 a\n a 1\n a 2", 3, "expected twice"),
        ("eval instant at 0 a\n 1\n a 2", 3, "nothing may follow"),
        ("eval instant at 0 a\n a 1\n 2", 3, "both series and a scalar"),
        ("eval instant at 0 a\n expect", 2, "unknown expectation"),
        ("eval instant at 0 a\n expect nothing", 2, "unknown expectation"),
        ("eval instant at 0 a\n expect ordered please", 2, "unknown expectation"),
        ("eval instant at 0 a\n expect warn text", 2, "expected msg: or regex:"),
        ("eval instant at 0 a\n expect warn regex: a(", 2, "bad regular expression"),
        ("eval instant at 0 a\n expect warn regex: a)(b", 2, "bad regular expression"),
        ("eval instant at 0 a\n expect fail\n expect fail", 3, "twice"),
        ("eval instant at 0 a\n expect fail\n a 1", 1, "both a failure and a result"),
        ("eval instant at 0 a\n expect warn\n expect no_warn", 1, "both warn and no_warn"),
        ("eval instant at 0 a\n expect info\n expect no_info", 1, "both info and no_info"),
        ("eval instant at 0 a\n expect string text", 2, "not a quoted string"),
        ("eval instant at 0 a\n expect string \"a\" + \"b\"", 2, "not a quoted string"),
        ("eval instant at 0 a\n expect string \"a\"\n 1", 1, "both a string"),
        ("eval instant at 0 a\n expect range vector from 1m", 2, "expected to"),
        ("eval instant at 0 a\n expect range of from 0 to 1 step 1m", 2, "unknown expectation"),
        ("eval range from 0 to 1m step 1m a\n expect ordered", 1, "no order"),
        ("eval range from 0 to 1m step 1m a\n expect string \"\"", 1, "no string"),
        ("eval instant at 0 a\n expected_fail_message text", 2, "without eval_fail"),
    ])
    func `malformed scripts are refused with the line`(text: String, line: Int, reason: String) {
        #expect {
            _ = try ScriptParser.commands(of: text, name: "a.test")
        } throws: { error in
            String(describing: error).hasPrefix("a.test:\(line): ")
                && String(describing: error).contains(reason)
        }
    }

    private func evaluation(_ text: String) throws -> ScriptEvaluation {
        let commands = try ScriptParser.commands(of: text, name: "x")
        guard commands.count == 1, case .evaluate(let evaluation) = commands[0] else {
            throw SyntaxFault(reason: "\(commands)")
        }
        return evaluation
    }
}
