internal import MetricsModel
internal import PromQL

extension ScriptHistogram {
    /// The next histogram of a growing list.
    ///
    /// - Throws: Where the other one has less resolution, or other kinds of buckets.
    func adding(_ other: ScriptHistogram) throws(SyntaxFault) -> ScriptHistogram {
        try combined(with: other) { left, right throws(IncompatibleHistograms) in
            try left.adding(right).histogram
        }
    }

    /// The next histogram of a shrinking list; see ``adding(_:)``.
    func subtracting(_ other: ScriptHistogram) throws(SyntaxFault) -> ScriptHistogram {
        try combined(with: other) { left, right throws(IncompatibleHistograms) in
            try left.subtracting(right).histogram
        }
    }

    private func combined(
        with other: ScriptHistogram,
        _ combine: (Histogram, Histogram) throws(IncompatibleHistograms) -> Histogram
    ) throws(SyntaxFault) -> ScriptHistogram {
        guard value.schema <= other.value.schema else {
            throw SyntaxFault(
                reason: "a histogram of schema \(value.schema) does not take one of schema "
                    + "\(other.value.schema)"
            )
        }
        do throws(IncompatibleHistograms) {
            return ScriptHistogram(
                value: try combine(value, other.value),
                statesHint: statesHint || other.statesHint
            )
        } catch {
            throw SyntaxFault(
                reason: "exponential and custom buckets have no common bounds"
            )
        }
    }
}
