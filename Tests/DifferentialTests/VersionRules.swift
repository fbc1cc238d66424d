import QueryFuzzing

/// What Prometheus 3 means otherwise than the Prometheus 2.42 that answers are compared with.
///
/// Differences that the choice of queries and data avoids:
/// - Windows and the lookback hold their left border in 2.42: no border meets a sample.
/// - What is new (functions, `limitk`, numbers as durations, quoted names, duration arithmetic, …) is not asked.
/// - 2.42 has neither warnings nor infos: they are not compared.
/// - Texts of errors have changed: their types are compared.
/// - `histogram_fraction` takes only native histograms: it is not asked.
enum VersionRules {
    /// One rule; a difference that fits it is no defect.
    struct Rule: Sendable {
        var name: String
        var fits: @Sendable (QueryTraits, AnswerComparison.Difference, Answer, Answer) -> Bool
    }

    static let rules = [
        // 2.42 first moves the start of a counter's extrapolation to where the counter would be zero, and then
        // compares with 1.1 times the mean distance of samples; 3 does so in the other order. Both agree on
        // counters as the generator makes them, not on gauges and subqueries.
        Rule(name: "zero of a counter before the threshold") { traits, difference, _, _ in
            traits.contains(.rateOfOther)
                && (difference.nature == .values
                    || (traits.contains(.valueCounts) && difference.nature == .labels))
        },
        // The variance of a single NaN or infinite value is 0 in 2.42 and NaN in 3.
        Rule(name: "variance of one value that is not finite") { traits, difference, ours, _ in
            traits.contains(.variance) && difference.nature == .values
                && ours.series.contains { $0.values.contains { $0.isNaN } }
        },
        // 2.42 forgets to drop the name after `atan2`.
        Rule(name: "atan2 keeps the name") { traits, difference, _, _ in
            traits.contains(.arcTangent) && [.labels, .kind].contains(difference.nature)
        },
        // With `@`, 2.42 takes the window of the first step only there, and moves it with the steps: the others
        // see other samples or none.
        Rule(name: "predict_linear moves a pinned window") { traits, difference, _, _ in
            traits.contains(.prediction)
                && [.values, .timestamps, .labels].contains(difference.nature)
        },
        // A second partner fails in 3 also where a comparison filters it out, in 2.42 only where it stays.
        Rule(name: "second partner of a filtered element") { _, difference, ours, theirs in
            difference.nature == .kind && theirs.message.isEmpty
                && ours.message.contains("many-to-one matching must be explicit")
        },
        // 2.42 appends the label of `count_values` to the list of `by` at each step without sorting it, and then
        // loses other labels of the list.
        Rule(name: "count_values forgets labels") { traits, difference, _, _ in
            traits.contains(.valueCounts) && difference.nature == .labels
        },
        // Series that a sign makes equal fail in 2.42; 3 merges them if they share no time.
        Rule(name: "signs merge series") { traits, difference, ours, theirs in
            traits.contains(.negation) && difference.nature == .kind
                && theirs.message.contains("same labelset") && ours.message.isEmpty
        },
    ]

    /// The query in the words of 2.42.
    static func olderText(_ text: String) -> String {
        text.replacing("double_exponential_smoothing(", with: "holt_winters(")
    }

    /// The name of the rule that a difference fits.
    static func excuse(
        _ difference: AnswerComparison.Difference,
        _ traits: QueryTraits,
        ours: Answer,
        theirs: Answer
    ) -> String? {
        rules.first { $0.fits(traits, difference, ours, theirs) }?.name
    }
}
