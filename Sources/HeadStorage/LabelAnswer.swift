public import MetricsModel

/// What all series of a head answered to a question about labels, to be given again without asking them.
///
/// Each name or value has a witness: a sample at a known time. As long as none of them has left memory, and no name or value has
/// come, the answer is the same for every range that holds all their times.
public struct LabelAnswer: Sendable {
    /// In the order of their bytes.
    public let strings: [String]
    fileprivate let generation: UInt64
    fileprivate let name: UInt32?
    fileprivate let witnesses: ClosedRange<Int64>
}

extension Head {
    /// What a finished search without matchers found, if it holds for other ranges too.
    ///
    /// - Parameter strings: What was found.
    public func lasting(_ search: LabelSearch, _ strings: [String]) -> LabelAnswer? {
        guard isCurrent(search), let witnesses = search.witnesses,
            search.isFound.allSatisfy(\.self), strings.count == placeCount(search.name)
        else { return nil }
        return LabelAnswer(
            strings: strings,
            generation: labelGeneration,
            name: search.name,
            witnesses: witnesses
        )
    }

    /// Whether an answer is that to the same question about a range now.
    public func holds(_ answer: LabelAnswer, in range: TimeRange) -> Bool {
        answer.generation == labelGeneration && placeCount(answer.name) == answer.strings.count
            && range.start <= answer.witnesses.lowerBound
            && answer.witnesses.upperBound < range.end
            && newestDropped < answer.witnesses.lowerBound
    }

    /// How many values a label has or had, or how many names there are or were.
    private func placeCount(_ name: UInt32?) -> Int {
        let names = labelIndex.pairs.names
        return name.map { names[Int($0)].pairs.count } ?? names.count
    }
}
