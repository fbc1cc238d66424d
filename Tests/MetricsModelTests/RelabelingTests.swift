import Testing

@testable import MetricsModel

@Suite struct RelabelingTests {
    private static func rule(_ change: (inout RelabelRule) -> Void) -> RelabelRule {
        var rule = RelabelRule()
        change(&rule)
        return rule
    }

    private static func apply(
        _ rules: [RelabelRule],
        dropping dropped: [String] = [],
        to labels: Labels
    ) throws -> Labels? {
        let relabeling = try Relabeling(rules: rules, droppedLabels: dropped)
        return labels.key.withUnsafeBufferPointer { relabeling.apply(to: $0) }
    }

    private static let labels: Labels = ["a": "foo", "b": "bar", "c": "baz"]

    /// Rules with what they make of ``labels``; nil is a dropped series.
    ///
    /// The cases follow those by which Prometheus
    /// describes its rules.
    private static let cases: [(RelabelRule, Labels?)] = [
        (
            rule {
                ($0.sourceLabels, $0.regex) = (["a"], "f(.*)")
                ($0.targetLabel, $0.replacement) = ("d", "ch${1}-ch${1}")
            },
            ["a": "foo", "b": "bar", "c": "baz", "d": "choo-choo"]
        ),
        (
            rule {
                ($0.sourceLabels, $0.regex) = (["a", "b"], "f(.*);(.*)r")
                ($0.targetLabel, $0.replacement) = ("a", "b${1}${2}m")
            },
            ["a": "boobam", "b": "bar", "c": "baz"]
        ),
        (
            rule {
                ($0.sourceLabels, $0.separator, $0.regex) = (["a", "b"], "", "foobar")
                ($0.targetLabel, $0.replacement) = ("d", "x")
            },
            ["a": "foo", "b": "bar", "c": "baz", "d": "x"]
        ),
        // No match: nothing happens. The expression must match all of the value.
        (rule { ($0.sourceLabels, $0.regex, $0.targetLabel) = (["a"], "o", "a") }, labels),
        // An empty result removes the target.
        (
            rule {
                ($0.sourceLabels, $0.regex) = (["a"], "(f).*")
                ($0.targetLabel, $0.replacement) = ("a", "$2")
            }, ["b": "bar", "c": "baz"]
        ),
        (rule { ($0.targetLabel, $0.replacement) = ("c", "") }, ["a": "foo", "b": "bar"]),
        // A target may be made of groups; an empty one is none.
        (
            rule {
                ($0.sourceLabels, $0.regex) = (["a"], "(?P<first>f).*")
                ($0.targetLabel, $0.replacement) = ("${first}_x", "$first")
            },
            ["a": "foo", "b": "bar", "c": "baz", "f_x": "f"]
        ),
        (rule { ($0.sourceLabels, $0.targetLabel) = (["none"], "$1") }, labels),
        // The replacement is the sources unless it is said otherwise.
        (
            rule { ($0.sourceLabels, $0.targetLabel) = (["a", "none", "b"], "d") },
            ["a": "foo", "b": "bar", "c": "baz", "d": "foo;;bar"]
        ),
        (rule { ($0.sourceLabels, $0.regex, $0.action) = (["a"], ".*o.*", .drop) }, nil),
        (rule { ($0.sourceLabels, $0.regex, $0.action) = (["a"], "o", .drop) }, labels),
        (rule { ($0.sourceLabels, $0.regex, $0.action) = (["a"], "f|foo", .keep) }, labels),
        (rule { ($0.sourceLabels, $0.regex, $0.action) = (["a"], "no-match", .keep) }, nil),
        (rule { ($0.sourceLabels, $0.regex, $0.action) = (["none"], "", .keep) }, labels),
        (rule { ($0.sourceLabels, $0.targetLabel, $0.action) = (["a"], "b", .dropequal) }, labels),
        (rule { ($0.sourceLabels, $0.targetLabel, $0.action) = (["a"], "a", .dropequal) }, nil),
        (rule { ($0.sourceLabels, $0.targetLabel, $0.action) = (["a"], "b", .keepequal) }, nil),
        (
            rule { ($0.sourceLabels, $0.targetLabel, $0.action) = (["none"], "gone", .keepequal) },
            labels
        ),
        (
            rule { ($0.regex, $0.replacement, $0.action) = ("([ab])", "x_$1", .labelmap) },
            ["a": "foo", "b": "bar", "c": "baz", "x_a": "foo", "x_b": "bar"]
        ),
        (rule { ($0.regex, $0.action) = ("a|c", .labeldrop) }, ["b": "bar"]),
        (rule { ($0.regex, $0.action) = ("a|c", .labelkeep) }, ["a": "foo", "c": "baz"]),
        (rule { ($0.regex, $0.action) = (".*", .labeldrop) }, nil),
        (
            rule { ($0.sourceLabels, $0.targetLabel, $0.action) = (["a"], "a", .uppercase) },
            ["a": "FOO", "b": "bar", "c": "baz"]
        ),
        (
            rule {
                ($0.sourceLabels, $0.targetLabel, $0.modulus, $0.action) = (
                    ["c"], "d", 1000, .hashmod
                )
            }, ["a": "foo", "b": "bar", "c": "baz", "d": "976"]
        ),
        (
            rule {
                ($0.sourceLabels, $0.targetLabel, $0.modulus, $0.action) = (
                    ["a"], "d", 1000, .hashmod
                )
            }, ["a": "foo", "b": "bar", "c": "baz", "d": "696"]
        ),
        (
            rule {
                ($0.sourceLabels, $0.targetLabel, $0.modulus, $0.action) = (
                    ["none"], "d", .max, .hashmod
                )
            }, ["a": "foo", "b": "bar", "c": "baz", "d": "16825458760271544958"]
        ),
    ]

    @Test(arguments: cases.indices)
    func `a rule does what it does in Prometheus`(index: Int) throws {
        let (rule, expected) = Self.cases[index]
        #expect(try Self.apply([rule], to: Self.labels) == expected, "\(rule)")
    }

    @Test func `rules follow each other, and labels are removed at the end`() throws {
        let rules = [
            Self.rule { ($0.sourceLabels, $0.targetLabel) = (["a"], "tmp") },
            Self.rule { ($0.sourceLabels, $0.targetLabel, $0.action) = (["tmp"], "b", .uppercase) },
            Self.rule { ($0.sourceLabels, $0.regex, $0.action) = (["b"], "FOO", .keep) },
        ]
        let result = try Self.apply(rules, dropping: ["tmp", "never there"], to: Self.labels)
        #expect(result == ["a": "foo", "b": "FOO", "c": "baz"])
        #expect(try Self.apply([], dropping: ["a", "b", "c"], to: Self.labels) == nil)
        #expect(try Self.apply([], to: [:]) == nil)
    }

    @Test func `letters are mapped one by one, and names are told apart by bytes`() throws {
        let upper = Self.rule {
            ($0.sourceLabels, $0.targetLabel, $0.action) = (["a"], "a", .uppercase)
        }
        #expect(try Self.apply([upper], to: ["a": "straße é"]) == ["a": "STRAßE É"])
        let composed: Labels = ["e\u{301}": "1", "\u{e9}": "2"]
        #expect(try Self.apply([], dropping: ["\u{e9}"], to: composed) == ["e\u{301}": "1"])
    }

    @Test func `labels that are no text come back as they are`() throws {
        var key: [UInt8] = []
        let (name, value): ([UInt8], [UInt8]) = ([0x61], [0xff, 0xfe])
        name.withUnsafeBufferPointer { name in
            value.withUnsafeBufferPointer { SeriesKey.append(name: name, value: $0, to: &key) }
        }
        let labels = Labels(unchecked: key)
        #expect(try Self.apply([], dropping: ["a"], to: labels) == labels)
    }

    @Test func `values that grow without end stop growing`() throws {
        let doubling = Self.rule {
            ($0.sourceLabels, $0.targetLabel, $0.replacement) = (["a"], "a", "$1$1")
        }
        let result = try Self.apply(Array(repeating: doubling, count: 100), to: Self.labels)
        let size = try #require(result?.value(of: "a")?.utf8.count)
        #expect((65_537...131_072).contains(size))
    }

    @Test(arguments: [
        (rule { $0.regex = "x" }, "needs a target_label"),
        (
            rule {
                $0.action = .hashmod
                $0.targetLabel = "a"
            }, "needs a modulus"
        ),
        (
            rule {
                $0.action = .labeldrop
                $0.sourceLabels = ["a"]
            }, "takes a regex only"
        ),
        (
            rule {
                $0.action = .labelkeep
                $0.replacement = "x"
            }, "takes a regex only"
        ),
        (
            rule {
                $0.action = .keepequal
                $0.targetLabel = "a"
                $0.regex = "x"
            }, "source_labels and a target_label only"
        ),
        (
            rule {
                $0.action = .lowercase
                $0.targetLabel = "a"
                $0.replacement = "x"
            }, "takes no replacement"
        ),
        (
            rule {
                $0.targetLabel = "a"
                $0.regex = "("
            }, "regex \"(\" is none"
        ),
    ])
    func `a rule that cannot be applied says why`(rule: RelabelRule, part: String) {
        #expect(rule.fault?.contains(part) == true, "\(rule.fault ?? "none")")
        let error = #expect(throws: RelabelRuleError.self) {
            try Relabeling(rules: [RelabelRule(), rule].suffix(1))
        }
        #expect(error?.description.hasPrefix("rule 1: ") == true)
    }

    @Test func `other rules have another salt`() throws {
        let one = Self.rule { $0.targetLabel = "a" }
        let other = Self.rule {
            $0.targetLabel = "a"
            $0.replacement = ""
        }
        let salts = [
            try Relabeling(rules: [one]).salt, try Relabeling(rules: [other]).salt,
            try Relabeling(rules: [one, one]).salt,
            try Relabeling(rules: [one], droppedLabels: ["a"]).salt,
            try Relabeling(rules: [one], droppedLabels: ["b"]).salt,
        ]
        #expect(Set(salts).count == salts.count)
        #expect(try Relabeling(rules: [one]) == Relabeling(rules: [one]))
        #expect(try Relabeling(rules: [one]) != Relabeling(rules: [other]))
    }

    /// Some of RFC 1321, and lengths around the end of a block.
    @Test(
        arguments: [
            ("", 0xe980_0998_ecf8_427e),
            ("abc", 0xd696_3f7d_28e1_7f72),
            ("message digest", 0x525a_2f31_aaf1_61d0),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                0xac49_da2e_2107_b67a
            ),
            ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0xd958_a707_38aa_8f72),
            ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0x62da_bcaf_ad6d_b14b),
            (
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                0x0356_7bdf_f99d_8981
            ),
            (
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                0x7947_682a_eb25_2456
            ),
            (
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                0xcfcd_dc63_3f12_c24f
            ),
            (
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                0x2620_b64f_46e1_c5b5
            ),
        ] as [(String, UInt64)]
    )
    func `a digest is MD5`(text: String, lastHalf: UInt64) {
        #expect(MD5.lastHalf(of: Array(text.utf8)) == lastHalf)
    }
}
